import { deflateSync } from 'node:zlib'
import { pino } from 'pino'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { EventBus } from '../../../src/events/bus.ts'
import { openSecrets } from '../../../src/lib/secrets/secrets.ts'
import { type Sandbox, startSandbox } from '../../../src/sandbox/index.ts'
import { clientOptions } from '../../../src/sandbox/server/client-options.ts'
import { encryptMedia } from '../../../src/sandbox/world/media-cipher.ts'
import { GroupCommit } from '../../../src/store/commit/group-commit.ts'
import { listHistory } from '../../../src/store/messages/history.ts'
import { addPendingHistory, nextPendingHistory } from '../../../src/store/messages/history-syncs.ts'
import { findMessage } from '../../../src/store/messages/messages.ts'
import { insertUser } from '../../../src/store/users/users.ts'
import { downloadHistory } from '../../../src/whatsapp/inbound/history-download.ts'
import { type HistorySync, startHistorySync } from '../../../src/whatsapp/inbound/history-sync.ts'
import { proto } from '../../../src/whatsapp/library/engine.ts'
import { type TemporaryDatabase, temporaryDatabase } from '../../helpers/database.ts'
import { toOwnWebhook } from '../../helpers/router.ts'
import { sampleUser } from '../../helpers/users.ts'

const chat = '447900000601@s.whatsapp.net'
const user = sampleUser({ history: 2 })
const log = pino({ level: 'silent' })
const history: proto.IHistorySync = {
  syncType: proto.HistorySync.HistorySyncType.RECENT,
  chunkOrder: 1,
  progress: 50,
  conversations: [
    {
      id: chat,
      messages: ['third', 'second', 'first'].map((text, index) => ({
        message: {
          key: { id: text, remoteJid: chat, fromMe: false },
          messageTimestamp: 1_700_000_030 - index * 10,
          message: { conversation: text },
        },
      })),
    },
  ],
}
const compressed = deflateSync(proto.HistorySync.encode(history).finish())

let database: TemporaryDatabase
let sandbox: Sandbox
let running: HistorySync[]

beforeEach(async () => {
  database = await temporaryDatabase()
  sandbox = await startSandbox()
  running = []
  await insertUser(database.db, await openSecrets(database.config), user)
})
afterEach(async () => {
  await Promise.all(running.map((sync) => sync.stop()))
  await sandbox.stop()
  await database.close()
})

async function announce(notification: proto.Message.IHistorySyncNotification): Promise<void> {
  const encoded = proto.Message.HistorySyncNotification.encode({ syncType: 3, ...notification }).finish()
  await addPendingHistory(database.db, await openSecrets(database.config), {
    userId: user.id,
    messageId: 'ANNOUNCEMENT',
    notification: encoded,
    dueAt: Date.now(),
  })
}

async function start(): Promise<HistorySync> {
  const { db } = database
  const secrets = await openSecrets(database.config)
  const bus = new EventBus({ db, commits: new GroupCommit(db, secrets), secrets, log, router: toOwnWebhook })
  const { options } = clientOptions(sandbox.url)
  const sync = startHistorySync({
    db,
    secrets,
    log,
    identity: async () => ({ pn: '447900000600:1@s.whatsapp.net', lid: '' }),
    download: (notification, { signal }) => downloadHistory(notification, { options, signal }),
    learn: async () => {},
    record: (userId, events, recordOptions) => bus.record(userId, events, recordOptions),
    firstRetryMs: 10,
  })
  running.push(sync)
  return sync
}

const isDone = () => expect.poll(() => nextPendingHistory(database.db)).toBeUndefined()

async function recorded(): Promise<Record<string, unknown>[]> {
  const payloads: string[] = await database.db('events').pluck('payload')
  return payloads.map((payload) => JSON.parse(payload))
}

