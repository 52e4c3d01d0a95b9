import { randomUUID } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type LeaseTimes, leasedOwnership } from '../../src/cluster/leases.ts'
import type { HandOverHooks, OwnedSessions, Ownership } from '../../src/cluster/ownership.ts'
import { createLogger } from '../../src/lib/process/logger.ts'
import { openSecrets, type Secrets } from '../../src/lib/secrets/secrets.ts'
import { GroupCommit } from '../../src/store/commit/group-commit.ts'
import { requestEnd } from '../../src/store/nodes/leases.ts'
import { listNodes } from '../../src/store/nodes/nodes.ts'
import { deleteUser, insertUser } from '../../src/store/users/users.ts'
import { type TemporaryDatabase, temporaryDatabase } from '../helpers/database.ts'
import { type Forwarder, startForwarder } from '../helpers/forwarder.ts'
import { sampleUser } from '../helpers/users.ts'

/** Sessions that only remember what they were told. */
class RecordedSessions implements OwnedSessions {
  readonly open = new Set<string>()
  readonly told: string[] = []
  failures = 0
  /** How long it takes to begin one. */
  delayMs = 0
  ownership: Ownership | undefined

  async claimed(userId: string) {
    if (this.delayMs > 0) await delay(this.delayMs)
    if (this.failures-- > 0) throw new Error('the user could not be read')
    this.open.add(userId)
    this.told.push(`claimed ${userId}`)
  }
  async lost(userId: string) {
    this.open.delete(userId)
    this.told.push(`lost ${userId}`)
  }
  async unwanted(userId: string, { unlink }: { unlink: boolean }) {
    if (!this.open.delete(userId)) return
    this.told.push(`${unlink ? 'unlink' : 'end'} ${userId}`)
    await this.ownership?.release(userId)
  }
  async close(userId: string) {
    this.open.delete(userId)
    this.told.push(`close ${userId}`)
  }
  isMovable() {
    return true
  }
}

interface Node {
  ownership: Ownership
  sessions: RecordedSessions
}

// Shorter than in a real cluster, and long enough for a busy machine.
const TIMES: LeaseTimes = { leaseMs: 3_000, renewMs: 300, marginMs: 1_000, scanMs: 50 }
const log = createLogger(process.env.LOG_LEVEL === 'debug' ? 'debug' : 'silent')

let temporary: TemporaryDatabase
let secrets: Secrets
let running: Ownership[]

beforeEach(async () => {
  temporary = await temporaryDatabase('postgres')
  secrets = await openSecrets({ dataDir: temporary.config.dataDir, encryptionKey: 'test' })
  running = []
})
afterEach(async () => {
  for (const ownership of running) await ownership.stop()
  await temporary.close()
})

test('a node takes the wanted sessions, each with a new epoch', async () => {
  const [wanted = ''] = await users(1)
  await users(1, { wanted: false })

  const { ownership, sessions } = await node('a')

  expect([...sessions.open]).toEqual([wanted])
  expect(ownership.leaseOf(wanted)).toEqual({ userId: wanted, owner: 'a', epoch: 1 })
  expect(ownership.holds(wanted)).toBe(true)
  expect(await ownership.ownerOf(wanted)).toEqual({ kind: 'here' })
})

test('two nodes share, and a third one gets its part', async () => {
  await users(9)
  const a = await node('a')
  const b = await node('b')
  await expect.poll(() => sizes(a, b)).toEqual([5, 4])

  const c = await node('c')

  await expect.poll(() => sizes(a, b, c)).toEqual([3, 3, 3])
  expect(a.sessions.told.filter((said) => said.startsWith('lost'))).toEqual([])
})

test('the others hear where a session is, and a claim of theirs fails', async () => {
  const [user = ''] = await users(1)
  await node('a')
  const b = await node('b')

  expect(await b.ownership.ownerOf(user)).toEqual({ kind: 'elsewhere', nodeId: 'a', address: 'http://a' })
  expect(await b.ownership.claim(user)).toBe(false)
  expect(() => b.ownership.leaseOf(user)).toThrow('moved')
  expect(b.ownership.holds(user)).toBe(false)
})

