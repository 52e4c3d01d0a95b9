import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import { InstallationError } from '../../lib/process/installation-error.ts'
import type { Queryable } from '../../store/database/database.ts'
import type { HistoryEntry } from '../../store/messages/history.ts'
import type { User } from '../../store/users/users.ts'
import { nothing, type SourceAccount, type SourceServer } from '../account.ts'
import type { Dropped, Note } from '../device.ts'
import { matchDevices } from '../devices.ts'
import { markSource } from '../mark.ts'
import { isServer, openSource, type Source, useOf } from '../source.ts'
import type { SourceRequest } from '../sources.ts'
import { SourceTokens } from '../tokens.ts'
import { sourceUser } from '../user.ts'
import { isTrue, type Row, textOf } from '../whatsmeow/rows.ts'
import { openWhatsmeowStore, type WhatsmeowStore } from '../whatsmeow/store.ts'
import { checkSourceKey, openHmacKey } from './hmac-key.ts'
import { messageEventOf } from './message-event.ts'
import { instantOf } from './timestamp.ts'

/** Each may have pictures in it. */
const HISTORY_AT_ONCE = 50
/** Characters of JSON that are read in one turn. */
const LENGTH_AT_ONCE = 100_000
const DELIVERIES: readonly string[] = ['base64', 's3', 'both'] satisfies User['mediaDelivery'][]

/**
 * Opens what a wuzapi has stored: its data folder, the folder `dbdata` in it, or the URL of its PostgreSQL database. Nothing
 * of it is changed. Throws InstallationError for what is no wuzapi, and for a key that cannot be one.
 */
export async function openWuzapi({ from, key, chosen }: SourceRequest): Promise<SourceServer> {
  if (key !== '') checkSourceKey(key)
  const sources = await openDatabases(from)
  const close = async () => {
    await Promise.all([...new Set(sources)].map((source) => source.close()))
  }
  try {
    const [users, devices] = sources
    const store = await openWhatsmeowStore(devices.db)
    return {
      kind: 'wuzapi',
      place: users.place,
      ...(await readAccounts(users.db, store, { key, chosen })),
      inUse: sources.map(useOf).find(Boolean) ?? '',
      mark: () => markSource(users.kind === 'sqlite' ? users.place : ''),
      close,
    }
  } catch (error) {
    await close()
    throw error
  }
}

/** The database of the users and that of the devices; on PostgreSQL both are one. */
async function openDatabases(from: string): Promise<[Source, Source]> {
  if (isServer(from)) {
    const source = await openSource(from)
    return [source, source]
  }
  const folder = await folderOf(from)
  const users = await openSource(join(folder, 'users.db'))
  try {
    return [users, await openSource(join(folder, 'main.db'))]
  } catch (error) {
    await users.close()
    throw error
  }
}

async function folderOf(from: string): Promise<string> {
  for (const folder of [join(from, 'dbdata'), from])
    if (await stat(join(folder, 'users.db')).catch(() => undefined)) return folder
  throw new InstallationError(
    `there is no users.db in ${from}, nor in its folder dbdata: name the data folder of the wuzapi`,
  )
}

async function readAccounts(
  db: Queryable,
  store: WhatsmeowStore,
  { key, chosen }: Pick<SourceRequest, 'key' | 'chosen'>,
): Promise<Pick<SourceServer, 'accounts' | 'strayDevices'>> {
  if (!(await db.schema.hasTable('users')))
    throw new InstallationError('this database holds no users of a wuzapi: it has no table users')
  const rows: Row[] = await db('users').select('*')
  const isHistoryThere = await db.schema.hasTable('message_history')
  const devices = matchDevices(
    rows.map((row) => ({
      id: textOf(row, 'id'),
      jid: textOf(row, 'jid'),
      chosen: chosen.get(textOf(row, 'id')) ?? chosen.get(textOf(row, 'name')),
    })),
    await store.listDevices(),
  )
  const tokens = new SourceTokens()
  const accounts = rows.map((row): SourceAccount => {
    const { device, note } = devices.of(textOf(row, 'id'))
    const notes: Dropped[] = note ? [note] : []
    return {
      user: userOf(row, { device, notes, tokens }),
      webhooks: webhooksOf(row, { key, notes }),
      device,
      notes,
      readDevice: () => store.readDevice(device),
      history: (tell) => (isHistoryThere ? readHistory(db, textOf(row, 'id'), tell) : nothing()),
    }
  })
  return { accounts, strayDevices: devices.strays }
}