test('a part in a file on the media host is fetched and recorded', async () => {
  const { encrypted, ...keys } = await encryptMedia(compressed, 'md-msg-hist')
  const { directPath } = sandbox.network.media.put(encrypted)
  await announce({ ...keys, directPath })

  await start()
  await isDone()

  expect(await recorded()).toMatchObject([
    {
      type: 'history.sync',
      history: { syncType: 3, progress: 50, conversations: [{ id: chat }] },
      notification: { directPath },
    },
  ])
})

test('its messages enter the history at the time they were written, as many as are kept', async () => {
  await announce({ initialHistBootstrapInlinePayload: compressed })

  await start()
  await isDone()

  const entries = await listHistory(database.db, { userId: user.id, chats: [chat], limit: 10 })
  expect(entries).toMatchObject([
    { text: 'third', type: 'text', sender: chat, at: 1_700_000_030_000 },
    { text: 'second', at: 1_700_000_020_000 },
  ])
})

test('what sealed messages may be about is stored with its secret, and nothing else', async () => {
  const now = Math.floor(Date.now() / 1000)
  const messageSecret = Buffer.alloc(32, 7)
  const day = 24 * 3600
  const message = (id: string, age: number, content: proto.IMessage, secret?: Uint8Array) => ({
    message: {
      key: { id, remoteJid: chat, fromMe: false },
      messageTimestamp: now - age,
      message: content,
      messageSecret: secret,
    },
  })
  const poll = { pollCreationMessageV3: { name: 'Lunch?', options: [{ optionName: 'Soup' }] } }
  const messages = [
    message('new text', 60, { conversation: 'a' }, messageSecret),
    message('old text', day, { conversation: 'b' }, messageSecret),
    message('old poll', day, poll, messageSecret),
    message('secret inside', day, { ...poll, messageContextInfo: { messageSecret } }),
    message('no secret', 60, poll),
    message('very old poll', 30 * day, poll, messageSecret),
    message('nothing to read', 60, { protocolMessage: { type: 3 } }, undefined),
  ]
  const part = { ...history, conversations: [{ id: chat, messages }] }
  const payload = deflateSync(proto.HistorySync.encode(part).finish())
  await announce({ initialHistBootstrapInlinePayload: payload })

  await start()
  await isDone()

  const ids = ['new text', 'old poll', 'secret inside']
  for (const id of ids) {
    const stored = await findMessage(database.db, { userId: user.id, id, chats: [chat] })
    const { messageContextInfo } = proto.Message.decode(stored?.proto ?? new Uint8Array())
    expect(Buffer.from(messageContextInfo?.messageSecret ?? [])).toEqual(messageSecret)
    expect(stored).toMatchObject({ sender: chat, fromMe: false, status: 'received' })
  }
  expect(await database.db('messages').pluck('id')).toHaveLength(ids.length)
})

test('a file that is not there yet is asked for again', async () => {
  const { encrypted, ...keys } = await encryptMedia(compressed, 'md-msg-hist')
  const { directPath } = sandbox.network.media.put(encrypted)
  sandbox.network.media.expire(directPath)
  await announce({ ...keys, directPath })
  await start()
  await expect.poll(async () => (await database.db('history_syncs').first()).attempts).toBeGreaterThan(1)

  sandbox.network.media.put(encrypted)

  await isDone()
  expect(await recorded()).toHaveLength(1)
})

test('a file that is not the announced one is never recorded', async () => {
  const { encrypted, ...keys } = await encryptMedia(compressed, 'md-msg-hist')
  encrypted.writeUInt8(encrypted.readUInt8(3) ^ 1, 3)
  const { directPath } = sandbox.network.media.put(encrypted)
  await announce({ ...keys, fileEncSha256: undefined, directPath })

  await start()
  await expect.poll(async () => (await database.db('history_syncs').first()).attempts).toBeGreaterThan(2)

  expect(await recorded()).toEqual([])
})

test('what was announced twice is recorded once', async () => {
  await announce({ initialHistBootstrapInlinePayload: compressed })
  const sync = await start()
  await isDone()

  await announce({ initialHistBootstrapInlinePayload: compressed })
  sync.nudge()
  await isDone()

  expect(await recorded()).toHaveLength(1)
})
