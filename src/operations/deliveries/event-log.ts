import type { Event, EventType, MessageEvent } from '../../events/event.ts'
import { hasMembers } from '../../lib/message-ref.ts'
import { findContacts } from '../../store/contacts.ts'
import { recentEventsOf } from '../../store/delivery/events.ts'
import { recentReceived, type StoredMessage } from '../../store/messages/messages.ts'
import { chatAliases } from '../../whatsapp/inbound/chat-aliases.ts'
import { proto } from '../../whatsapp/library/engine.ts'
import { withoutDevice } from '../../whatsapp/wire/jid.ts'
import { protoJson } from '../../whatsapp/wire/proto-json.ts'
import type { UserScope } from '../services.ts'

/** What is still known of a received message. */
export type KeptMessage = { type: 'message' } & Pick<
  MessageEvent,
  | 'id'
  | 'chat'
  | 'sender'
  | 'senderAlt'
  | 'fromMe'
  | 'isGroup'
  | 'pushName'
  | 'timestamp'
  | 'category'
  | 'raw'
>

/** Something that happened, and when, in milliseconds. */
export interface LogEntry {
  at: number
  event: KeptMessage | Exclude<Event, MessageEvent>
}

/**
 * The newest messages received and the newest events of the session, oldest first, as far back as they are kept. Nothing
 * is written for this log: it is read from the messages kept for quoting and from the events a receiver `keeps`.
 */
export async function recentLog(
  scope: UserScope,
  { types, limit }: { types: readonly EventType[]; limit: number },
): Promise<LogEntry[]> {
  const { user, services } = scope
  const [messages, events] = [
    await recentReceived(services.db, user.id, limit),
    await recentEventsOf(services.db, user.id, { family: 'session', types, limit }),
  ]
  const entries = [
    // WhatsApp times messages in whole seconds; what a connection brings comes after it.
    ...messages.map((message) => ({ at: message.at, order: message.at + 999, message })),
    // The payload is what the bus stored, and only events are.
    ...events.map(({ at, payload }) => ({ at, order: at, event: JSON.parse(payload) as LogEntry['event'] })),
  ].toReversed()
  const newest = entries.sort((a, b) => a.order - b.order).slice(-limit)
  const people = await peopleOf(
    scope,
    newest.flatMap((entry) => ('message' in entry ? [withoutDevice(entry.message.sender)] : [])),
  )
  return newest.map((entry) =>
    'message' in entry
      ? { at: entry.at, event: toKept(entry.message, people) }
      : { at: entry.at, event: entry.event },
  )
}

/** Other identities and names of people, by JID without device. */
type People = Map<string, { alt: string; pushName: string }>

async function peopleOf({ user, services }: UserScope, jids: string[]): Promise<People> {
  const { db, secrets } = services
  const aliases = new Map<string, string>()
  for (const jid of new Set(jids)) aliases.set(jid, (await chatAliases(db, secrets, user.id, jid))[1] ?? '')
  const known = await findContacts(
    db,
    user.id,
    [...aliases].flat().filter((jid) => jid !== ''),
  )
  const names = new Map(known.map(({ jid, pushName }) => [jid, pushName]))
  return new Map(
    [...aliases].map(([jid, alt]) => [jid, { alt, pushName: names.get(jid) || names.get(alt) || '' }]),
  )
}

function toKept(message: StoredMessage, people: People): KeptMessage {
  const { id, chat, sender, fromMe, at } = message
  const person = people.get(withoutDevice(sender))
  return {
    type: 'message',
    id,
    chat,
    sender,
    senderAlt: person?.alt ?? '',
    fromMe,
    isGroup: hasMembers(chat),
    pushName: person?.pushName ?? '',
    timestamp: Math.floor(at / 1000),
    category: '',
    raw: protoJson(proto.Message, proto.Message.decode(message.proto)),
  }
}
