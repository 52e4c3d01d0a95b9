import { ApiError } from '../../lib/errors.ts'
import type { MessageName } from '../../lib/message-ref.ts'
import { type KeptLabel, labelsOnChat, listLabels } from '../../store/labels.ts'
import { chatAliases } from '../../whatsapp/inbound/chat-aliases.ts'
import type { LiveSession } from '../../whatsapp/session/session.ts'
import type { UserScope } from '../services.ts'
import { changeShared } from './chats.ts'

/** A label of a business account. */
export interface Label {
  id: string
  name: string
  /** Number of one of WhatsApp's colours. */
  color: number
  deleted: boolean
}

/** Makes, changes or deletes a label. */
export async function editLabel(session: LiveSession, label: Label): Promise<Label> {
  // Labels belong to the account; the library asks for a chat all the same.
  await changeShared(session, (socket) => socket.addLabel('', label))
  return label
}

/** A label on a chat. */
export interface ChatLabel {
  /** JID of the chat. */
  chat: string
  labelId: string
  /** Put it on, or take it off. */
  labeled: boolean
}

/** Puts a label on a chat or takes it off. */
export async function labelChat(session: LiveSession, label: ChatLabel): Promise<ChatLabel> {
  const { chat, labelId, labeled } = label
  await changeShared(session, (socket) =>
    labeled ? socket.addChatLabel(chat, labelId) : socket.removeChatLabel(chat, labelId),
  )
  return label
}

/** A label on a message. */
export interface MessageLabel extends ChatLabel, MessageName {}

/** Puts a label on a message or takes it off. */
export async function labelMessage(session: LiveSession, label: MessageLabel): Promise<MessageLabel> {
  const { chat, id, labelId, labeled } = label
  await changeShared(session, (socket) =>
    labeled ? socket.addMessageLabel(chat, id, labelId) : socket.removeMessageLabel(chat, id, labelId),
  )
  return label
}

/** The labels of the account, as far as its devices have told. Throws `no_session`: they belong to the linked account. */
export async function knownLabels({ user, services }: UserScope): Promise<KeptLabel[]> {
  services.sessions.live(user.id)
  return listLabels(services.db, user.id)
}

/** The labels on a chat, whichever of a person's two addresses they were put on. Throws `no_session`. */
export async function labelsOf({ user, services }: UserScope, chat: string): Promise<KeptLabel[]> {
  const { db, secrets, sessions } = services
  sessions.live(user.id)
  return labelsOnChat(db, user.id, await chatAliases(db, secrets, user.id, chat))
}

/** A label to make, change or delete; what is absent stays as it is. */
export interface LabelChange {
  id: string
  name?: string
  color?: number
  deleted: boolean
}

/** Makes, changes or deletes a label. Throws `no_session`, and `missing_field` for one that would be without a name. */
export async function changeLabel(
  scope: UserScope,
  { id, name, color, deleted }: LabelChange,
): Promise<Label> {
  const present = (await knownLabels(scope)).find((label) => label.id === id)
  const label = { id, name: name || present?.name || '', color: color ?? present?.color ?? 0, deleted }
  if (label.name === '' && !deleted) throw new ApiError('missing_field', { text: 'name is required' })
  return editLabel(scope.services.sessions.live(scope.user.id), label)
}

/** Several labels that are put on several chats or taken off. */
export interface ChatLabels {
  /** JIDs of the chats. */
  chats: string[]
  labelIds: string[]
  labeled: boolean
}

/** Puts labels on chats or takes them off, one after the other as every change is based on the one before. */
export async function labelChats(
  session: LiveSession,
  { chats, labelIds, labeled }: ChatLabels,
): Promise<void> {
  for (const chat of chats)
    for (const labelId of labelIds) await labelChat(session, { chat, labelId, labeled })
}

/**
 * Gives a chat these labels and no others. Each comes off whichever of a person's addresses has it; new ones go where
 * labels are already, else on the address given. Throws `no_session`.
 */
export async function setLabels(
  scope: UserScope,
  { chat, labelIds }: { chat: string; labelIds: string[] },
): Promise<void> {
  const { user, services } = scope
  const { db, secrets, sessions } = services
  const session = sessions.live(user.id)
  const wanted = new Set(labelIds)
  const present = new Set<string>()
  let labelled: string | undefined
  for (const alias of await chatAliases(db, secrets, user.id, chat)) {
    const ids = (await labelsOnChat(db, user.id, [alias])).map(({ id }) => id)
    if (ids.length > 0) labelled ??= alias
    for (const id of ids) present.add(id)
    const surplus = ids.filter((id) => !wanted.has(id))
    await labelChats(session, { chats: [alias], labelIds: surplus, labeled: false })
  }
  const missing = [...wanted].filter((id) => !present.has(id))
  await labelChats(session, { chats: [labelled ?? chat], labelIds: missing, labeled: true })
}
