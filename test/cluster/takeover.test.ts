import { afterAll, beforeAll, expect, test } from 'vitest'
import { until } from '../load/client.ts'
import { type ClusterNode, TestCluster } from './cluster.ts'

const MEMBERS = 8
const PAUSE_MS = 700

let cluster: TestCluster
let a: ClusterNode
let b: ClusterNode
let c: ClusterNode
let d: ClusterNode

beforeAll(async () => {
  cluster = await TestCluster.start()
  a = await cluster.node('a')
  b = await cluster.node('b')
  c = await cluster.node('c')
  d = await cluster.node('d')
  await Promise.all([a.start(), b.start()])
  await cluster.link(a, MEMBERS)
}, 180_000)
afterAll(() => cluster?.close())

test('two nodes have half of the sessions each, and two that join get their share', async () => {
  await untilShared(2)

  await Promise.all([c.start(), d.start()])

  await untilShared(4)
  expect(overlaps()).toBe(0)
}, 180_000)

test('a killed, a paused and an isolated node lose nothing to the one that is left', async () => {
  const before = await cluster.owners()
  const ofNode = (id: string) => cluster.members.filter((member) => before.get(member.id) === id)
  cluster.begin(PAUSE_MS)

  const began = performance.now()
  const times: Record<string, number> = {}
  c.signal('SIGSTOP')
  await Promise.all([d.kill(), a.line.cut()])
  const watch = ['a', 'c', 'd'].map(async (id) => {
    await until(
      `the sessions of ${id} to open`,
      async () => {
        const open = await openUsers('b')
        return ofNode(id).every((member) => open.has(member.id))
      },
      40_000,
    )
    times[id] = Math.round(performance.now() - began)
  })
  await Promise.all(watch)
  report('sessions open elsewhere, ms after SIGSTOP (c), SIGKILL (d), no database (a)', times)

  // Only what cannot close its connection may be found connected.
  expect(ofNode('c').map(({ phone }) => cluster.replaced(phone))).toEqual([1, 1])
  expect(
    [...ofNode('a'), ...ofNode('b'), ...ofNode('d')].map(({ phone }) => cluster.replaced(phone)),
  ).toEqual(Array(6).fill(0))
  c.signal('SIGCONT')
  await a.line.mend()
  await untilShared(3)
  const texts = await cluster.end()
  report('texts delivered', { incoming: texts, posted: cluster.posting.accepted.length })
  expect(overlaps()).toBe(2)
  expect(await cluster.trespasses()).toEqual([])
  expect(moreThanOnce()).toEqual([])
  expect(cluster.sentTwice()).toEqual([])
  // The session of the paused node was replaced, but nobody is to hear of that.
  expect(cluster.receiver.requests.filter(({ body }) => body.includes('StreamReplaced'))).toEqual([])
}, 180_000)

test('nothing is lost when the database ends all connections', async () => {
  cluster.begin(PAUSE_MS)
  for (let round = 0; round < 3; round++) {
    await cluster.database.db.raw(
      `select pg_terminate_backend(pid) from pg_stat_activity
        where datname = current_database() and pid <> pg_backend_pid()`,
    )
    await new Promise((resolve) => setTimeout(resolve, 700))
  }

  await cluster.end()

  await untilShared(3)
  expect(overlaps()).toBe(2)
  expect(await cluster.trespasses()).toEqual([])
  expect(moreThanOnce()).toEqual([])
  expect(cluster.sentTwice()).toEqual([])
}, 180_000)

test('a node that is told to stop hands its sessions over first', async () => {
  cluster.begin(PAUSE_MS)
  const before = await cluster.owners()
  const moved = cluster.members.filter((member) => before.get(member.id) === 'c')

  const began = performance.now()
  c.signal('SIGTERM')
  await until('its sessions to open elsewhere', async () => {
    const open = new Set([...(await openUsers('a')), ...(await openUsers('b'))])
    return moved.every((member) => open.has(member.id))
  })
  report('sessions open elsewhere, ms after SIGTERM', Math.round(performance.now() - began))

  await c.exited()
  await untilShared(2)
  await cluster.end()
  expect(overlaps()).toBe(2)
  expect(await cluster.trespasses()).toEqual([])
  expect(moreThanOnce()).toEqual([])
  expect(cluster.sentTwice()).toEqual([])
}, 180_000)

/** Waits until all sessions are open and no node has two more than another. */
async function untilShared(nodes: number): Promise<void> {
  await until(
    'the nodes to share',
    async () => {
      const open = Object.values(await cluster.openOn())
      const isAll = open.reduce((sum, one) => sum + one, 0) === MEMBERS
      return isAll && open.length === nodes && Math.max(...open) - Math.min(...open) <= 1
    },
    40_000,
  )
}

async function openUsers(owner: string): Promise<Set<string>> {
  const ids: string[] = await cluster.database.db('users').where({ owner, session_state: 'open' }).pluck('id')
  return new Set(ids)
}

function overlaps(): number {
  return cluster.members.reduce((sum, { phone }) => sum + cluster.replaced(phone), 0)
}

/** Texts that receivers would take for several. */
function moreThanOnce(): string[] {
  return [...cluster.deliveries()].filter(([, ids]) => ids.size > 1).map(([text]) => text)
}

function report(what: string, value: unknown): void {
  process.stdout.write(`${what}: ${JSON.stringify(value)}\n`)
}
