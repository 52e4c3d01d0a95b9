import { setTimeout as delay } from 'node:timers/promises'
import { deflateSync } from 'node:zlib'
import { pino } from 'pino'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { EventBus } from '../../../src/events/bus.ts'
import { openSecrets } from '../../../src/lib/secrets/secrets.ts'
import { GroupCommit } from '../../../src/store/commit/group-commit.ts'
import { addPendingHistory, nextPendingHistory } from '../../../src/store/messages/history-syncs.ts'
import { insertUser } from '../../../src/store/users/users.ts'
import { downloadHistory } from '../../../src/whatsapp/inbound/history-download.ts'
import { type HistorySync, startHistorySync } from '../../../src/whatsapp/inbound/history-sync.ts'
import { proto } from '../../../src/whatsapp/library/engine.ts'
import { type TemporaryDatabase, temporaryDatabase } from '../../helpers/database.ts'
import { toOwnWebhook } from '../../helpers/router.ts'
import { sampleUser } from '../../helpers/users.ts'

const PARTS = 40
const MESSAGES_PER_PART = 5_000
const user = sampleUser({ history: 10 })
const log = pino({ level: 'silent' })

let database: TemporaryDatabase
let sync: HistorySync
beforeEach(async () => {
  database = await temporaryDatabase()
  await insertUser(database.db, await openSecrets(database.config), user)
})
afterEach(async () => {
  await sync.stop()
  await database.close()
})

// All of it at once would be its bytes, two trees of a million objects and 150 MB of text: more than twice the bound.
// What one part leaves behind is cleaned up when Node thinks it worth while.
test('a history of 200,000 messages takes no more memory than a part of it', async () => {
  for (let part = 0; part < PARTS; part++) await announce(part)
  const secrets = await openSecrets(database.config)
  const { db } = database
  const bus = new EventBus({ db, commits: new GroupCommit(db, secrets), secrets, log, router: toOwnWebhook })
  let before = 0
  let peak = 0
  sync = startHistorySync({
    db,
    secrets,
    log,
    identity: async () => ({ pn: '447900000600:1@s.whatsapp.net', lid: '' }),
    download: (notification, { signal }) => downloadHistory(notification, { options: {}, signal }),
    learn: async () => {},
    record: async (userId, events, options) => {
      await bus.record(userId, events, options)
      const { rss } = process.memoryUsage()
      before ||= rss
      peak = Math.max(peak, rss)
    },
  })

  while (await nextPendingHistory(db)) await delay(50)

  const told = await db('events').count<{ n: number }[]>('* as n')
  expect(told[0]?.n).toBe(PARTS)
  const [{ size }] = await db('events').select(db.raw('sum(length(payload)) as size'))
  expect(size / 1e6).toBeGreaterThan(150)
  expect((peak - before) / 1e6).toBeLessThan(350)
}, 180_000)

async function announce(part: number): Promise<void> {
  const chat = `4479010${String(part).padStart(5, '0')}@s.whatsapp.net`
  const messages = Array.from({ length: MESSAGES_PER_PART }, (_, index) => ({
    message: {
      key: { id: `${part}-${index}`, remoteJid: chat, fromMe: index % 2 === 0 },
      messageTimestamp: 1_700_000_000 + part * MESSAGES_PER_PART - index,
      message: { conversation: `What was said in part ${part} at ${index}. `.repeat(18) },
    },
  }))
  const history = proto.HistorySync.encode({
    syncType: proto.HistorySync.HistorySyncType.RECENT,
    chunkOrder: part,
    conversations: [{ id: chat, messages }],
  }).finish()
  await addPendingHistory(database.db, await openSecrets(database.config), {
    userId: user.id,
    messageId: `PART-${part}`,
    notification: proto.Message.HistorySyncNotification.encode({
      syncType: 3,
      chunkOrder: part,
      initialHistBootstrapInlinePayload: deflateSync(history),
    }).finish(),
    dueAt: Date.now(),
  })
}
