import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { databaseAt } from '../helpers/database.ts'
import { type PrivatePostgres, startPostgres } from '../helpers/postgres.ts'
import { until } from '../load/client.ts'
import { TestCluster } from './cluster.ts'

const MEMBERS = 6
const PAUSE_MS = 500

let postgres: PrivatePostgres
let cluster: TestCluster

beforeAll(async () => {
  postgres = await startPostgres()
  cluster = await TestCluster.start(await databaseAt(postgres.url))
  const a = await cluster.node('a')
  const b = await cluster.node('b')
  const c = await cluster.node('c')
  await Promise.all([a.start(), b.start(), c.start()])
  await cluster.link(a, MEMBERS)
}, 180_000)

afterAll(async () => {
  await cluster?.close()
  await postgres?.stop()
}, 60_000)

// A node holds its sessions for seven seconds after the last sign of life: three are sat out, in eleven it closes them.
test.each([
  { mode: 'fast', downMs: 3_000, mostConnected: MEMBERS },
  { mode: 'immediate', downMs: 3_000, mostConnected: MEMBERS },
  { mode: 'immediate', downMs: 11_000, mostConnected: 0 },
] as const)(
  'nothing is lost or sent twice when PostgreSQL ends in $mode mode and is away for $downMs ms',
  async ({ mode, downMs, mostConnected }) => {
    const accepted = () => cluster.posting.accepted.length
    const isFlowing = async () => {
      const count = accepted()
      await until('texts to be accepted', async () => accepted() > count + 2 * MEMBERS)
    }
    cluster.begin(PAUSE_MS)
    await isFlowing()

    await postgres.halt(mode)
    await delay(downMs)
    const connected = cluster.members.filter(({ phone }) => cluster.isConnected(phone))
    await postgres.resume()

    await until('all sessions to open', async () => {
      const open = Object.values(await cluster.openOn()).reduce((sum, one) => sum + one, 0)
      return open === MEMBERS && cluster.members.every(({ phone }) => cluster.isConnected(phone))
    })
    await isFlowing()
    await cluster.end()
    expect(connected.length).toBeLessThanOrEqual(mostConnected)
    expect(cluster.missing()).toEqual([])
    expect(cluster.unread()).toEqual([])
    expect(cluster.sentTwice()).toEqual([])
    expect(deliveredUnderTwoIds()).toEqual([])
    expect(await cluster.trespasses()).toEqual([])
    expect(cluster.sandbox.network.retryRequests.latest).toEqual([])
    expect(cluster.members.map(({ phone }) => cluster.replaced(phone))).toEqual(Array(MEMBERS).fill(0))
  },
  240_000,
)

function deliveredUnderTwoIds(): string[] {
  return [...cluster.deliveries()].filter(([, ids]) => ids.size > 1).map(([text]) => text)
}
