import { setMaxListeners } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import type { EventBus } from '../events/bus.ts'
import type { AttemptOutcome, Instrumentation } from '../lib/instrumentation.ts'
import { AgentPool } from '../media/fetch/proxy-agents.ts'
import {
  claimLanes,
  type Lane,
  newLaneLease,
  nextDeliveries,
  type PendingDelivery,
  recoverLanes,
  releaseLanes,
  renewLanes,
} from '../store/delivery/deliveries.ts'
import { getDestination, isHeld, parkHeldLanes } from '../store/delivery/destinations.ts'
import type { Finished, Settlement } from '../store/delivery/settlement.ts'
import { type AttemptDeps, attemptDelivery, fileWish, type Transport } from './attempt.ts'
import { type BreakerLimits, Breakers } from './breakers.ts'
import { inheritLanes } from './inherited-lanes.ts'
import { KeptOut } from './kept-out.ts'
import { lookForLanes } from './look.ts'
import { OutcomeWriter } from './outcome-writer.ts'
import { Places } from './places.ts'
import { Preparation, type Prepared } from './preparation.ts'
import { pauseAfter, pausesOf, retryPauses } from './schedule.ts'
import { errorReport, QUEUE_DESTINATION } from './targets.ts'
import type { Outcome } from './webhook.ts'

export interface OutboxOptions extends AttemptDeps {
  bus: EventBus
  /** Under which id the other nodes know this one; '' where there are none. */
  nodeId: string
  /** Pauses before the second, third, ... attempt, in milliseconds; default: the configured schedule. */
  pausesMs?: number[]
  /** How often to look for due deliveries without being nudged. */
  pollMs?: number
  /** How long lanes stay with this process when it stops renewing them. */
  leaseMs?: number
  /** When receivers that fail are left alone. */
  breakers?: BreakerLimits
  /** Hears of every attempt. */
  observer?: Pick<Instrumentation, 'attempted'>
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

/**
 * Works on lanes: a lane is one target and one chat, and its deliveries are made strictly one after the other. Many
 * lanes are worked on at once, a bounded number of them per destination.
 */
class LaneOutbox implements Outbox {
  readonly #options: OutboxOptions
  readonly #pausesMs: number[]
  readonly #leaseMs: number
  readonly #lease: string
  readonly #outcomes: OutcomeWriter
  readonly #agents: AgentPool
  /** The lanes being worked on. Those that wait for a file have no place among the requests. */
  readonly #active = new Map<string, Promise<void>>()
  readonly #breakers: Breakers
  readonly #places: Places
  readonly #preparation: Preparation
  readonly #keptOut: KeptOut
  readonly #stopping = new AbortController()
  readonly #aborting = new AbortController()
  readonly #transport: Transport = {
    agentsOf: ({ proxyUrl, webhookUseProxy }) => this.#agents.through(webhookUseProxy ? proxyUrl : ''),
    signal: this.#aborting.signal,
  }
  #unlisten: (() => void)[] = []
  #renewal: NodeJS.Timeout | undefined
  #stopInheriting = () => {}
  #loop: Promise<void> = Promise.resolve()
  #isNudged = false
  #wake = () => {}
  /** Lanes were due that could not be taken because of a limit. */
  #hasBacklog = false

