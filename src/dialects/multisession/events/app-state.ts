import type { EventOf } from '../../../events/event.ts'
import type { JsonObject } from '../../../events/event-parts.ts'
import { objectAt, textAt } from '../../../events/unwrap.ts'
import { ownMember } from '../../../lib/own-member.ts'
import { goProto } from '../../shared/go/proto.ts'
import { goTimeMs } from '../../shared/go/time.ts'
import type { EventName } from './names.ts'
import { type Telling, type Tellings, tell, tellFacts } from './telling.ts'

type Change = EventOf<'appstate.change'>

/** How one kind of change is told: its name, its part of the action, and what the rest of its index says. */
interface Kind {
  name: EventName
  member: string
  facts(index: string[], action: JsonObject | undefined): object
}

const ofChat = ([chat = '']: string[]) => ({ chat })

/** A message in an index: chat, id, whether it is the account's own, and its author where that is not the chat. */
function ofMessage([chat = '', id = '', fromMe = '', sender = '']: string[]): object {
  return { chat, message_id: id, is_from_me: fromMe === '1', sender: sender === '0' ? '' : sender }
}

/** Kind of a change, which is the first part of its index -> how it is told; the functions get the rest of the index. */
const KINDS: Record<string, Kind> = {
  mute: { name: 'chat.mute', member: 'muteAction', facts: ofChat },
  archive: { name: 'chat.archive', member: 'archiveChatAction', facts: ofChat },
  pin_v1: { name: 'chat.pin', member: 'pinAction', facts: ofChat },
  markChatAsRead: { name: 'chat.mark_read', member: 'markChatAsReadAction', facts: ofChat },
  star: { name: 'chat.star', member: 'starAction', facts: ofMessage },
  deleteMessageForMe: {
    name: 'chat.delete_for_me',
    member: 'deleteMessageForMeAction',
    facts: ofMessage,
  },
  deleteChat: {
    name: 'chat.delete',
    member: 'deleteChatAction',
    facts: ([chat = '', media = '1']) => ({ chat, delete_media: media === '1' }),
  },
  clearChat: {
    name: 'chat.clear',
    member: 'clearChatAction',
    facts: ([chat = '', _starred, media = '1']) => ({ chat, delete_media: media === '1' }),
  },
  label_edit: {
    name: 'label.edit',
    member: 'labelEditAction',
    facts: ([label = '']) => ({ label_id: label }),
  },
  label_jid: {
    name: 'label.chat',
    member: 'labelAssociationAction',
    facts: ([label = '', chat = '']) => ({ label_id: label, chat }),
  },
  label_message: {
    name: 'label.message',
    member: 'labelAssociationAction',
    facts: ([label = '', chat = '', id = '']) => ({ label_id: label, chat, message_id: id }),
  },
  setting_unarchiveChats: {
    name: 'settings.unarchive_chats',
    member: 'unarchiveChatsSetting',
    facts: () => ({}),
  },
  userStatusMute: {
    name: 'status.mute',
    member: 'userStatusMuteAction',
    facts: ([person = '']) => ({ target: person }),
  },
  setting_pushName: {
    name: 'pushname.setting',
    member: 'pushNameSetting',
    facts: (_index, action) => ({ push_name: textAt(action, 'name') }),
  },
  contact: {
    name: 'contact.update',
    member: 'contactAction',
    facts: ([contact = '']) => ({ contact_jid: contact }),
  },
}

/** What is told of the settings that the account's devices share. */
export const appStateTellings = {
  'appstate.change': changed,
  'appstate.complete': ({ collection, version = 0 }) => [
    tellFacts('appstate.sync_complete', { name: collection, version, recovery: false }),
  ],
  'appstate.failed': ({ collection, isFull, error }) => [
    tellFacts('appstate.sync_error', { name: collection, full_sync: isFull, error }),
  ],
} satisfies Partial<Tellings>

/** A change, and that there was one; nothing for what a new device only learns of the past. */
function changed({ index, action, fromFullSync }: Change): Telling[] {
  if (fromFullSync) return []
  const [first = '', ...rest] = index
  const kind = ownMember(KINDS, first)
  const patch = tellFacts('appstate.patch_received', { index })
  if (!kind) return [patch]
  const content = objectAt(action, kind.member)
  // Milliseconds, as they came.
  const changedAtMs = Number(action.timestamp ?? 0)
  const told = tell(kind.name, (timeZone) => ({
    ...kind.facts(rest, content),
    timestamp: goTimeMs(changedAtMs, timeZone),
    from_full: fromFullSync,
    ...(kind.name === 'contact.update'
      ? { action: protoText(content) }
      : { action_raw: content ? goProto(content) : null }),
  }))
  return [told, patch]
}

/** A flat protobuf message in the text form of Go: `fullName:"Carol Jones" saveOnPrimaryAddressbook:true`. */
function protoText(message: JsonObject = {}): string {
  return Object.entries(message)
    .filter(([, value]) => ['string', 'number', 'boolean'].includes(typeof value))
    .map(([field, value]) => `${field}:${JSON.stringify(value)}`)
    .join(' ')
}
