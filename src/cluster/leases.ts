import { setTimeout as delay } from 'node:timers/promises'
import { ApiError } from '../lib/errors.ts'
import { withTimeout } from '../lib/flow/with-timeout.ts'
import type { Logger } from '../lib/process/logger.ts'
import type { Database } from '../store/database/database.ts'
import { openLeaseDatabase } from '../store/database/postgres.ts'
import {
  adoptLeases,
  claimLease,
  claimWanted,
  existingUsers,
  freeOrphans,
  type Lease,
  type OwnedRow,
  ownedLeases,
  readShare,
  releaseLease,
} from '../store/nodes/leases.ts'
import { buryNodes, forgetDeadNodes, markDraining } from '../store/nodes/nodes.ts'
import { Heartbeat } from './heartbeat.ts'
import { OwnerLookup } from './owner-lookup.ts'
import type { HandOverHooks, OwnedSessions, Owner, Ownership } from './ownership.ts'
import { Rebalancer } from './rebalance.ts'
import { StatusPublisher } from './status-publisher.ts'

/** How patient nodes are with each other. */
export interface LeaseTimes {
  /** How long the others wait for a sign of life before they take a node's sessions. */
  leaseMs: number
  renewMs: number
  /** How much earlier than the others a node declares itself dead. */
  marginMs: number
  /** How often a node looks for sessions that nobody has. */
  scanMs: number
}

const TIMES: LeaseTimes = { leaseMs: 8_000, renewMs: 2_000, marginMs: 1_000, scanMs: 500 }

export interface LeaseOptions {
  databaseUrl: string
  /** The pool of everything else, for looking owners up. */
  db: Database
  log: Logger
  /** The same id after a restart, so that it need not wait for its own lease. */
  nodeId: string
  /** Where the other nodes reach this one. */
  address: string
  handOver?: HandOverHooks
  times?: Partial<LeaseTimes>
}

/** Sessions as nodes of one PostgreSQL database share them: each belongs to the node whose id is in its user's row. */
export function leasedOwnership(options: LeaseOptions): Ownership {
  return new LeasedOwnership(options)
}

interface Held {
  epoch: number
  /** The scan that was the latest when it became ours. */
  since: number
  /** Its session is being begun, until this is kept; never rejects. */
  opening?: Promise<void>
}

// Small, so that nodes that start together share what is there.
const CLAIMS_PER_STATEMENT = 25
const RELEASE_POLL_MS = 50

class LeasedOwnership implements Ownership {
  readonly isShared = true
  readonly #db: Database
  readonly #log: Logger
  readonly #times: LeaseTimes
  readonly #heartbeat: Heartbeat
  readonly #lookup: OwnerLookup
  readonly #news: StatusPublisher
  readonly #handOver: Rebalancer
  readonly #held = new Map<string, Held>()
  /** Sessions given up, by the scan that was the latest then: its look at the rows may still show them as ours. */
  readonly #released = new Map<string, number>()
  readonly #stopping = new AbortController()
  #sessions: OwnedSessions | undefined
  #isDraining = false
  #scans = 0
  /** Claims of this node, one after the other: a session is in `#held` before the next one asks. */
  #claims: Promise<unknown> = Promise.resolve()
  #scanning: Promise<void> = Promise.resolve()
  #loop: Promise<void> = Promise.resolve()