  constructor(options: OutboxOptions) {
    this.#options = options
    this.#pausesMs = options.pausesMs ?? retryPauses(options.config)
    this.#leaseMs = options.leaseMs ?? 10_000
    this.#lease = newLaneLease(options.nodeId)
    this.#outcomes = new OutcomeWriter(options.db, this.#lease)
    this.#breakers = new Breakers(options.db, options.breakers)
    const { webhookConcurrency: total, webhookConcurrencyPerTarget: perDestination } = options.config
    this.#places = new Places({ total, perDestination }, this.#breakers)
    this.#keptOut = new KeptOut(this.#places)
    this.#preparation = new Preparation(options)
    this.#agents = new AgentPool({
      networks: options.config.webhookAllowedNetworks,
      verifyTls: options.config.webhookVerifyTls,
    })
  }

  start(): void {
    // Every request in flight listens for it, and every lane that waits for a file.
    setMaxListeners(0, this.#aborting.signal, this.#stopping.signal)
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
    await Promise.all(this.#active.values())
    clearTimeout(limit)
    clearInterval(this.#renewal)
    this.#stopInheriting()
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
    const { db, nodeId } = this.#options
    const inherited = await recoverLanes(db, nodeId, Date.now())
    await this.#breakers.restore()
    this.#stopInheriting = inheritLanes(inherited, {
      db,
      log: this.#options.log,
      leaseMs: this.#leaseMs,
      released: () => this.nudge(),
    })
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
    const { db } = this.#options
    this.#places.admit()
    const room = this.#places.free
    this.#hasBacklog = room <= 0
    if (room <= 0) return false

    const saturated = [...this.#places.saturated(), ...this.#keptOut.passedOver(room)]
    const now = Date.now()
    const { due, isAll } = await lookForLanes(db, {
      now,
      room,
      except: [...saturated, ...this.#away()],
      crowd: this.#preparation.crowded(),
    })
    const parked = await parkHeldLanes(db, due, now)
    // A lane can be due and still in work here after this process was stopped for longer than its lease.
    const open = due.filter(({ lane }) => !parked.has(lane) && !this.#active.has(lane))
    const taken = this.#places.take(open, room)
    const hasMoreKeptOut = this.#keptOut.note(open)
    const isPart = taken.length + parked.size < due.length || !isAll
    this.#hasBacklog = isPart || saturated.length > 0
    // What was set aside, or is passed over from now on, made way for others.
    if (taken.length === 0) return parked.size > 0 || hasMoreKeptOut

    await this.#begin(taken, now)
    return isPart && taken.length < room
  }

  /** Claims lanes that have places, and works on those it got. */
  async #begin(lanes: Lane[], now: number): Promise<void> {
    const { db } = this.#options
    const unused = new Map(lanes.map((lane) => [lane.lane, lane]))
    try {
      const claim = { lease: this.#lease, now, until: now + this.#leaseMs }
      const claimed = await claimLanes(db, [...unused.keys()], claim)
      const names = claimed.map(({ lane }) => lane)
      const pending = await nextDeliveries(db, names)
      for (const lane of claimed) {
        unused.delete(lane.lane)
        const work = this.#work(
          lane,
          pending.filter((delivery) => delivery.lane === lane.lane),
        )
        this.#active.set(lane.lane, work)
      }
    } finally {
      for (const lane of unused.values()) this.#places.leave(lane)
    }
  }

  /** What waits for a broker that is away is not attempted in vain: nothing is given up because of it. */
  #away(): string[] {
    return this.#options.queue?.isReady === false ? [QUEUE_DESTINATION] : []
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
      this.#leave(lane)
    }
  }

  #leave(lane: Lane): void {
    this.#places.leave(lane)
    if (this.#hasBacklog) this.nudge()
  }

  /** Makes the given deliveries in order; true when there may be more in the lane and this outbox keeps it. */
  async #workThrough(lane: Lane, batch: PendingDelivery[]): Promise<boolean> {
    for (const delivery of batch.slice(0, -1)) {
      if (!(await this.#make(lane, delivery, []))) return false
    }
    const last = batch.at(-1)
    const closed = last
      ? await this.#make(lane, last, [lane.lane])
      : await this.#outcomes.add({ closing: [lane.lane] })
    if (!closed || closed.has(lane.lane)) return false
    if (this.#hasBacklog || this.#stopping.signal.aborted) {
      await this.#outcomes.add({ yielded: [lane.lane] })
      return false
    }
    // Empty and yet not closed: somebody is recording into it right now.
    if (!last) await sleep(20)
    return true
  }

  /** Makes one attempt and writes its outcome; undefined when the lane must wait, else the lanes that were closed. */
  async #make(lane: Lane, delivery: PendingDelivery, closing: string[]): Promise<Set<string> | undefined> {
    if (this.#stopping.signal.aborted) return undefined
    if (await this.#isHeld(lane)) return this.#giveBack({ yielded: [lane.lane] })
    const prepared = await this.#prepare(lane, delivery)
    if (prepared === 'no room') {
      const dueAt = this.#preparation.returnOf(delivery.userId, Date.now())
      return this.#giveBack({ aside: [{ lane: lane.lane, dueAt }] })
    }
    try {
      if (this.#stopping.signal.aborted) return undefined
      // Preparing takes its time.
      if (prepared && (await this.#isHeld(lane))) return await this.#giveBack({ yielded: [lane.lane] })
      const outcome = await this.#attempt(delivery, prepared)
      return await this.#settle(lane, delivery, { outcome, closing })
    } finally {
      prepared?.release()
    }
  }

  /** Writes what came of an attempt. */
  async #settle(
    lane: Lane,
    delivery: PendingDelivery,
    { outcome, closing }: { outcome: Outcome; closing: string[] },
  ): Promise<Set<string> | undefined> {
    await this.#tellBreaker(lane.destination, delivery, outcome)
    const of = { seq: delivery.seq, earlier: delivery.attempt }
    if (outcome.kind === 'dropped') {
      this.#observe(delivery, 'dropped')
      return this.#outcomes.add({ finished: [{ ...of, state: 'dropped' }], closing })
    }
    const { status } = outcome
    const made = { ...of, status, attempt: outcome.attempt }
    if (outcome.kind === 'delivered') {
      this.#observe(delivery, 'delivered')
      return this.#outcomes.add({ finished: [{ ...made, state: 'delivered' }], closing })
    }

    const { answer } = outcome
    const attempt = delivery.attempt + 1
    const pause = outcome.isFinal ? undefined : this.#pauseAfter(delivery, outcome.retryAfterMs)
    const facts = { user: delivery.userId, delivery: delivery.id, target: delivery.target, attempt, status }
    this.#observe(delivery, pause === undefined ? 'given_up' : 'failed')
    if (pause === undefined) {
      this.#options.log.warn(facts, 'a delivery was given up')
      return this.#giveUp(delivery, { ...made, state: 'dead', answer }, closing)
    }
    this.#options.log.debug({ ...facts, pauseMs: pause }, 'a delivery failed and will be repeated')
    await this.#outcomes.add({
      postponed: [{ ...made, lane: lane.lane, dueAt: Date.now() + pause, answer }],
    })
    return undefined
  }

  async #giveBack(part: Partial<Settlement>): Promise<undefined> {
    await this.#outcomes.add(part)
    return undefined
  }

  async #isHeld({ destination }: Lane): Promise<boolean> {
    if (this.#away().includes(destination)) return true
    return isHeld(await getDestination(this.#options.db, destination), Date.now())
  }

  /** Fetches the file of a delivery, if it wants one; its lane has no place among the requests meanwhile. */
  async #prepare(lane: Lane, delivery: PendingDelivery): Promise<Prepared | 'no room' | undefined> {
    const wish = await fileWish(this.#options, delivery)
    if (!wish) return undefined
    if (!this.#preparation.hasRoom(delivery.userId)) return 'no room'
    const { signal } = this.#stopping
    this.#leave(lane)
    return this.#preparation.prepare(wish, { enter: () => this.#places.enter(lane, signal), signal })
  }

  async #attempt(delivery: PendingDelivery, prepared: Prepared | undefined): Promise<Outcome> {
    // A file that cannot be reached costs its event an attempt, but not the last one.
    if (prepared?.kind === 'failed' && this.#pauseAfter(delivery) !== undefined)
      return { kind: 'failed', answer: prepared.answer, isFinal: false }
    const media = prepared?.kind === 'ready' ? prepared.media : undefined
    return attemptDelivery(this.#options, delivery, { transport: this.#transport, media })
  }

  /** The pause after the attempt that is being made, if there is another one. */
  #pauseAfter({ attempt, target }: PendingDelivery, retryAfterMs?: number): number | undefined {
    const { firstPausesMs: first } = this.#options.profiles.find(target) ?? {}
    const firstPausesMs = typeof first === 'function' ? first(this.#options.config) : first
    const pauses = pausesOf(target, { firstPausesMs }, this.#pausesMs)
    return pauseAfter(attempt + 1, pauses, retryAfterMs)
  }

  #observe({ at }: PendingDelivery, outcome: AttemptOutcome): void {
    this.#options.observer?.attempted({ outcome, lagMs: Date.now() - at })
  }

  async #tellBreaker(destination: string, delivery: PendingDelivery, outcome: Outcome): Promise<void> {
    // Nothing was asked of the receiver, so nothing is known of it.
    if (outcome.kind === 'dropped' || !outcome.attempt) return
    const owner = this.#options.profiles.isShared(delivery.target) ? undefined : delivery.userId
    if (outcome.kind === 'delivered') await this.#breakers.succeeded(destination, owner)
    else if (!outcome.isOutdated) await this.#breakers.failed(destination, owner, outcome)
  }

  async #giveUp(delivery: PendingDelivery, finished: Finished, closing: string[]): Promise<Set<string>> {
    const report = this.#options.queue && errorReport(delivery)
    const closed = await this.#outcomes.add({ finished: [{ ...finished, report }], closing })
    if (report) this.nudge()
    return closed
  }

  async #renew(): Promise<void> {
    const lanes = [...this.#active.keys()]
    if (lanes.length === 0) return
    const now = Date.now()
    const claim = { lease: this.#lease, now, until: now + this.#leaseMs }
    try {
      await renewLanes(this.#options.db, lanes, claim)
    } catch (error) {
      // Another node may repeat what is in flight here; receivers recognise it by its id.
      this.#options.log.warn({ err: error }, 'the outbox could not renew its lanes')
    }
  }
}
