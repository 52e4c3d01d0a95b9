import { setMaxListeners } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { newId } from '../lib/ids.ts'
import type { AttemptOutcome, Observer } from '../lib/observer.ts'
import { AgentPool } from '../media/proxy-agents.ts'
import {
  claimLanes,
  dueLanes,
  type Finished,
  type Lane,
  nextDeliveries,
  type PendingDelivery,
  recoverLanes,
  releaseLanes,
  renewLanes,
} from '../store/deliveries.ts'
import { getDestination, isHeld, parkHeldLanes } from '../store/destinations.ts'
import { type AttemptDeps, attemptDelivery, type Transport } from './attempt.ts'
import { type BreakerLimits, Breakers } from './breakers.ts'
import type { EventBus } from './bus.ts'
import { defaultPauses, pauseAfter, retryPauses } from './schedule.ts'
import { Settler } from './settler.ts'
import { errorReport, QUEUE_DESTINATION } from './targets.ts'
import type { Outcome } from './webhook.ts'

export interface OutboxOptions extends AttemptDeps {
  bus: EventBus
  /** Pauses before the second, third, ... attempt, in milliseconds; default: the configured schedule. */
  pausesMs?: number[]
  /** How often to look for due deliveries without being nudged. */
  pollMs?: number
  /** How long lanes stay with this process when it stops renewing them. */
  leaseMs?: number
  /** When receivers that fail are left alone. */
  breakers?: BreakerLimits
  /** Hears of every attempt. */
  observer?: Pick<Observer, 'attempted'>
}

/** A running outbox. */
export interface Outbox {
  /** Looks for due deliveries now. */
  nudge(): void
  /** Resolves when nothing is in flight; requests get `graceMs` to end (default: the configured shutdown grace). */
  stop(graceMs?: number): Promise<void>
}

/** Starts delivering what is recorded. Deliveries left by an earlier process are continued. */
export function startOutbox(options: OutboxOptions): Outbox {
  const outbox = new LaneOutbox(options)
  outbox.start()
  return outbox
}

// Receivers that fail use at most this part of the requests that everybody shares: their timeouts must not starve others.
const SUSPECTS_SHARE = 0.5

/**
 * Works on lanes: a lane is one target and one chat, and its deliveries are made strictly one after the other. Many
 * lanes are worked on at once, a bounded number of them per destination.
 */