function userOf(
  row: Row,
  { device, notes, tokens }: { device: string; notes: Dropped[]; tokens: SourceTokens },
): User {
  const delivery = textOf(row, 'media_delivery')
  return sourceUser({
    id: textOf(row, 'id'),
    name: textOf(row, 'name'),
    token: tokens.take(textOf(row, 'token'), textOf(row, 'name'), notes),
    device,
    // It comes back by itself where it did so before.
    wanted: device !== '' && Number(row.connected) === 1,
    expiration: Number(row.expiration ?? 0),
    history: Number(row.history ?? 0),
    daysToSyncHistory: Number(row.days_to_sync_history ?? 0),
    proxyUrl: textOf(row, 'proxy_url'),
    webhookUseProxy: row.webhook_use_proxy === undefined || isTrue(row, 'webhook_use_proxy'),
    s3: {
      enabled: isTrue(row, 's3_enabled'),
      endpoint: textOf(row, 's3_endpoint'),
      region: textOf(row, 's3_region'),
      bucket: textOf(row, 's3_bucket'),
      accessKey: textOf(row, 's3_access_key'),
      secretKey: textOf(row, 's3_secret_key'),
      pathStyle: isTrue(row, 's3_path_style'),
      publicUrl: textOf(row, 's3_public_url'),
      retentionDays: Number(row.s3_retention_days ?? 0),
    },
    mediaDelivery: DELIVERIES.includes(delivery) ? (delivery as User['mediaDelivery']) : '',
  })
}

function webhooksOf(row: Row, { key, notes }: { key: string; notes: Dropped[] }): SourceAccount['webhooks'] {
  const [url, events] = [textOf(row, 'webhook'), textOf(row, 'events')]
  const stored = row.hmac_key
  const isSigned = stored instanceof Uint8Array && stored.length > 0
  const hmacKey = isSigned && key !== '' ? openHmacKey(stored, key) : undefined
  if (isSigned && hmacKey === undefined)
    notes.push({
      what: 'HMAC key',
      whose: textOf(row, 'name'),
      why:
        key === ''
          ? 'it is encrypted, and the encryption key of the source was not given: its webhooks go out unsigned'
          : 'the given encryption key does not open it: its webhooks go out unsigned',
    })
  if (url === '' && events === '' && !hmacKey) return []
  return [{ target: 'user', patch: { url, events, ...(hmacKey && { hmacKey }) } }]
}

async function* readHistory(db: Queryable, userId: string, note: Note): AsyncGenerator<HistoryEntry[]> {
  let after = -1
  for (;;) {
    const rows: Row[] = await db('message_history')
      .where('user_id', userId)
      .where('id', '>', after)
      .orderBy('id')
      .limit(HISTORY_AT_ONCE)
      .select('*')
    const last = rows.at(-1)
    if (!last) return
    const entries: HistoryEntry[] = []
    let length = 0
    for (const row of rows) {
      const entry = entryOf(row, userId, note)
      if (entry) entries.push(entry)
      length += textOf(row, 'datajson').length
      // A running server has others to serve.
      if (length > LENGTH_AT_ONCE) {
        length = 0
        await setImmediate()
      }
    }
    yield entries
    after = Number(last.id)
  }
}

function entryOf(row: Row, userId: string, note: Note): HistoryEntry | undefined {
  const messageId = textOf(row, 'message_id')
  const at = instantOf(row.timestamp)
  if (at === undefined) {
    note({ what: 'history', whose: messageId, why: 'its time cannot be read' })
    return undefined
  }
  const stored = textOf(row, 'datajson')
  const event = stored === '' ? undefined : messageEventOf(stored)
  if (stored !== '' && !event)
    note({ what: 'JSON of the history', whose: messageId, why: 'it is no message; its text is kept' })
  return {
    userId,
    chat: textOf(row, 'chat_jid'),
    sender: textOf(row, 'sender_jid'),
    messageId,
    at,
    type: textOf(row, 'message_type'),
    text: textOf(row, 'text_content'),
    mediaLink: textOf(row, 'media_link'),
    quotedId: textOf(row, 'quoted_message_id'),
    event: event ? JSON.stringify(event) : '',
  }
}
