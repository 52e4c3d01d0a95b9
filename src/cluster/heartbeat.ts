import { setTimeout as delay } from 'node:timers/promises'
import { ChangeWaiters } from '../lib/flow/change-waiters.ts'
import { newId } from '../lib/ids.ts'
import type { Logger } from '../lib/process/logger.ts'
import type { Database } from '../store/database/database.ts'
import {
  incarnationOf,
  type NodeIdentity,
  registerNode,
  removeNode,
  renewNode,
} from '../store/nodes/nodes.ts'

/** What follows from the life and death of a node. */
export interface Vitals {
  /** The node lives under this id from now on: what it owned before is its own again. */
  born(): Promise<void>
  /** Its lease has run out or was taken; everything it owned must be closed. Resolves when it is. */
  died(): Promise<void>
}

export interface HeartbeatOptions {
  /** Connections that nothing else uses. */
  db: Database
  log: Logger
  id: string
  address: string
  /** How long the others wait for a sign of life, by the database's clock. */
  leaseMs: number
  renewMs: number
  /** So much earlier this node gives itself up: nobody else may open a session before it has closed it. */
  marginMs: number
}

const RETRY_MS = 500

/**
 * Keeps the lease of this node. How long it holds is known here without asking, by a clock that nobody sets: counted
 * from the moment before the database was asked to extend it.
 */
export class Heartbeat {
  readonly #options: HeartbeatOptions
  readonly #vitals: Vitals
  readonly #stopping = new AbortController()
  readonly #waiters = new ChangeWaiters(this.#stopping.signal)
  #node: NodeIdentity
  #holdsUntil = 0
  #isRegistered = false
  #expiry: NodeJS.Timeout | undefined
  #dying: Promise<void> = Promise.resolve()
  #loop: Promise<void> = Promise.resolve()

  constructor(options: HeartbeatOptions, vitals: Vitals) {
    this.#options = options
    this.#vitals = vitals
    this.#node = { id: options.id, address: options.address, incarnation: newId() }
  }

  /** Under which id this process lives; it changes when another one takes it. */
  get node(): NodeIdentity {
    return this.#node
  }

  /** Whether the lease certainly holds now. */
  get isAlive(): boolean {
    return this.#isRegistered && performance.now() < this.#holdsUntil
  }

  /** Resolves when the lease holds, or after `patienceMs` without. */
  async whenAlive(patienceMs: number): Promise<void> {
    await this.#waiters.until(() => this.isAlive, patienceMs)
  }

  /** Resolves after the first beat, which fails when the database does. */
  async start(): Promise<void> {
    await this.#beat()
    this.#loop = this.#run()
  }

  /** Ends the lease, so that the others need not wait for it. */
  async stop(): Promise<void> {
    this.#stopping.abort()
    clearTimeout(this.#expiry)
    await this.#loop
    this.#isRegistered = false
    await removeNode(this.#options.db, this.#node).catch((error: unknown) =>
      // It is found dead when its lease runs out.
      this.#options.log.warn({ err: error }, 'this node could not be signed off'),
    )
  }

  async #run(): Promise<void> {
    const { log, renewMs } = this.#options
    const { signal } = this.#stopping
    let pauseMs = renewMs
    while (!signal.aborted) {
      await delay(pauseMs, undefined, { signal, ref: false }).catch(() => {})
      if (signal.aborted) return
      try {
        await this.#beat()
        pauseMs = renewMs
      } catch (error) {
        log.warn({ err: error }, 'the lease could not be renewed')
        pauseMs = RETRY_MS
      }
    }
  }

  async #beat(): Promise<void> {
    const { db, leaseMs } = this.#options
    if (this.#isRegistered) {
      const askedAt = performance.now()
      const isRenewed = await renewNode(db, this.#node, leaseMs)
      // An answer that took too long came after everything was closed.
      if (isRenewed && this.isAlive) return this.#extend(askedAt)
      this.#die()
    }
    await this.#dying
    await this.#makeRoom()
    const askedAt = performance.now()
    this.#node = { ...this.#node, incarnation: newId() }
    await registerNode(db, this.#node, leaseMs)
    this.#isRegistered = true
    this.#extend(askedAt)
    await this.#vitals.born()
  }

  /** Another process that lives under our id was started later than this one: it keeps it. */
  async #makeRoom(): Promise<void> {
    if (this.#holdsUntil === 0) return
    const { db, log } = this.#options
    const { id, incarnation } = this.#node
    const present = await incarnationOf(db, id)
    if (present === '' || present === incarnation) return
    this.#node = { ...this.#node, id: `${this.#options.id}.${newId().slice(0, 6)}` }
    log.error(
      { node: id, now: this.#node.id },
      'another process uses the id of this node; give each its own NODE_ID',
    )
  }

  #extend(askedAt: number): void {
    const { leaseMs, marginMs } = this.#options
    this.#holdsUntil = askedAt + leaseMs - marginMs
    this.#waiters.changed()
    this.#awaitExpiry()
  }

  #awaitExpiry(): void {
    clearTimeout(this.#expiry)
    this.#expiry = setTimeout(() => this.#expire(), Math.max(this.#holdsUntil - performance.now(), 0)).unref()
  }

  #expire(): void {
    if (!this.#isRegistered) return
    if (this.isAlive) {
      // Timers count whole milliseconds, and may be a part of one early.
      this.#awaitExpiry()
      return
    }
    this.#options.log.error('the lease of this node ran out; its sessions are closed')
    this.#die()
  }

  #die(): void {
    if (!this.#isRegistered) return
    this.#isRegistered = false
    clearTimeout(this.#expiry)
    this.#dying = this.#vitals.died()
  }
}
