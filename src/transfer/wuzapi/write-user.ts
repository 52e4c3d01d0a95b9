import type { MessageEvent } from '../../events/event.ts'
import type { Secrets } from '../../lib/secrets/secrets.ts'
import { type Database, insertChunked, isPostgres, type Queryable } from '../../store/database/database.ts'
import { getWebhooks, webhookOf } from '../../store/delivery/webhooks.ts'
import { type HistoryEntry, readAllHistory } from '../../store/messages/history.ts'
import type { User } from '../../store/users/users.ts'
import type { Note } from '../device.ts'
import { sealHmacKey } from './hmac-key.ts'
import { createUserTables } from './tables.ts'
import { goTimeText } from './timestamp.ts'

interface Ours {
  db: Queryable
  secrets: Secrets
  user: User
  /** JID with device part, '' for none. */
  device: string
}

export interface WriteOptions {
  /** The encryption key of the other server, '' for none. */
  key: string
  /** A message event as the other server's webhooks tell it: its JSON. */
  eventText(event: MessageEvent): string
}

/** How many entries of the history went over. */
export interface WrittenUser {
  history: number
}

/**
 * Writes a user with its history into the database of a wuzapi, in one transaction; makes the tables where there are none.
 * One that is there keeps what this server does not know. Columns that its release does not have are noted where they
 * would say something.
 */
export async function writeWuzapiUser(
  target: Database,
  ours: Ours,
  { key, eventText }: WriteOptions,
  note: Note,
): Promise<WrittenUser> {
  return target.transaction(async (trx) => {
    if (!(await trx.schema.hasTable('users'))) await createUserTables(trx)
    const there = await trx('users').columnInfo()
    const wanted = await rowOf(ours, { key, note })
    const row = Object.fromEntries(Object.entries(wanted).filter(([column]) => column in there))
    const { history, daysToSyncHistory, name } = ours.user
    if (daysToSyncHistory > 0 && !('days_to_sync_history' in there))
      note({ what: 'days of history to sync', whose: name, why: 'that release does not know them' })
    if (history > 0 && !('history' in there))
      note({ what: 'length of the history', whose: name, why: 'that release does not know it' })
    await trx('users').insert(row).onConflict('id').merge()
    if (!(await trx.schema.hasTable('message_history'))) return { history: 0 }
    const columns = await trx('message_history').columnInfo()
    let written = 0
    for await (const entries of readAllHistory(ours.db, ours.user.id)) {
      const rows = entries.map((entry) =>
        Object.fromEntries(
          Object.entries(historyRow(entry, { eventText, hasTimes: isPostgres(trx) })).filter(
            ([column]) => column in columns,
          ),
        ),
      )
      await insertChunked(trx, 'message_history', rows, (insert) =>
        insert.onConflict(['user_id', 'message_id']).ignore(),
      )
      written += rows.length
    }
    return { history: written }
  })
}

async function rowOf(
  { db, secrets, user, device }: Ours,
  { key, note }: { key: string; note: Note },
): Promise<Record<string, unknown>> {
  const webhook = webhookOf(await getWebhooks(db, secrets, user.id), 'user', user.id)
  if (webhook.hmacKey && !key)
    note({ what: 'HMAC key', whose: user.name, why: 'the encryption key of the other server was not given' })
  const { s3 } = user
  return {
    id: user.id,
    name: user.name,
    token: user.token,
    webhook: webhook.url,
    events: webhook.events,
    // Releases before August 2026 find the device by this alone; later ones, which leave its number out, take it as well.
    jid: device,
    qrcode: '',
    connected: user.wanted ? 1 : 0,
    expiration: user.expiration,
    proxy_url: user.proxyUrl,
    webhook_use_proxy: user.webhookUseProxy,
    s3_enabled: s3.enabled,
    s3_endpoint: s3.endpoint,
    s3_region: s3.region,
    s3_bucket: s3.bucket,
    s3_access_key: s3.accessKey,
    s3_secret_key: s3.secretKey,
    s3_path_style: s3.pathStyle,
    s3_public_url: s3.publicUrl,
    s3_retention_days: s3.retentionDays,
    media_delivery: user.mediaDelivery,
    history: user.history,
    days_to_sync_history: user.daysToSyncHistory,
    // What is there and could not come here stays.
    ...(webhook.hmacKey && key && { hmac_key: sealHmacKey(webhook.hmacKey, key) }),
  }
}

function historyRow(
  entry: HistoryEntry,
  { eventText, hasTimes }: { eventText: WriteOptions['eventText']; hasTimes: boolean },
): Record<string, unknown> {
  return {
    user_id: entry.userId,
    chat_jid: entry.chat,
    sender_jid: entry.sender,
    message_id: entry.messageId,
    timestamp: hasTimes ? new Date(entry.at) : goTimeText(entry.at),
    message_type: entry.type,
    text_content: entry.text,
    media_link: entry.mediaLink,
    quoted_message_id: entry.quotedId,
    datajson: entry.event === '' ? '' : eventText(JSON.parse(entry.event) as MessageEvent),
  }
}