class LaneOutbox implements Outbox {
  readonly #options: OutboxOptions
  readonly #pausesMs: number[]
  readonly #leaseMs: number
  readonly #lease = newId()
  readonly #settler: Settler
  readonly #agents: AgentPool
  /** The lanes being worked on: their destination and the work itself. */
  readonly #active = new Map<string, { destination: string; work: Promise<void> }>()
  readonly #breakers: Breakers
  readonly #stopping = new AbortController()
  readonly #aborting = new AbortController()
  readonly #transport: Transport = {
    agentsOf: ({ proxyUrl, webhookUseProxy }) => this.#agents.through(webhookUseProxy ? proxyUrl : ''),
    signal: this.#aborting.signal,
  }
  #unlisten: (() => void)[] = []
  #renewal: NodeJS.Timeout | undefined
  #loop: Promise<void> = Promise.resolve()
  #isNudged = false
  #wake = () => {}
  /** Lanes were due that could not be taken because of a limit. */
  #hasBacklog = false

  constructor(options: OutboxOptions) {
    this.#options = options
    this.#pausesMs = options.pausesMs ?? retryPauses(options.config)
    this.#leaseMs = options.leaseMs ?? 10_000
    this.#settler = new Settler(options.db, this.#lease)
    this.#breakers = new Breakers(options.db, options.breakers)
    this.#agents = new AgentPool({
      networks: options.config.webhookAllowedNetworks,
      verifyTls: options.config.webhookVerifyTls,
    })
  }

  start(): void {
    // Every request in flight listens for it.
    setMaxListeners(0, this.#aborting.signal)
    const { bus, queue } = this.#options
    this.#unlisten.push(bus.listenForDeliveries(() => this.nudge()))
    if (queue) this.#unlisten.push(queue.onReady(() => this.nudge()))
    this.#renewal = setInterval(() => void this.#renew(), this.#leaseMs / 4)
    this.#renewal.unref()
    this.#loop = this.#run()
  }

  nudge(): void {
    this.#isNudged = true
    this.#wake()
  }

  async stop(graceMs = this.#options.config.shutdownGraceMs): Promise<void> {
    for (const unlisten of this.#unlisten) unlisten()
    this.#stopping.abort()
    this.nudge()
    const limit = setTimeout(() => this.#aborting.abort(), graceMs)
    await this.#loop
    await Promise.all([...this.#active.values()].map(({ work }) => work))
    clearTimeout(limit)
    clearInterval(this.#renewal)
    await releaseLanes(this.#options.db, this.#lease, Date.now())
    this.#agents.close()
  }

  async #run(): Promise<void> {
    let isRecovered = false
    while (!this.#stopping.signal.aborted) {
      this.#isNudged = false
      try {
        if (!isRecovered) await this.#recover()
        isRecovered = true
        if (await this.#claim()) continue
      } catch (error) {
        // The database may come back; what is due stays due.
        this.#options.log.error({ err: error }, 'the outbox cannot read its deliveries')
      }
      if (!this.#isNudged) await this.#rest()
    }
  }

  async #recover(): Promise<void> {
    await recoverLanes(this.#options.db, Date.now())
    await this.#breakers.restore()
  }

  /** Resolves at the next nudge, or after the poll interval. */
  #rest(): Promise<void> {
    return new Promise((resolve) => {
      const done = () => {
        clearTimeout(timer)
        this.#wake = () => {}
        resolve()
      }
      const timer = setTimeout(done, this.#options.pollMs ?? 1_000)
      timer.unref()
      this.#wake = done
    })
  }

  /** Takes the due lanes there is room for; true when it makes sense to look again at once. */
  async #claim(): Promise<boolean> {
    const { db, config } = this.#options
    const room = config.webhookConcurrency - this.#active.size
    this.#hasBacklog = room <= 0
    if (room <= 0) return false

    const saturated = this.#saturated()
    // Else their lanes, which wait longest, would be all that is found.
    if (this.#roomForSuspects() <= 0) saturated.push(...this.#breakers.suspects())
    const limit = room * 4
    const now = Date.now()
    const due = await dueLanes(db, { now, limit, except: [...saturated, ...this.#away()] })
    const parked = await parkHeldLanes(db, due, now)
    const picked = this.#pick(
      due.filter(({ lane }) => !parked.has(lane)),
      room,
    )
    const isPart = picked.length + parked.size < due.length || due.length === limit
    this.#hasBacklog = isPart || saturated.length > 0
    // What was set aside made way for others.
    if (picked.length === 0) return parked.size > 0

    const claimed = await claimLanes(db, picked, { lease: this.#lease, now, until: now + this.#leaseMs })
    const names = claimed.map(({ lane }) => lane)
    const pending = await nextDeliveries(db, names)
    for (const lane of claimed) {
      const work = this.#work(
        lane,
        pending.filter((delivery) => delivery.lane === lane.lane),
      )
      this.#active.set(lane.lane, { destination: lane.destination, work })
    }
    return isPart && picked.length < room
  }

  #saturated(): string[] {
    const destinations = new Set([...this.#active.values()].map(({ destination }) => destination))
    return [...destinations].filter((destination) => this.#roomFor(destination) <= 0)
  }

  /** What waits for a broker that is away is not attempted in vain: nothing is given up because of it. */
  #away(): string[] {
    return this.#options.queue?.isReady === false ? [QUEUE_DESTINATION] : []
  }

  #roomFor(destination: string): number {
    let used = 0
    for (const one of this.#active.values()) if (one.destination === destination) used++
    return this.#breakers.roomOf(destination, this.#options.config.webhookConcurrencyPerTarget) - used
  }

  /** How many more requests may go to receivers that fail. */
  #roomForSuspects(): number {
    const most = Math.max(1, Math.floor(this.#options.config.webhookConcurrency * SUSPECTS_SHARE))
    const active = [...this.#active.values()]
    return most - active.filter(({ destination }) => this.#breakers.isSuspect(destination)).length
  }

  #pick(due: Lane[], room: number): string[] {
    const left = new Map<string, number>()
    let leftForSuspects = this.#roomForSuspects()
    const picked: string[] = []
    for (const { lane, destination } of due) {
      const free = left.get(destination) ?? this.#roomFor(destination)
      // A lane can be due and still in work here after this process was stopped for longer than its lease.
      if (free <= 0 || picked.length >= room || this.#active.has(lane)) continue
      if (this.#breakers.isSuspect(destination) && leftForSuspects-- <= 0) continue
      left.set(destination, free - 1)
      picked.push(lane)
    }
    return picked
  }

  async #work(lane: Lane, first: PendingDelivery[]): Promise<void> {
    try {
      let batch = first
      while (await this.#workThrough(lane, batch)) batch = await nextDeliveries(this.#options.db, [lane.lane])
    } catch (error) {
      // The lane comes back when its lease runs out, beginning with the delivery that was interrupted.
      if (!this.#aborting.signal.aborted) {
        this.#options.log.error({ err: error, lane: lane.destination }, 'deliveries were interrupted')
      }
    } finally {
      this.#active.delete(lane.lane)
      if (this.#hasBacklog) this.nudge()
    }
  }

  /** Makes the given deliveries in order; true when there may be more in the lane and this outbox keeps it. */
  async #workThrough(lane: Lane, batch: PendingDelivery[]): Promise<boolean> {
    for (const delivery of batch.slice(0, -1)) {
      if (!(await this.#make(lane, delivery, []))) return false
    }
    const last = batch.at(-1)
    const closed = last
      ? await this.#make(lane, last, [lane.lane])
      : await this.#settler.add({ closing: [lane.lane] })
    if (!closed || closed.has(lane.lane)) return false
    if (this.#hasBacklog || this.#stopping.signal.aborted) {
      await this.#settler.add({ yielded: [lane.lane] })
      return false
    }
    // Empty and yet not closed: somebody is recording into it right now.
    if (!last) await sleep(20)
    return true
  }

  /** Makes one attempt and writes its outcome; undefined when the lane must wait, else the lanes that were closed. */
  async #make(lane: Lane, delivery: PendingDelivery, closing: string[]): Promise<Set<string> | undefined> {
    if (this.#stopping.signal.aborted) return undefined
    if (isHeld(await getDestination(this.#options.db, lane.destination), Date.now())) {
      await this.#settler.add({ yielded: [lane.lane] })
      return undefined
    }
    const outcome = await attemptDelivery(this.#options, delivery, this.#transport)
    await this.#tellBreaker(lane.destination, delivery, outcome)
    const { seq } = delivery
    if (outcome.kind === 'dropped') {
      this.#observe(delivery, 'dropped')
      return this.#settler.add({ finished: [{ seq, state: 'dropped' }], closing })
    }
    const { status, attempt: made } = outcome
    if (outcome.kind === 'delivered') {
      this.#observe(delivery, 'delivered')
      return this.#settler.add({ finished: [{ seq, state: 'delivered', status, attempt: made }], closing })
    }

    const { answer } = outcome
    const attempt = delivery.attempt + 1
    const pauses = this.#pausesOf(delivery.target)
    const pause = outcome.isFinal ? undefined : pauseAfter(attempt, pauses, outcome.retryAfterMs)
    const facts = { user: delivery.userId, delivery: delivery.id, target: delivery.target, attempt, status }
    this.#observe(delivery, pause === undefined ? 'given_up' : 'failed')
    if (pause === undefined) {
      this.#options.log.warn(facts, 'a delivery was given up')
      return this.#giveUp(delivery, { seq, state: 'dead', status, answer, attempt: made }, closing)
    }
    this.#options.log.debug({ ...facts, pauseMs: pause }, 'a delivery failed and will be repeated')
    await this.#settler.add({
      postponed: [{ seq, lane: lane.lane, dueAt: Date.now() + pause, status, answer, attempt: made }],
    })
    return undefined
  }

  #observe({ at }: PendingDelivery, outcome: AttemptOutcome): void {
    this.#options.observer?.attempted({ outcome, lagMs: Date.now() - at })
  }

  #pausesOf(target: string): number[] {
    if (target.startsWith(QUEUE_DESTINATION)) return defaultPauses
    // Without a schedule nothing is repeated.
    if (this.#pausesMs.length === 0) return []
    return [...(this.#options.dialects?.find(target)?.firstPausesMs ?? []), ...this.#pausesMs]
  }

  async #tellBreaker(destination: string, delivery: PendingDelivery, outcome: Outcome): Promise<void> {
    // Nothing was asked of the receiver, so nothing is known of it.
    if (outcome.kind === 'dropped' || !outcome.attempt) return
    const owner = destination === 'global' ? undefined : delivery.userId
    if (outcome.kind === 'delivered') await this.#breakers.succeeded(destination, owner)
    else if (!outcome.isOutdated) await this.#breakers.failed(destination, owner, outcome)
  }

  async #giveUp(delivery: PendingDelivery, finished: Finished, closing: string[]): Promise<Set<string>> {
    const report = this.#options.queue && errorReport(delivery)
    const closed = await this.#settler.add({ finished: [finished], reports: report ? [report] : [], closing })
    if (report) this.nudge()
    return closed
  }

  async #renew(): Promise<void> {
    const lanes = [...this.#active.keys()]
    if (lanes.length === 0) return
    const claim = { lease: this.#lease, until: Date.now() + this.#leaseMs }
    try {
      await renewLanes(this.#options.db, lanes, claim)
    } catch (error) {
      // Another node may repeat what is in flight here; receivers recognise it by its id.
      this.#options.log.warn({ err: error }, 'the outbox could not renew its lanes')
    }
  }
}
