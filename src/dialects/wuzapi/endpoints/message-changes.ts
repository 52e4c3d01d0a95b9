import { z } from 'zod'
import { type Endpoint, post, reply } from '../../../http/endpoint/endpoint.ts'
import { bool, optional, requiredText, text, unsigned } from '../../../http/endpoint/fields.ts'
import { ApiError } from '../../../lib/errors.ts'
import { limits } from '../../../lib/limits.ts'
import { hasMembers, type MessageTarget } from '../../../lib/message-ref.ts'
import { type Pin, pinMessage, revokeMessage } from '../../../operations/messages/message-changes.ts'
import type { Sent } from '../../../whatsapp/outbound/outgoing.ts'
import type { LiveSession } from '../../../whatsapp/session/session.ts'
import { goTime } from '../../shared/go/time.ts'
import { parseLibraryJid } from '../../shared/whatsmeow/jid.ts'
import { parseJid, requireJid } from '../shapes/jid.ts'
import { sentShape, timestamp } from '../shapes/replies.ts'

const revocation = z.object({
  Phone: requiredText('missing Phone in payload', limits.address).describe('Chat of the message'),
  Id: requiredText('missing Id in payload', limits.messageId),
  SenderJID: text(limits.address).describe(
    'Who wrote it, when you delete the message of another as admin of a group',
  ),
})

const pin = z.object({
  Chat: requiredText('missing Chat in payload', limits.address),
  Id: requiredText('missing Id in payload', limits.messageId),
  Sender: text(limits.address).describe('Who wrote the message; needed in groups'),
  DurationSeconds: unsigned().describe('86400, 604800 (default) or 2592000'),
  Pin: optional(bool()).describe('false takes the message down'),
})

const pinShape = z.object({
  Chat: z.string(),
  Details: z.string(),
  DurationSeconds: z.int().optional(),
  Id: z.string(),
  Timestamp: z.string().describe('RFC 3339, UTC'),
})

const DAY = 24 * 60 * 60
const PIN_DURATIONS = [DAY, 7 * DAY, 30 * DAY]
const DEFAULT_PIN = 7 * DAY

/** A number without server is left to the session, which finds the chat that messages to it went to. */
function chatOf(given: string, jid: string): string {
  return given.includes('@') ? jid : given.replace(/^\+/, '')
}

function revocationOf(body: z.infer<typeof revocation>, profile: string): MessageTarget {
  const chat = requireJid(body.Phone, 'Phone', profile)
  return { chat: chatOf(body.Phone, chat), id: body.Id, author: body.SenderJID && authorOf(body.SenderJID) }
}

/** A person's JID in full; `c.us` is the older name of the server of phone numbers. */
function authorOf(given: string): string {
  const { server, user } = parsedAuthor(given) ?? { server: '', user: '' }
  if (!/^\d+$/.test(user) || !['s.whatsapp.net', 'lid', 'c.us'].includes(server)) {
    throw new ApiError('invalid_jid', {
      text: 'invalid SenderJID: expected a complete numeric user JID ending in @s.whatsapp.net or @lid',
    })
  }
  return `${user}@${server === 'c.us' ? 's.whatsapp.net' : server}`
}

function parsedAuthor(given: string) {
  try {
    return parseLibraryJid(given)
  } catch {
    return undefined
  }
}

function pinOf(body: z.infer<typeof pin>, profile: string): Pin {
  const chat = validJid(body.Chat, 'invalid Chat JID', profile)
  const author = body.Sender && validJid(body.Sender, 'invalid Sender JID', profile)
  if (author === '' && hasMembers(chat))
    throw new ApiError('missing_field', { text: 'missing Sender in payload for group chat' })
  const wanted = body.DurationSeconds || DEFAULT_PIN
  const durationSeconds = body.Pin === false ? 0 : wanted
  if (durationSeconds > 0 && !PIN_DURATIONS.includes(durationSeconds)) {
    throw new ApiError('invalid_field', {
      text: `invalid DurationSeconds, must be one of ${PIN_DURATIONS.join(', ')}`,
    })
  }
  return { chat: chatOf(body.Chat, chat), id: body.Id, author, durationSeconds }
}

function validJid(given: string, sentence: string, profile: string): string {
  const jid = parseJid(given, profile)
  if (jid === undefined) throw new ApiError('invalid_jid', { text: sentence })
  return jid
}

function refuseUnlessConnected(session: LiveSession): void {
  if (!session.status.connected) throw new ApiError('not_connected')
}

/** Its failure says what was tried, which no single wording of the endpoint could. */
async function setPin(session: LiveSession, pin: Pin): Promise<Pin & Sent> {
  try {
    return await pinMessage(session, pin)
  } catch (error) {
    if (!(error instanceof ApiError) || error.status < 500) throw error
    const text = `could not ${pin.durationSeconds > 0 ? 'pin' : 'unpin'} message: ${error.message}`
    throw new ApiError(error.code, { ...error.details, text }, { cause: error })
  }
}

export const messageChangeEndpoints: Endpoint[] = [
  post('/chat/delete', {
    summary: 'Delete a message for everyone',
    undecodable: 'could not decode payload',
    body: revocation,
    run: revokeMessage,
    repeatable: 'change',
    input: ({ body }, { profile }) => revocationOf(body, profile),
    reply: reply(sentShape, (deleted: Sent, context) => ({
      Details: 'Deleted',
      Id: deleted.id,
      Timestamp: timestamp(deleted.timestamp, context),
    })),
    failure: 'error sending message: %s',
  }),

  post('/chat/pin', {
    summary: 'Pin a message for everybody in its chat, or take it down',
    before: refuseUnlessConnected,
    undecodable: 'could not decode payload',
    body: pin,
    run: setPin,
    repeatable: 'change',
    input: ({ body }, { profile }) => pinOf(body, profile),
    reply: reply(pinShape, (pinned: Pin & Sent) => ({
      Chat: pinned.chat.includes('@') ? pinned.chat : `${pinned.chat}@s.whatsapp.net`,
      Details: pinned.durationSeconds > 0 ? 'Message pinned' : 'Message unpinned',
      ...(pinned.durationSeconds > 0 && { DurationSeconds: pinned.durationSeconds }),
      Id: pinned.id,
      Timestamp: goTime(pinned.timestamp, 'UTC'),
    })),
  }),
]
