import { setMaxListeners } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import type { EventBus } from '../events/bus.ts'
import type { Instrumentation } from '../lib/instrumentation.ts'
import { ReaderGone } from '../lib/process/line-output.ts'
import { AgentPool } from '../media/fetch/proxy-agents.ts'
import type { GroupCommit } from '../store/commit/group-commit.ts'
import { findStanding } from '../store/commit/standing.ts'
import {
  claimLanes,
  DELIVERIES_PER_READ,
  type Lane,
  newLaneLease,
  nextDeliveries,
  type PendingDelivery,
  recoverLanes,
  releaseLanes,
  renewLanes,
} from '../store/delivery/deliveries.ts'
import { parkHeldLanes } from '../store/delivery/destinations.ts'
import type { AttemptDeps } from './attempt.ts'
import { destinationsAway } from './away.ts'
import { type BreakerLimits, Breakers } from './breakers.ts'
import { Deliverer } from './deliverer.ts'
import { takeOver } from './hand-over.ts'
import { inheritLanes } from './inherited-lanes.ts'
import { KeptOut } from './kept-out.ts'
import { type LaneHead, LaneWork } from './lane-work.ts'
import { lookForLanes } from './look.ts'
import { OutcomeWriter } from './outcome-writer.ts'
import { Places } from './places.ts'
import { Preparation } from './preparation.ts'
import { retryPauses } from './schedule.ts'
import { PIPE } from './targets.ts'

export interface OutboxOptions extends AttemptDeps {
  bus: EventBus
  commits: GroupCommit
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
 * lanes are worked on at once, a bounded number of them per destination. What this process records is handed over in
 * memory; what waits from before, or for a place, is found in the database when it is due.
 */
class LaneOutbox implements Outbox {
  readonly #options: OutboxOptions
  readonly #leaseMs: number
  readonly #lease: string
  readonly #outcomes: OutcomeWriter
  readonly #agents: AgentPool
  /** The lanes being worked on. Those that wait for a file have no place among the requests. */
  readonly #active = new Map<string, LaneWork>()
  readonly #breakers: Breakers
  readonly #places: Places
  readonly #preparation: Preparation
  readonly #keptOut: KeptOut
  readonly #deliverer: Deliverer
  readonly #stopping = new AbortController()
  readonly #aborting = new AbortController()
  #unlisten: (() => void)[] = []
  #renewal: NodeJS.Timeout | undefined
  #stopInheriting = () => {}
  #loop: Promise<void> = Promise.resolve()
  #isRecovered = false
  #isNudged = false
  #wake = () => {}
  /** Lanes were due that could not be taken because of a limit. */
  #hasBacklog = false
  /** Receivers whose due lanes wait for a place: what is recorded now waits behind them. `all` when they are not known. */
  #behind: ReadonlySet<string> | 'all' = 'all'

