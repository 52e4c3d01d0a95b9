import type { MessageEvent } from '../../events/event.ts'
import { ApiError } from '../../lib/errors.ts'
import { hasMembers, type MessageName } from '../../lib/message-ref.ts'
import { findContacts } from '../../store/contacts.ts'
import { listHistory } from '../../store/messages/history.ts'
import { listResponses, type MessageResponse } from '../../store/messages/message-responses.ts'
import { findMessage, newestOfChat, type StoredMessage } from '../../store/messages/messages.ts'
import { chatAliases, phonesOf } from '../../whatsapp/inbound/chat-aliases.ts'
import { isReferable } from '../../whatsapp/inbound/store-received.ts'
import { proto } from '../../whatsapp/library/engine.ts'
import type { LiveSession } from '../../whatsapp/session/session.ts'
import { withoutDevice } from '../../whatsapp/wire/jid.ts'
import { plainMessage } from '../../whatsapp/wire/plain-message.ts'
import { protoJson } from '../../whatsapp/wire/proto-json.ts'
import type { UserScope } from '../services.ts'

/** The session of a user, for operations that also look into the store. Throws `no_session`. */
export function sessionOf({ user, services }: UserScope): LiveSession {
  return services.sessions.live(user.id)
}

/** The JIDs under which messages of a chat may be stored. */
export async function namesOf(scope: UserScope, chat: string): Promise<string[]> {
  const { user, services } = scope
  const jid = await sessionOf(scope).resolve(chat)
  return chatAliases(services.db, services.secrets, user.id, jid)
}

/** A message of a chat as it was sent or received, whichever of a person's two JIDs the chat is named by. */
export async function findStored(
  scope: UserScope,
  { chat, id }: MessageName,
): Promise<StoredMessage | undefined> {
  const chats = await namesOf(scope, chat)
  return findMessage(scope.services.db, { userId: scope.user.id, id, chats })
}

/** The same, but throws `not_found` when nothing is stored. */
export async function requireStored(scope: UserScope, name: MessageName): Promise<StoredMessage> {
  const found = await findStored(scope, name)
  if (!found) throw messageNotFound()
  return found
}

/** What an operation says of a message that is neither stored nor described by the caller. */
export function messageNotFound(): ApiError {
  return new ApiError('not_found', { text: 'Message not found' })
}

/** A message of a chat as it stands now. */
export interface ChatMessage {
  /** The message as it was told; people by phone number where it is known. */
  event: MessageEvent
  /** The text its author has changed it to, '' when that did not happen. */
  editedText: string
}

/** Which messages of a chat are wanted: the newest, of one side only when `fromMe` says so. */
export interface ChatMessagesRequest {
  chat: string
  limit: number
  fromMe?: boolean
}

/** Rows looked at in one step; not every row is a message to show. */
const PAGE = 200

/**
 * The newest messages of a chat, oldest first: those sent and received here, and what the phone told of, if the user
 * keeps a history. With the texts they were edited to and without those that were deleted.
 */
export async function chatMessages(scope: UserScope, request: ChatMessagesRequest): Promise<ChatMessage[]> {
  const chats = await namesOf(scope, request.chat)
  const messages = new Map<string, ChatMessage>()
  for (const one of await toldByPhone(scope, chats, request)) messages.set(one.event.id, one)
  for (const one of await keptHere(scope, chats, request)) messages.set(one.event.id, one)
  return [...messages.values()]
    .sort((one, other) => one.event.timestamp - other.event.timestamp)
    .slice(-request.limit)
}

async function keptHere(
  scope: UserScope,
  chats: string[],
  { limit, fromMe }: ChatMessagesRequest,
): Promise<ChatMessage[]> {
  const { user, services } = scope
  const shown: ChatMessage[] = []
  for (let offset = 0; shown.length < limit; offset += PAGE) {
    const page = { userId: user.id, chats, fromMe, limit: PAGE, offset }
    const rows = await newestOfChat(services.db, page)
    shown.push(...(await asTheyStand(scope, rows.map(eventOf), chats)))
    if (rows.length < PAGE) break
  }
  // Newest first so far; of the same second the one stored later is the later one.
  return shown.reverse()
}

