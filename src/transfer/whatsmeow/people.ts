import { bare, isPersonJid, unhosted } from '../../lib/jid.ts'
import type { Contact } from '../../store/contacts.ts'
import type { ChatSetting } from '../../store/messages/chat-settings.ts'
import type { MessageSecret } from '../../store/messages/message-secrets.ts'
import { proto } from '../../whatsapp/library/engine.ts'
import type { Note, Resend } from '../device.ts'
import { UnreadableRow } from '../signal/go-json.ts'
import { bytesOf, isTrue, numberOf, readRows, textOf } from './rows.ts'
import type { DeviceRows } from './sessions.ts'
import { takenOrNoted } from './taking.ts'

type Rows = Omit<DeviceRows, 'lids'>

const SECRET_BYTES = 32
/** WhatsApp takes no message of that size. */
const MOST_MESSAGE_BYTES = 4 * 1024 * 1024
const MESSAGES_AT_ONCE = 100
/** A message for Messenger is none for WhatsApp. */
const WHATSAPP_FORMAT = 'wa'

/** People by name. */
export async function* readContacts({ db, schema, jid }: Rows): AsyncGenerator<Contact[]> {
  const wanted = {
    table: 'whatsmeow_contacts',
    of: { column: 'our_jid', jid },
    key: ['their_jid'],
    columns: ['first_name', 'full_name', 'push_name', 'business_name'],
  }
  for await (const rows of readRows(db, schema, wanted)) {
    const contacts = new Map<string, Contact>()
    for (const row of rows) {
      const person = unhosted(bare(textOf(row, 'their_jid')))
      const contact = {
        jid: person,
        firstName: textOf(row, 'first_name'),
        fullName: textOf(row, 'full_name'),
        pushName: textOf(row, 'push_name'),
        businessName: textOf(row, 'business_name'),
      }
      const isNamed = [contact.firstName, contact.fullName, contact.pushName, contact.businessName].some(
        Boolean,
      )
      if (isPersonJid(person) && isNamed) contacts.set(person, contact)
    }
    yield [...contacts.values()]
  }
}

/** Chats that are muted, pinned or archived. */
export async function* readChats({ db, schema, jid }: Rows): AsyncGenerator<ChatSetting[]> {
  const wanted = {
    table: 'whatsmeow_chat_settings',
    of: { column: 'our_jid', jid },
    key: ['chat_jid'],
    columns: ['muted_until', 'pinned', 'archived'],
  }
  for await (const rows of readRows(db, schema, wanted)) {
    yield rows
      .map((row) => ({
        chat: textOf(row, 'chat_jid'),
        mutedUntil: mutedUntil(row.muted_until),
        isPinned: isTrue(row, 'pinned'),
        isArchived: isTrue(row, 'archived'),
      }))
      .filter(({ chat, mutedUntil: until, isPinned, isArchived }) =>
        Boolean(chat && (until !== 0 || isPinned || isArchived)),
      )
  }
}

/** What old messages are sealed with. */
export async function* readMessageSecrets(
  { db, schema, jid }: Rows,
  note: Note,
): AsyncGenerator<MessageSecret[]> {
  const wanted = {
    table: 'whatsmeow_message_secrets',
    of: { column: 'our_jid', jid },
    key: ['chat_jid', 'sender_jid', 'message_id'],
    columns: ['key'],
  }
  for await (const rows of readRows(db, schema, wanted)) {
    yield rows.flatMap(
      (row) =>
        takenOrNoted(note, { what: 'message secret', whose: textOf(row, 'message_id') }, () => ({
          chat: textOf(row, 'chat_jid'),
          sender: textOf(row, 'sender_jid'),
          id: textOf(row, 'message_id'),
          secret: bytesOf(row, 'key', SECRET_BYTES),
        })) ?? [],
    )
  }
}

/** Messages that were sent, as long as somebody may ask for them again. */
export async function* readResends({ db, schema, jid }: Rows, note: Note): AsyncGenerator<Resend[]> {
  const wanted = {
    table: 'whatsmeow_retry_buffer',
    of: { column: 'our_jid', jid },
    and: { format: WHATSAPP_FORMAT },
    key: ['chat_jid', 'message_id'],
    columns: ['plaintext', 'timestamp'],
    long: { column: 'plaintext', mostBytes: MOST_MESSAGE_BYTES },
    size: MESSAGES_AT_ONCE,
  }
  for await (const rows of readRows(db, schema, wanted)) {
    yield rows.flatMap(
      (row) =>
        takenOrNoted(note, { what: 'sent message', whose: textOf(row, 'message_id') }, () => ({
          chat: textOf(row, 'chat_jid'),
          id: textOf(row, 'message_id'),
          proto: checkedMessage(bytesOf(row, 'plaintext')),
          at: numberOf(row, 'timestamp'),
        })) ?? [],
    )
  }
}

function checkedMessage(encoded: Buffer): Buffer {
  try {
    proto.Message.decode(encoded)
    return encoded
  } catch {
    throw new UnreadableRow('it is no message')
  }
}

function mutedUntil(value: unknown): number {
  const seconds = Number(value ?? 0)
  return Number.isSafeInteger(seconds) ? Math.max(seconds, -1) : 0
}
