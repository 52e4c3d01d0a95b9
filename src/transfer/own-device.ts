import { bare, onSameDevice } from '../lib/jid.ts'
import { InstallationError } from '../lib/process/installation-error.ts'
import type { Secrets } from '../lib/secrets/secrets.ts'
import { type Contact, listContacts } from '../store/contacts.ts'
import type { Queryable } from '../store/database/database.ts'
import { readAllKeys, readKeys } from '../store/keys/auth.ts'
import { type ChatSetting, listChatSettings } from '../store/messages/chat-settings.ts'
import { type MessageSecret, readMessageSecrets } from '../store/messages/message-secrets.ts'
import { readAllMessages } from '../store/messages/messages.ts'
import type { KeyKind } from '../whatsapp/keys/key-text.ts'
import { type AuthenticationCreds, BufferJSON, proto } from '../whatsapp/library/engine.ts'
import type { DeviceExtra, DeviceKey, Resend, SourceDevice } from './device.ts'

interface Place {
  db: Queryable
  secrets: Secrets
}

const CONTACTS_AT_ONCE = 500
/** So long other servers answer devices that ask for a message again. */
const RESEND_MS = 7 * 24 * 60 * 60 * 1000

/**
 * The linked device of one of our own users, for another server; `extra` is what was kept when it came. Throws
 * InstallationError when it is not linked. Its session must be closed, and stay closed.
 */
export async function readOwnDevice(
  { db, secrets }: Place,
  userId: string,
  { extra = {}, now = Date.now() }: { extra?: DeviceExtra; now?: number } = {},
): Promise<SourceDevice> {
  const stored = await readKeys(db, secrets, { userId, kind: 'creds', ids: [''] })
  const text = stored.get('')
  // Written from credentials by the key store.
  const creds = text ? (JSON.parse(text, BufferJSON.reviver) as AuthenticationCreds) : undefined
  if (!creds?.me?.id) throw new InstallationError(`the user ${userId} has no linked device`)
  return {
    jid: creds.me.id,
    lid: creds.me.lid ? onSameDevice(creds.me.lid, creds.me.id) : '',
    creds,
    keys: () => keysOf({ db, secrets }, userId),
    contacts: () => contactsOf(db, userId),
    chats: () => chatsOf(db, userId),
    messageSecrets: () => secretsOf({ db, secrets }, userId),
    resends: () => resendsOf(db, userId, now - RESEND_MS),
    extra,
  }
}

async function* keysOf({ db, secrets }: Place, userId: string): AsyncGenerator<DeviceKey[]> {
  // What is stored besides the credentials has the library's kinds.
  for await (const keys of readAllKeys(db, secrets, userId))
    yield keys.filter(({ kind }) => kind !== 'creds').map((key) => ({ ...key, kind: key.kind as KeyKind }))
}

async function* contactsOf(db: Queryable, userId: string): AsyncGenerator<Contact[]> {
  for (let offset = 0; ; offset += CONTACTS_AT_ONCE) {
    const contacts = await listContacts(db, userId, { limit: CONTACTS_AT_ONCE, offset })
    if (contacts.length > 0) yield contacts
    if (contacts.length < CONTACTS_AT_ONCE) return
  }
}

async function* secretsOf({ db, secrets }: Place, userId: string): AsyncGenerator<MessageSecret[]> {
  yield* readMessageSecrets(db, secrets, userId)
  for await (const messages of readAllMessages(db, userId))
    yield messages.flatMap(({ chat, sender, id, proto: encoded }) => {
      const secret = proto.Message.decode(encoded).messageContextInfo?.messageSecret
      return secret?.length
        ? [{ chat: bare(chat), sender: bare(sender), id, secret: Buffer.from(secret) }]
        : []
    })
}

async function* resendsOf(db: Queryable, userId: string, since: number): AsyncGenerator<Resend[]> {
  for await (const messages of readAllMessages(db, userId))
    yield messages
      .filter(({ fromMe, status, at }) => fromMe && status !== 'received' && at >= since)
      .map(({ chat, id, proto: encoded, at }) => ({ chat: bare(chat), id, proto: Buffer.from(encoded), at }))
}

/** As they were when the account came: later changes are not stored here, they come from WhatsApp. */
async function* chatsOf(db: Queryable, userId: string): AsyncGenerator<ChatSetting[]> {
  yield await listChatSettings(db, userId)
}