async function toldByPhone(
  scope: UserScope,
  chats: string[],
  { limit, fromMe }: ChatMessagesRequest,
): Promise<ChatMessage[]> {
  const { user, services } = scope
  if (user.history === 0) return []
  const entries = await listHistory(services.db, { userId: user.id, chats, limit })
  // What was sent through this server has no event, and is kept as a message.
  const told = entries.flatMap(({ event }) => (event === '' ? [] : [JSON.parse(event) as MessageEvent]))
  const wanted = told.filter((event) => fromMe === undefined || event.fromMe === fromMe)
  return (await asTheyStand(scope, wanted, chats)).reverse()
}

function eventOf({ id, chat, fromMe, sender, at, proto: encoded }: StoredMessage): MessageEvent {
  return {
    ...plainMessage,
    type: 'message',
    id,
    chat,
    sender,
    fromMe,
    isGroup: hasMembers(chat),
    addressingMode: '',
    senderAlt: '',
    recipientAlt: '',
    serverId: 0,
    stanzaType: '',
    pushName: '',
    timestamp: Math.floor(at / 1000),
    multicast: false,
    mediaType: '',
    raw: protoJson(proto.Message, proto.Message.decode(encoded)),
    deviceSent: null,
    sourceWebMessage: null,
  }
}

/** Without what is about other messages and what was deleted, with the texts they were edited to. */
async function asTheyStand(
  scope: UserScope,
  events: MessageEvent[],
  chats: string[],
): Promise<ChatMessage[]> {
  const shown = events.filter(({ raw }) => isReferable(raw))
  const targetIds = shown.map(({ id }) => id)
  const responses = await listResponses(scope.services.db, { userId: scope.user.id, chats, targetIds })
  const own = withoutDevice(sessionOf(scope).me.pn)
  return (await named(scope, shown, chats)).flatMap((event) => {
    const about = responses.filter(({ targetId }) => targetId === event.id)
    const { isDeleted, editedText } = changesIn(about, { ...event, own })
    return isDeleted ? [] : [{ event, editedText: editedText ?? '' }]
  })
}

/**
 * What became of a message by what was said about it; `sender` is its author and `own` the account, named as in the
 * responses. Anybody can claim to change a message; phones believe its author, a group's admins and their own account.
 */
export function changesIn(
  about: MessageResponse[],
  { sender, isGroup, own }: { sender: string; isGroup: boolean; own: string },
): { isDeleted: boolean; editedText?: string } {
  const mayDelete = (one: MessageResponse) =>
    one.sender === sender || one.sender === own || (one.content === 'admin' && isGroup)
  const edit = about.find((one) => one.kind === 'edit' && one.sender === sender)
  return {
    isDeleted: about.some((one) => one.kind === 'revoke' && mayDelete(one)),
    ...(edit && { editedText: edit.content }),
  }
}

/** People by phone number and with their names. */
async function named(scope: UserScope, events: MessageEvent[], chats: string[]): Promise<MessageEvent[]> {
  const { user, services } = scope
  const { db, secrets } = services
  const own = withoutDevice(sessionOf(scope).me.pn)
  const senders = [...new Set(events.map(({ sender }) => withoutDevice(sender)))]
  const phones = await phonesOf(db, secrets, user.id, [...senders, ...chats])
  const contacts = await findContacts(db, user.id, [...senders, ...phones.values()])
  const names = new Map(contacts.map(({ jid, pushName }) => [jid, pushName]))
  return events.map((event) => {
    const bare = withoutDevice(event.sender)
    const sender = event.fromMe ? own : (phones.get(bare) ?? bare)
    return {
      ...event,
      chat: phones.get(event.chat) ?? event.chat,
      sender,
      pushName: event.pushName || names.get(sender) || names.get(bare) || '',
    }
  })
}
