import type { Rendered } from '../../../delivery/renderer.ts'
import type { EventOf } from '../../../events/event.ts'
import type { JsonObject } from '../../../events/event-parts.ts'
import { objectAt, textAt } from '../../../events/unwrap.ts'
import { ownMember } from '../../../lib/own-member.ts'
import { personIn } from '../shapes/addresses.ts'

type Change = EventOf<'appstate.change'>

/** Kind of a change (the first part of its index) -> the event of this dialect; `index` is the rest. */
const KINDS: Record<string, (index: string[], action: JsonObject) => Rendered> = {
  contact: ([jid = ''], action) => {
    const contact = objectAt(action, 'contactAction')
    const [fullName, firstName] = [textAt(contact, 'fullName'), textAt(contact, 'firstName')]
    return renderAs('contact_changed', { jid, fullName, firstName })
  },
  archive: ([chat = ''], action) =>
    renderAs('chat_archived', { chat, archived: objectAt(action, 'archiveChatAction')?.archived === true }),
  mute: ([chat = ''], action) => {
    const mute = objectAt(action, 'muteAction')
    const muted = mute?.muted === true
    return renderAs('chat_muted', { chat, muted, until: muted ? seconds(mute.muteEndTimestamp) : 0 })
  },
  pin_v1: ([chat = ''], action) =>
    renderAs('chat_pinned', { chat, pinned: objectAt(action, 'pinAction')?.pinned === true }),
  deleteChat: ([chat = '']) => renderAs('chat_removed', { chat }),
  markChatAsRead: ([chat = ''], action) =>
    renderAs('unread_count', { chat, read: objectAt(action, 'markChatAsReadAction')?.read === true }),
  star: ([chat = '', messageId = ''], action) =>
    renderAs('message_starred', {
      chat,
      messageId,
      starred: objectAt(action, 'starAction')?.starred === true,
    }),
  deleteMessageForMe: ([chat = '', messageId = '']) => renderAs('message_revoke_me', { chat, messageId }),
  label_edit: ([labelId = ''], action) => {
    const label = objectAt(action, 'labelEditAction')
    return renderAs('label_edit', {
      labelId,
      name: textAt(label, 'name'),
      color: Number(label?.color ?? 0),
      deleted: label?.deleted === true,
    })
  },
  label_jid: ([labelId = '', chat = ''], action) =>
    renderAs('label_association_chat', { chat, labelId, labeled: isLabeled(action) }),
  label_message: ([labelId = '', chat = '', messageId = ''], action) =>
    renderAs('label_association_message', { chat, messageId, labelId, labeled: isLabeled(action) }),
}

/** A change of what the account's devices share; nothing for what a new device only learns of the past. */
export function appStateChange(event: Change): Rendered | undefined {
  const { index, action, fromFullSync } = event
  const [kind = '', ...others] = index
  const rest = others.map((part) => personIn(event, part))
  return fromFullSync ? undefined : ownMember(KINDS, kind)?.(rest, action)
}

function isLabeled(action: JsonObject): boolean {
  return objectAt(action, 'labelAssociationAction')?.labeled === true
}

/** Milliseconds as unix seconds; negative means for ever. */
function seconds(milliseconds: unknown): number {
  const value = Number(milliseconds ?? 0)
  return value < 0 ? -1 : Math.floor(value / 1000)
}

/** An event under the name this dialect has for it. */
export function renderAs(name: string, payload: object): Rendered {
  return { name, payload }
}
