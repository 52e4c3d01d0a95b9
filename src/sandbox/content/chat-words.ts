import { z } from 'zod'
import { jidDecode, proto } from '../../whatsapp/library/engine.ts'
import { invitePersonally } from '../iq/group-joining.ts'
import { withInfo } from './context-info.ts'
import { audioMessage, file, imageMessage, videoMessage } from './file.ts'
import { type ContentContext, ownEarlier, word } from './word.ts'

const { EPHEMERAL_SETTING, SHARE_PHONE_NUMBER, STATUS_MENTION_MESSAGE } = proto.Message.ProtocolMessage.Type
const { PIN_FOR_ALL, UNPIN_FOR_ALL } = proto.Message.PinInChatMessage.Type
const { KEEP_FOR_ALL, UNDO_KEEP_FOR_ALL } = proto.KeepType
const { CHANGED_IN_CHAT } = proto.DisappearingMode.Initiator
const { CHAT_SETTING } = proto.DisappearingMode.Trigger

const WEEK_SECONDS = 7 * 24 * 60 * 60

/** What is said about chats, groups, channels, statuses and numbers. */
export const chatWords = {
  pin: word(
    z.object({ id: z.string(), on: z.boolean().default(true), seconds: z.int().default(WEEK_SECONDS) }),
    ({ id, on, seconds }, { keyOf }) => ({
      messageContextInfo: { messageAddOnDurationInSecs: on ? seconds : 0 },
      pinInChatMessage: {
        key: keyOf(id),
        type: on ? PIN_FOR_ALL : UNPIN_FOR_ALL,
        senderTimestampMs: Date.now(),
      },
    }),
  ),
  /** Keeps a message that would disappear. */
  keep: word(z.object({ id: z.string(), on: z.boolean().default(true) }), ({ id, on }, { keyOf }) => ({
    keepInChatMessage: {
      key: keyOf(id),
      keepType: on ? KEEP_FOR_ALL : UNDO_KEEP_FOR_ALL,
      timestampMs: Date.now(),
    },
  })),
  /** Seconds after which the chat's messages disappear from now on; 0 = never. */
  disappearing: word(z.object({ seconds: z.int().nonnegative() }), ({ seconds }, { chat }) => {
    if (isGroup(chat)) throw new Error('a group is told to the service how long messages stay')
    return {
      protocolMessage: {
        type: EPHEMERAL_SETTING,
        ephemeralExpiration: seconds,
        ephemeralSettingTimestamp: Math.floor(Date.now() / 1000),
        disappearingMode: { initiator: CHANGED_IN_CHAT, trigger: CHAT_SETTING, initiatedByMe: true },
      },
    }
  }),
  /** Invites the other one to a group the speaker is in. */
  groupInvite: word(
    z.object({ group: z.string(), caption: z.string().optional() }),
    ({ group: jid, caption }, { network, account, chat }) => {
      const group = network.findGroup(jid)
      const invited = network.findAccount(chat)
      if (!group?.members.has(account) || !invited) throw new Error(`there is no group ${jid} to invite to`)
      const { code, expiresAt } = invitePersonally(group, invited)
      return {
        groupInviteMessage: {
          groupJid: group.jid,
          groupName: group.subject,
          inviteCode: code,
          inviteExpiration: expiresAt,
          caption,
          groupType: group.isCommunity ? 1 : 0,
        },
      }
    },
  ),
  /** Asks somebody to help with a channel. */
  channelAdminInvite: word(
    z.object({ channel: z.string(), caption: z.string().optional() }),
    ({ channel, caption }, { network, account }) => {
      const found = network.newsletters.find(channel)
      if (!found?.isOwner(account)) throw new Error(`${account.phone} has no channel ${channel}`)
      return {
        newsletterAdminInviteMessage: {
          newsletterJid: found.jid,
          newsletterName: found.name,
          caption,
          inviteExpiration: Math.floor(Date.now() / 1000) + WEEK_SECONDS,
        },
      }
    },
  ),
  requestPhoneNumber: word(z.literal(true), () => ({ requestPhoneNumberMessage: { contextInfo: {} } })),
  sharePhoneNumber: word(z.literal(true), () => ({ protocolMessage: { type: SHARE_PHONE_NUMBER } })),
  /** Tells somebody, or a group, of a status that mentions them. */
  statusMention: word(z.object({ id: z.string() }), ({ id }, context) => {
    ownEarlier(context, id)
    const key = { remoteJid: 'status@broadcast', fromMe: true, id, participant: context.account.lidJid() }
    const message = { protocolMessage: { type: STATUS_MENTION_MESSAGE, key } }
    return isGroup(context.chat)
      ? { groupStatusMentionMessage: { message } }
      : { statusMentionMessage: { message } }
  }),
  /** A status that a group sees. */
  groupStatus: word(
    z.object({ text: z.string(), image: file, video: file, audio: file }).partial(),
    async (given, context) => {
      if (!isGroup(context.chat)) throw new Error('only groups have statuses of their own')
      const message = withInfo(await statusContent(given, context), { isGroupStatus: true })
      return { groupStatusMessageV2: { message } }
    },
  ),
  /** A text that names a group of the same community. */
  groupMention: word(
    z.object({ text: z.string(), group: z.string() }),
    ({ text, group: jid }, { network }) => {
      const group = network.findGroup(jid)
      if (!group) throw new Error(`there is no group ${jid}`)
      const groupMentions = [{ groupJid: group.jid, groupSubject: group.subject }]
      return {
        groupMentionedMessage: { message: { extendedTextMessage: { text, contextInfo: { groupMentions } } } },
      }
    },
  ),
  /** A text that is meant for one of the service's bots, where others read it. */
  botInvoke: word(z.object({ text: z.string(), bot: z.string() }), ({ text, bot }) => ({
    botInvokeMessage: {
      message: { extendedTextMessage: { text, contextInfo: { mentionedJid: [bot] } } },
    },
  })),
}

interface StatusGiven {
  text?: string
  image?: z.infer<typeof file>
  video?: z.infer<typeof file>
  audio?: z.infer<typeof file>
}

async function statusContent(
  { text, image, video, audio }: StatusGiven,
  context: ContentContext,
): Promise<proto.IMessage> {
  if (image) return { imageMessage: await imageMessage(image, context) }
  if (video) return { videoMessage: await videoMessage(video, context) }
  if (audio) return { audioMessage: await audioMessage(audio, context) }
  if (text === undefined) throw new Error('a status is a text, an image, a video or an audio')
  return { extendedTextMessage: { text } }
}

function isGroup(chat: string): boolean {
  return jidDecode(chat)?.server === 'g.us'
}