  constructor(options: LeaseOptions) {
    const { log, nodeId: id, address, handOver } = options
    this.#db = openLeaseDatabase(options.databaseUrl)
    this.#log = log
    this.#times = { ...TIMES, ...options.times }
    this.#heartbeat = new Heartbeat(
      { db: this.#db, log, id, address, ...this.#times },
      { born: () => this.#born(), died: () => this.#died() },
    )
    this.#lookup = new OwnerLookup(options.db)
    this.#news = new StatusPublisher(this.#db, log)
    this.#handOver = new Rebalancer({
      log,
      hooks: handOver,
      close: (userId) => this.#mine.close(userId),
      release: (userId) => this.release(userId),
      reopen: (userId) => this.#mine.claimed(userId),
    })
  }

  get nodeId(): string {
    return this.#heartbeat.node.id
  }

  get #mine(): OwnedSessions {
    if (!this.#sessions) throw new Error('the ownership of sessions has not been started')
    return this.#sessions
  }

  async start(sessions: OwnedSessions): Promise<void> {
    this.#sessions = sessions
    await this.#heartbeat.start()
    await this.#scan()
    this.#loop = this.#run()
  }

  async claim(userId: string): Promise<boolean> {
    // A node that stood still for longer than its lease lives again within a moment. Waited for outside the turn, which
    // it takes to get back what it had.
    await this.#heartbeat.whenAlive(this.#times.leaseMs)
    return this.#inTurn(async () => {
      if (this.#held.has(userId)) return true
      if (this.#isDraining || !this.#heartbeat.isAlive) return false
      const epoch = await claimLease(this.#db, userId, this.nodeId)
      if (epoch !== undefined) this.#take(userId, epoch)
      return epoch !== undefined
    })
  }

  async release(userId: string): Promise<void> {
    const held = this.#held.get(userId)
    if (!held) return
    const lease = { userId, owner: this.nodeId, epoch: held.epoch }
    this.#drop(userId)
    this.#released.set(userId, Number.POSITIVE_INFINITY)
    try {
      await releaseLease(this.#db, lease)
    } finally {
      // Should it have failed, the next scan finds that the session is still ours, and opens it again.
      this.#released.set(userId, this.#scans)
    }
  }

  async ownerOf(userId: string): Promise<Owner> {
    const held = this.#held.get(userId)
    if (!held) return this.#lookup.ask(userId, this.nodeId)
    // Between a claim and its session there is nothing here that could answer.
    const hasBegun = !held.opening || (await endsWithin(held.opening, this.#times.renewMs))
    return hasBegun && this.#held.get(userId) === held ? { kind: 'here' } : { kind: 'nobody', isWanted: true }
  }

  async whenReleased(userId: string, timeoutMs: number): Promise<boolean> {
    const deadline = performance.now() + timeoutMs
    while ((await this.#lookup.askAgain(userId, this.nodeId)).kind === 'elsewhere') {
      if (performance.now() >= deadline) return false
      await delay(RELEASE_POLL_MS)
    }
    return true
  }

  leaseOf = (userId: string): Lease => {
    const held = this.#held.get(userId)
    if (!held || !this.#heartbeat.isAlive) throw new ApiError('lease_lost')
    return { userId, owner: this.nodeId, epoch: held.epoch }
  }

  holds = (userId: string): boolean => this.#held.has(userId) && this.#heartbeat.isAlive

  tell(userId: string, state: string): void {
    if (this.holds(userId)) this.#news.tell({ lease: this.leaseOf(userId), state })
  }

  async drain(): Promise<void> {
    if (this.#isDraining) return
    this.#isDraining = true
    await markDraining(this.#db, this.#heartbeat.node).catch((error: unknown) =>
      this.#log.warn({ err: error }, 'the other nodes could not be told that this one stops'),
    )
    await this.#claims
    await this.#handOver.all([...this.#held.keys()])
  }

  async stop(): Promise<void> {
    this.#stopping.abort()
    await this.#loop
    await this.#scanning
    await this.#news.flush()
    await this.#heartbeat.stop()
    await this.#db.destroy()
  }

  // In turn: a look at the rows meanwhile would see epochs that are about to change.
  #born(): Promise<void> {
    return this.#inTurn(async () => {
      for (const row of await adoptLeases(this.#db, this.nodeId)) this.#takeWanted(row)
    })
  }

  async #died(): Promise<void> {
    const lost = [...this.#held.keys()]
    this.#held.clear()
    await Promise.all(lost.map((userId) => this.#mine.lost(userId)))
  }

  async #run(): Promise<void> {
    const { signal } = this.#stopping
    while (!signal.aborted) {
      await delay(this.#times.scanMs, undefined, { signal, ref: false }).catch(() => {})
      if (signal.aborted) return
      this.#scanning = this.#scan().catch((error: unknown) =>
        this.#log.warn({ err: error }, 'sessions without a node could not be looked for'),
      )
      await this.#scanning
    }
  }

  async #scan(): Promise<void> {
    this.#lookup.prune()
    if (!this.#heartbeat.isAlive) return
    const buried = await buryNodes(this.#db)
    if (buried.length > 0) this.#log.warn({ nodes: buried }, 'nodes are dead; their sessions are taken over')
    await freeOrphans(this.#db)
    await this.#compare()
    if (this.#isDraining) return
    const share = await this.#claimShare()
    const movable = [...this.#held.keys()].filter((userId) => this.#mine.isMovable(userId))
    this.#handOver.shed(movable, { owned: this.#held.size, share })
    await forgetDeadNodes(this.#db)
  }

  /** Compares what is ours with what the rows say: others may have ended, deleted or taken a session. */
  async #compare(): Promise<void> {
    const scan = ++this.#scans
    await this.#claims
    const { node } = this.#heartbeat
    const rows = new Map((await ownedLeases(this.#db, node.id)).map((row) => [row.userId, row]))
    // A node that was born anew meanwhile has other epochs.
    if (node !== this.#heartbeat.node || !this.#heartbeat.isAlive) return
    for (const row of rows.values()) {
      const held = this.#held.get(row.userId)
      if (held?.epoch === row.epoch) this.#heed(row)
      // A claim whose answer was lost, or a release that failed.
      else if (!held && (this.#released.get(row.userId) ?? -1) < scan && !this.#handOver.isMoving(row.userId))
        this.#takeWanted(row)
    }
    const missing = [...this.#held]
      .filter(([userId, { since, epoch }]) => since < scan && rows.get(userId)?.epoch !== epoch)
      .map(([userId]) => userId)
    if (missing.length > 0) await this.#part(missing)
    for (const [userId, at] of this.#released) if (at < scan) this.#released.delete(userId)
  }

  #heed({ userId, wanted, unlink }: OwnedRow): void {
    if (wanted && !unlink) return
    void this.#inBackground(this.#mine.unwanted(userId, { unlink }), userId)
  }

  async #part(missing: string[]): Promise<void> {
    const existing = await existingUsers(this.#db, missing)
    for (const userId of missing) {
      if (existing.has(userId)) {
        this.#log.warn({ session: userId }, 'another node has taken this session')
        this.#drop(userId)
        void this.#inBackground(this.#mine.lost(userId), userId)
      } else {
        void this.#inBackground(
          this.#mine.unwanted(userId, { unlink: true }).finally(() => this.#drop(userId)),
          userId,
        )
      }
    }
  }

  /** Takes free sessions up to the fair share of this node, which it returns. */
  async #claimShare(): Promise<number> {
    for (;;) {
      const { wanted, nodes } = await readShare(this.#db)
      const share = Math.ceil(wanted / Math.max(nodes, 1))
      const isMore = await this.#inTurn(async () => {
        const limit = Math.min(share - this.#held.size, CLAIMS_PER_STATEMENT)
        if (limit <= 0 || this.#isDraining || !this.#heartbeat.isAlive) return false
        const rows = await claimWanted(this.#db, this.nodeId, limit)
        for (const row of rows) this.#takeWanted(row)
        return rows.length === limit
      })
      if (!isMore) return share
    }
  }

  #takeWanted(row: OwnedRow): void {
    const held = this.#take(row.userId, row.epoch)
    // What nobody wants is ended, and released, when the rows are compared.
    if (!row.wanted) return
    held.opening = this.#inBackground(this.#open(row.userId), row.userId).finally(() => {
      held.opening = undefined
    })
  }

  /** A session that cannot be opened here is given back, so that any node tries again at the next look. */
  async #open(userId: string): Promise<void> {
    try {
      await this.#mine.claimed(userId)
    } catch (error) {
      await this.release(userId)
      throw error
    }
  }

  #take(userId: string, epoch: number): Held {
    const held: Held = { epoch, since: this.#scans }
    this.#lookup.forget(userId)
    this.#released.delete(userId)
    this.#held.set(userId, held)
    return held
  }

  #drop(userId: string): void {
    this.#held.delete(userId)
    this.#lookup.forget(userId)
    this.#released.set(userId, this.#scans)
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#claims.then(work)
    this.#claims = turn.catch(() => {})
    return turn
  }

  /** Resolves when the work is over, however that ends. */
  #inBackground(work: Promise<void>, userId: string): Promise<void> {
    return work.catch((error: unknown) =>
      this.#log.error({ err: error, session: userId }, 'a session did not follow its lease'),
    )
  }
}

function endsWithin(work: Promise<void>, ms: number): Promise<boolean> {
  return withTimeout(work, ms).then(
    () => true,
    () => false,
  )
}