test('a session that could not be opened is tried again', async () => {
  const a = await node('a')
  a.sessions.failures = 2

  const [user = ''] = await users(1)

  await expect.poll(() => a.sessions.open.has(user)).toBe(true)
  expect((await row(user)).epoch).toBeGreaterThan(2)
})

test('a session is here when it has begun, not before', async () => {
  const a = await node('a')
  a.sessions.delayMs = 300
  const [user = ''] = await users(1)
  await expect.poll(() => a.ownership.holds(user)).toBe(true)

  const owner = await a.ownership.ownerOf(user)

  expect([owner.kind, a.sessions.open.has(user)]).toEqual(['here', true])
})

test('a claim makes the session wanted', async () => {
  const [user = ''] = await users(1, { wanted: false })
  const { ownership } = await node('a')

  expect(await ownership.ownerOf(user)).toEqual({ kind: 'nobody', isWanted: false })
  expect(await ownership.claim(user)).toBe(true)

  expect(await row(user)).toMatchObject({ owner: 'a', epoch: 1, wanted: true })
})

test('nobody writes the keys of a session that belongs to another node', async () => {
  const [user = '', kept = ''] = await users(2)
  const { ownership } = await node('a')
  const writer = new GroupCommit(temporary.db, secrets)
  const change = (userId: string) => ({
    values: [{ userId, kind: 'session', id: 'x', text: '{}' }],
    lease: ownership.leaseOf(userId),
  })
  const draft = {
    digest: 'd',
    attrs: {},
    meta: [],
    encIndex: 0,
    encAttrs: {},
    plaintext: Buffer.from('p'),
    receivedAt: 1,
  }
  const [mine, lost] = [change(kept), change(user)]
  await temporary.db('users').where('id', user).update({ owner: 'b', epoch: 2 })

  const plain = await Promise.allSettled([writer.write(mine), writer.write(lost)])
  const withMessages = await Promise.allSettled([
    writer.write({ ...mine, inbox: [{ ...draft, userId: kept }] }),
    writer.write({ ...lost, inbox: [{ ...draft, userId: user }] }),
  ])

  for (const outcomes of [plain, withMessages]) {
    expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected'])
    expect(outcomes[1]).toMatchObject({ reason: { code: 'lease_lost' } })
  }
  expect(await temporary.db('auth').pluck('user_id')).toEqual([kept])
  expect(await temporary.db('inbox').pluck('user_id')).toEqual([kept])
})

test('a session that was taken over anew refuses what its former incarnation wrote', async () => {
  const [user = ''] = await users(1)
  const { ownership } = await node('a')
  const writer = new GroupCommit(temporary.db, secrets)
  const former = ownership.leaseOf(user)
  await temporary.db('users').where('id', user).increment('epoch', 1)
  const present = { userId: user, owner: 'a', epoch: 2 }
  const write = (text: string, lease = former) =>
    writer.write({ values: [{ userId: user, kind: 'session', id: 'x', text }], lease })

  const outcomes = await Promise.allSettled([write('new', present), write('old')])

  expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected'])
})

test('a session whose epoch changed is closed without writing, and one nobody wants is ended', async () => {
  const [taken = '', unwanted = '', unlinked = '', deleted = ''] = await users(4)
  const { ownership, sessions } = await node('a')
  sessions.told.length = 0

  await temporary.db('users').where('id', taken).update({ owner: 'x', epoch: 7 })
  await requestEnd(temporary.db, unwanted, { unlink: false })
  await requestEnd(temporary.db, unlinked, { unlink: true })
  await deleteUser(temporary.db, deleted)

  const expected = [`lost ${taken}`, `end ${unwanted}`, `unlink ${unlinked}`, `unlink ${deleted}`]
  await expect.poll(() => sessions.told.toSorted()).toEqual(expected.toSorted())
  expect(ownership.holds(taken)).toBe(false)
  expect(await row(unwanted)).toMatchObject({ owner: null, wanted: false })
  await expect.poll(() => row(unlinked)).toMatchObject({ owner: null, wanted: false, unlink: false })
})

test('a node that starts again under its id takes its sessions back at once, with new epochs', async () => {
  const [user = ''] = await users(1)
  await node('a')

  const again = await node('a')

  expect(again.ownership.leaseOf(user)).toEqual({ userId: user, owner: 'a', epoch: 2 })
})