  constructor(options: OutboxOptions) {
    this.#options = options
    this.#leaseMs = options.leaseMs ?? 10_000
    this.#lease = newLaneLease(options.nodeId)
    this.#outcomes = new OutcomeWriter(options.db, options.commits, this.#lease)
    this.#breakers = new Breakers(options.db, options.breakers)
    const { webhookConcurrency: total, webhookConcurrencyPerTarget: perDestination } = options.config
    this.#places = new Places({ total, perDestination }, this.#breakers)
    this.#keptOut = new KeptOut(this.#places)
    this.#preparation = new Preparation(options)
    this.#agents = new AgentPool({
      networks: options.config.webhookAllowedNetworks,
      verifyTls: options.config.webhookVerifyTls,
    })
    this.#deliverer = new Deliverer({
      ...options,
      pausesMs: options.pausesMs ?? retryPauses(options.config),
      outcomes: this.#outcomes,
      breakers: this.#breakers,
      places: this.#places,
      preparation: this.#preparation,
      transport: {
        agentsOf: ({ proxyUrl, webhookUseProxy }) => this.#agents.through(webhookUseProxy ? proxyUrl : ''),
        signal: this.#aborting.signal,
      },
      stopping: this.#stopping.signal,
      leave: (lane) => this.#leave(lane),
      onRecorded: () => this.#recordedElsewhere(),
    })
  }

  start(): void {
    // Every request in flight listens for it, and every lane that waits for a file.
    setMaxListeners(0, this.#aborting.signal, this.#stopping.signal)
    const { bus, queue } = this.#options
    this.#unlisten.push(bus.listenForDeliveries((lanes) => this.#recordedElsewhere(lanes)))
    const handOver = {
      active: this.#active,
      passedOver: new Map<string, number>(),
      lease: () => ({ lease: this.#lease, until: Date.now() + this.#leaseMs }),
      isHeld: (lane: Lane) => this.#deliverer.isHeld(lane),
      enter: (lane: Lane) => this.#enter(lane),
      findStanding: (question: { events: string[]; lanes: string[] }) =>
        findStanding(this.#options.db, question),
      work: (work: LaneWork) => void this.#work(work),
      abandon: (work: LaneWork) => this.#abandon(work),
      giveBack: (lane: Lane) => void this.#giveBack(lane),
      nudge: () => this.nudge(),
    }
    this.#unlisten.push(bus.handOverTo((handed) => takeOver(handOver, handed)))
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
    await Promise.all([...this.#active.values()].map(({ done }) => done))
    clearTimeout(limit)
    clearInterval(this.#renewal)
    this.#stopInheriting()
    await releaseLanes(this.#options.db, this.#lease, Date.now())
    this.#agents.close()
  }

  async #run(): Promise<void> {
    while (!this.#stopping.signal.aborted) {
      this.#isNudged = false
      try {
        if (!this.#isRecovered) await this.#recover()
        this.#isRecovered = true
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

  /** Deliveries were recorded, or asked for anew, without being handed over. */
  #recordedElsewhere(lanes: Iterable<string> = this.#active.keys()): void {
    for (const lane of lanes) {
      const work = this.#active.get(lane)
      if (work) work.hasMore = true
    }
    this.nudge()
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
      except: [...saturated, ...destinationsAway(this.#options)],
      // What waits for webhooks waits until somebody starts the server for them again.
      ...(this.#options.pipe && { only: PIPE }),
      crowd: this.#preparation.crowded(),
    })
    const parked = due.length > 0 ? await parkHeldLanes(db, due, now) : new Set<string>()
    // A lane can be due and still in work here after this process was stopped for longer than its lease.
    const open = due.filter(({ lane }) => !parked.has(lane) && !this.#active.has(lane))
    const taken = this.#places.take(open, room)
    const hasMoreKeptOut = this.#keptOut.note(open)
    const isPart = taken.length + parked.size < due.length || !isAll
    this.#hasBacklog = isPart || saturated.length > 0
    const passed = open.filter((lane) => !taken.includes(lane)).map(({ destination }) => destination)
    this.#behind = isAll ? new Set([...saturated, ...passed]) : 'all'
    // What was set aside, or is passed over from now on, made way for others.
    if (taken.length === 0) return parked.size > 0 || hasMoreKeptOut

    await this.#begin(taken, now)
    return isPart && taken.length < room
  }

  /** Claims lanes that have places, and works on those it got. */
  async #begin(lanes: Lane[], now: number): Promise<void> {
    const { db } = this.#options
    const works = lanes.map((lane) => new LaneWork(lane, { isLoading: true }))
    for (const work of works) this.#active.set(work.lane.lane, work)
    const names = new Set<string>()
    const pending: PendingDelivery[] = []
    try {
      const claim = { lease: this.#lease, now, until: now + this.#leaseMs }
      for (const { lane } of await claimLanes(
        db,
        lanes.map(({ lane }) => lane),
        claim,
      ))
        names.add(lane)
      pending.push(...(await nextDeliveries(db, [...names])))
    } finally {
      for (const work of works) {
        const { lane } = work.lane
        work.isOurs = names.has(lane)
        work.loaded(headOf(pending.filter((delivery) => delivery.lane === lane)))
        if (names.has(lane)) void this.#work(work)
        else this.#abandon(work)
      }
    }
  }

  async #work(work: LaneWork): Promise<void> {
    try {
      while (await this.#goOn(work));
    } catch (error) {
      // The lane comes back when its lease runs out, beginning with the delivery that was interrupted.
      if (!this.#aborting.signal.aborted && !(error instanceof ReaderGone)) {
        this.#options.log.error({ err: error, lane: work.lane.destination }, 'deliveries were interrupted')
      }
    } finally {
      this.#end(work)
    }
  }

  /** Makes the next delivery of a lane, or closes it; true when there may be more to do in it. */
  async #goOn(work: LaneWork): Promise<boolean> {
    const { lane } = work.lane
    const delivery = await work.next(async () => headOf(await nextDeliveries(this.#options.db, [lane])))
    if (!delivery) return !(await this.#close(work))
    if (!(await this.#deliverer.make(work, delivery))) return false
    const isTurnOver = this.#hasBacklog && work.made % DELIVERIES_PER_READ === 0
    if (!isTurnOver && !this.#stopping.signal.aborted) return true
    await work.settled
    await this.#outcomes.add({ yielded: [lane] })
    return false
  }

  /** Closes a lane of which nothing more is known; false when there is more to do meanwhile. */
  async #close(work: LaneWork): Promise<boolean> {
    const { lane } = work.lane
    // Attempts that are kept are written apart: what they say of the lane comes first.
    if (this.#options.config.webhookKeepAttempts === 'all') await work.settled
    // What was answered before it was written has left no lane.
    const isClosed = !work.isOurs || (await this.#outcomes.close(lane, () => work.letGo()))
    if (!isClosed) work.isOurs = true
    if (!isClosed && work.isIdle) {
      // Somebody is recording into it right now.
      work.hasMore = true
      await sleep(20)
    }
    if (!isClosed || !work.isIdle) return false
    this.#end(work)
    return true
  }

  #end(work: LaneWork): void {
    if (work.isOver) return
    work.end()
    this.#active.delete(work.lane.lane)
    this.#leave(work.lane)
    // What was recorded while its lane was closed is due now.
    if (work.hasMore) this.nudge()
  }

  /** Ends work on a lane that is not this outbox's, unless somebody counts on it. */
  #abandon(work: LaneWork): void {
    if (work.isExpecting) return void this.#work(work)
    this.#end(work)
    this.nudge()
  }

  /** Makes a lane due that nobody works on. */
  async #giveBack({ lane }: Lane): Promise<void> {
    // It becomes due by itself when its lease runs out.
    await this.#outcomes.add({ yielded: [lane] }).catch(() => {})
    this.nudge()
  }

  /** A place for a lane with something new, unless others wait for one. */
  #enter(lane: Lane): boolean {
    const { pipe } = this.#options
    if (!this.#isRecovered || this.#stopping.signal.aborted) return false
    if (pipe && lane.destination !== PIPE) return false
    if (this.#behind === 'all' || this.#behind.has(lane.destination)) return false
    return this.#places.take([lane]).length > 0
  }

  #leave(lane: Lane): void {
    this.#places.leave(lane)
    if (!this.#hasBacklog) return
    // Whoever waits comes first.
    this.#behind = 'all'
    this.nudge()
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

function headOf(deliveries: PendingDelivery[]): LaneHead {
  return { deliveries, isAll: deliveries.length < DELIVERIES_PER_READ }
}
