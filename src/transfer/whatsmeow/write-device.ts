import { InstallationError } from '../../lib/process/installation-error.ts'
import { type Database, insertChunked, type Transaction } from '../../store/database/database.ts'
import type { Note, SourceDevice } from '../device.ts'
import { deviceRow } from './device-row.ts'
import { readSchema, type Schema } from './schema.ts'
import { createTables } from './tables.ts'
import { writeKeys } from './write-keys.ts'

/** What the store holds of a device that another linking, or an older state of this one, must not mix with. */
const KEY_TABLES = {
  whatsmeow_app_state_mutation_macs: 'jid',
  whatsmeow_app_state_version: 'jid',
  whatsmeow_app_state_sync_keys: 'jid',
  whatsmeow_pre_keys: 'jid',
  whatsmeow_sessions: 'our_jid',
  whatsmeow_sender_keys: 'our_jid',
  whatsmeow_identity_keys: 'our_jid',
}

/**
 * Writes a device into a store of whatsmeow, in one transaction; makes the tables where there are none. A device that was
 * there before, as it is on the way back, has its keys replaced; what else is known of it stays. Throws InstallationError
 * when the store holds another linking under this JID. Nobody may use the store meanwhile.
 */
export async function writeWhatsmeowDevice(db: Database, device: SourceDevice, note: Note): Promise<void> {
  await db.transaction(async (trx) => {
    const schema = await schemaOf(trx)
    const present = await trx('whatsmeow_device').where({ jid: device.jid }).first('identity_key')
    const row = deviceRow(device, schema)
    if (present && !row.identity_key.equals(present.identity_key))
      throw new InstallationError(`this store holds another linking of ${device.jid}; remove it first`)
    for (const [table, column] of Object.entries(KEY_TABLES))
      if (schema.has(table)) await trx(table).where(column, device.jid).delete()
    await trx('whatsmeow_device').insert(row).onConflict('jid').merge()

    await writeKeys(trx, { device, schema }, note)
    await writePeople(trx, device)
    await writeMessages(trx, { device, schema }, note)
  })
}

async function schemaOf(trx: Transaction): Promise<Schema> {
  const isThere = await trx.schema.hasTable('whatsmeow_device')
  if (!isThere) await createTables(trx)
  return readSchema(trx)
}

async function writePeople(trx: Transaction, device: SourceDevice): Promise<void> {
  for await (const contacts of device.contacts())
    await insertChunked(
      trx,
      'whatsmeow_contacts',
      contacts.map((contact) => ({
        our_jid: device.jid,
        their_jid: contact.jid,
        first_name: contact.firstName || null,
        full_name: contact.fullName || null,
        push_name: contact.pushName || null,
        business_name: contact.businessName || null,
      })),
      (insert) => insert.onConflict(['our_jid', 'their_jid']).merge(),
    )
  for await (const chats of device.chats())
    await insertChunked(
      trx,
      'whatsmeow_chat_settings',
      chats.map(({ chat, mutedUntil, isPinned, isArchived }) => ({
        our_jid: device.jid,
        chat_jid: chat,
        muted_until: mutedUntil,
        pinned: isPinned,
        archived: isArchived,
      })),
      (insert) => insert.onConflict(['our_jid', 'chat_jid']).merge(),
    )
}

async function writeMessages(
  trx: Transaction,
  { device, schema }: { device: SourceDevice; schema: Schema },
  note: Note,
): Promise<void> {
  for await (const secrets of device.messageSecrets(note))
    await insertChunked(
      trx,
      'whatsmeow_message_secrets',
      secrets.map(({ chat, sender, id, secret }) => ({
        our_jid: device.jid,
        chat_jid: chat,
        sender_jid: sender,
        message_id: id,
        key: secret,
      })),
      (insert) => insert.onConflict(['our_jid', 'chat_jid', 'sender_jid', 'message_id']).ignore(),
    )
  if (!schema.has('whatsmeow_retry_buffer')) return
  for await (const resends of device.resends(note))
    await insertChunked(
      trx,
      'whatsmeow_retry_buffer',
      resends.map(({ chat, id, proto, at }) => ({
        our_jid: device.jid,
        chat_jid: chat,
        message_id: id,
        format: 'wa',
        plaintext: proto,
        timestamp: at,
      })),
      (insert) => insert.onConflict(['our_jid', 'chat_jid', 'message_id']).merge(),
    )
}