test('of two processes with one id the later keeps it and the other becomes a node of its own', async () => {
  const [user = ''] = await users(1)
  const first = await node('a')
  const second = await node('a')

  await expect.poll(() => first.sessions.told).toContain(`lost ${user}`)

  await expect.poll(() => first.ownership.nodeId).toMatch(/^a\../)
  expect(second.ownership.holds(user)).toBe(true)
  await expect.poll(async () => (await listNodes(temporary.db)).length).toBe(2)
})

test('a node without a database closes its sessions before another one opens them', async () => {
  const [user = ''] = await users(1)
  const line = await startForwarder(postgresPlace())
  // Both nodes are in this process: what holds it up counts for a's clock and not for the database's.
  const times = { ...TIMES, leaseMs: 6_000, marginMs: 2_000 }
  const a = await node('a', { line, times })
  const b = await node('b', { times })

  await line.cut()
  await expect.poll(() => b.sessions.open.has(user)).toBe(true)

  expect(a.sessions.told.at(-1)).toBe(`lost ${user}`)
  expect(a.ownership.holds(user)).toBe(false)
  await line.mend()
  const [next = ''] = await users(1)
  await expect.poll(() => a.sessions.open.has(next) || b.sessions.open.has(next)).toBe(true)
  await expect.poll(() => [a.sessions.open.size, b.sessions.open.size]).toEqual([1, 1])
  await line.close()
})

test('a node that stood still for longer than its lease takes what it is asked to take when it lives again', async () => {
  const [user = ''] = await users(1, { wanted: false })
  const { ownership } = await node('a')

  const until = performance.now() + TIMES.leaseMs
  while (performance.now() < until);

  expect(ownership.holds(user)).toBe(false)
  expect(await ownership.claim(user)).toBe(true)
  expect(ownership.holds(user)).toBe(true)
})

test('a node that stops hands everything over around its hooks', async () => {
  const ids = await users(5)
  const hooks: string[] = []
  const a = await node('a', {
    handOver: {
      before: async (userId) => void hooks.push(`before ${userId}`),
      after: (userId) => void hooks.push(`after ${userId}`),
    },
  })
  const b = await node('b')

  await a.ownership.drain()

  expect(a.sessions.open.size).toBe(0)
  expect(hooks.toSorted()).toEqual(ids.flatMap((id) => [`before ${id}`, `after ${id}`]).toSorted())
  expect((await listNodes(temporary.db)).map(({ id, isDraining }) => [id, isDraining])).toEqual([
    ['a', true],
    ['b', false],
  ])
  await expect.poll(() => b.sessions.open.size).toBe(5)
  await a.ownership.stop()
  running.splice(running.indexOf(a.ownership), 1)
  expect((await listNodes(temporary.db)).map(({ id }) => id)).toEqual(['b'])
})

interface NodeOptions {
  line?: Forwarder
  handOver?: HandOverHooks
  times?: LeaseTimes
}

async function node(nodeId: string, { line, handOver, times = TIMES }: NodeOptions = {}): Promise<Node> {
  const url = new URL(temporary.config.databaseUrl ?? '')
  if (line) url.port = String(line.port)
  const sessions = new RecordedSessions()
  const ownership = leasedOwnership({
    databaseUrl: url.href,
    db: temporary.db,
    log,
    nodeId,
    address: `http://${nodeId}`,
    handOver,
    times,
  })
  sessions.ownership = ownership
  running.push(ownership)
  await ownership.start(sessions)
  return { ownership, sessions }
}

async function users(count: number, { wanted = true } = {}): Promise<string[]> {
  const made = Array.from({ length: count }, () => sampleUser({ wanted, token: randomUUID() }))
  for (const user of made) await insertUser(temporary.db, secrets, user)
  return made.map(({ id }) => id)
}

function row(userId: string) {
  return temporary.db('users').where('id', userId).first('owner', 'epoch', 'wanted', 'unlink')
}

function sizes(...nodes: Node[]): number[] {
  return nodes.map(({ sessions }) => sessions.open.size).toSorted((one, other) => other - one)
}

function postgresPlace(): { host: string; port: number } {
  const { hostname, port } = new URL(temporary.config.databaseUrl ?? '')
  return { host: hostname, port: Number(port) }
}
