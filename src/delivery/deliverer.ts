import type { AttemptOutcome, Instrumentation } from '../lib/instrumentation.ts'
import type { Lane, PendingDelivery } from '../store/delivery/deliveries.ts'
import { getDestination, isHeld } from '../store/delivery/destinations.ts'
import type { Settlement } from '../store/delivery/settlement.ts'
import { type AttemptDeps, attemptDelivery, fileWish, type Transport } from './attempt.ts'
import { destinationsAway } from './away.ts'
import type { Breakers } from './breakers.ts'
import type { LaneWork } from './lane-work.ts'
import { lookAhead } from './look-ahead.ts'
import type { AcceptedDelivery, OutcomeWriter } from './outcome-writer.ts'
import type { Places } from './places.ts'
import type { Preparation, Prepared } from './preparation.ts'
import { pauseAfter, pausesOf } from './schedule.ts'
import { errorReport } from './targets.ts'
import type { Failure, Outcome } from './webhook.ts'

export interface DelivererDeps extends AttemptDeps {
  outcomes: OutcomeWriter
  breakers: Breakers
  places: Places
  preparation: Preparation
  transport: Transport
  /** Aborts when nothing new is to be begun. */
  stopping: AbortSignal
  /** Pauses before the second, third, ... attempt, in milliseconds. */
  pausesMs: number[]
  /** Gives the place of a lane among the requests back. */
  leave(lane: Lane): void
  /** Hears of deliveries that were recorded because of another one. */
  onRecorded(): void
  observer?: Pick<Instrumentation, 'attempted'>
}

/** Makes the deliveries of lanes that have a place, and writes what came of them. */
export class Deliverer {
  readonly #deps: DelivererDeps

  constructor(deps: DelivererDeps) {
    this.#deps = deps
  }

  /** Makes one attempt at the next delivery of a lane; false when the lane was given back, or is not to be gone on with. */
  async make(work: LaneWork, delivery: PendingDelivery): Promise<boolean> {
    const { lane } = work
    const { stopping, preparation } = this.#deps
    try {
      if (stopping.aborted) return await leftAsItIs(delivery)
      if (delivery.recording?.isLost) return true
      if (await this.isHeld(lane)) return await this.#giveBack(work, delivery, { yielded: [lane.lane] })
      const prepared = await this.#prepare(lane, delivery)
      if (delivery.recording?.isLost) return true
      if (prepared === 'no room') {
        const dueAt = preparation.returnOf(delivery.userId, Date.now())
        return await this.#giveBack(work, delivery, { aside: [{ lane: lane.lane, dueAt }] })
      }
      return await this.#makePrepared(work, delivery, prepared)
    } finally {
      delivery.recording?.answered()
    }
  }

  async #makePrepared(
    work: LaneWork,
    delivery: PendingDelivery,
    prepared: Prepared | undefined,
  ): Promise<boolean> {
    const { lane } = work
    try {
      if (this.#deps.stopping.aborted) return await leftAsItIs(delivery)
      // Preparing takes its time.
      if (prepared && (await this.isHeld(lane)))
        return await this.#giveBack(work, delivery, { yielded: [lane.lane] })
      const outcome = await this.#attempt(delivery, prepared)
      await this.#tellBreaker(lane.destination, delivery, outcome)
      return await this.#settle(work, delivery, outcome)
    } finally {
      prepared?.release()
    }
  }

  async #settle(work: LaneWork, delivery: PendingDelivery, outcome: Outcome): Promise<boolean> {
    const { outcomes, config } = this.#deps
    const of = { id: delivery.id, earlier: delivery.attempt }
    if (outcome.kind === 'failed') return this.#fail(work, delivery, outcome)
    const made = outcome.kind === 'delivered' ? outcome.attempt : undefined
    this.#observe(delivery, outcome.kind, made?.latencyMs)
    if (outcome.kind === 'dropped') {
      const { reason: answer } = outcome
      if (await stored(delivery)) await outcomes.add({ finished: [{ ...of, state: 'dropped', answer }] })
      return true
    }
    const { status, attempt } = outcome
    const accepted = { status, durationMs: attempt?.latencyMs, at: Date.now() }
    const kept = config.webhookKeepAttempts === 'all' ? attempt : undefined
    if (!kept && delivery.recording?.accept(accepted)) work.settle(delivery.recording.stored)
    else work.settle(this.#acceptOnceStored(delivery, { ...of, ...accepted, attempt: kept }))
    return true
  }

  async #acceptOnceStored(delivery: PendingDelivery, accepted: AcceptedDelivery): Promise<void> {
    if (await stored(delivery)) await this.#deps.outcomes.accept(accepted)
  }

  async #fail(work: LaneWork, delivery: PendingDelivery, outcome: Failure): Promise<boolean> {
    const { outcomes, log } = this.#deps
    const { lane } = work.lane
    const { status, answer } = outcome
    const made = { id: delivery.id, earlier: delivery.attempt, status, attempt: outcome.attempt, answer }
    const pause = outcome.isFinal ? undefined : this.#pauseAfter(delivery, outcome.retryAfterMs)
    const facts = {
      user: delivery.userId,
      delivery: delivery.id,
      target: delivery.target,
      attempt: delivery.attempt + 1,
      status,
    }
    this.#observe(delivery, pause === undefined ? 'given_up' : 'failed', outcome.attempt?.latencyMs)
    // Whoever could not write the event brings it again.
    if (!(await stored(delivery))) return true
    if (pause === undefined) {
      log.warn(facts, 'a delivery was given up')
      const report = this.#deps.queue && errorReport(delivery)
      await outcomes.add({ finished: [{ ...made, state: 'dead', report }] })
      if (report) this.#deps.onRecorded()
      return true
    }
    log.debug({ ...facts, pauseMs: pause }, 'a delivery failed and will be repeated')
    return this.#giveBack(work, delivery, { postponed: [{ ...made, lane, dueAt: Date.now() + pause }] })
  }

  async #giveBack(work: LaneWork, delivery: PendingDelivery, part: Partial<Settlement>): Promise<false> {
    await stored(delivery)
    await work.settled
    await this.#deps.outcomes.add(part)
    return false
  }

  /** Whether the receiver of a lane gets nothing now. */
  async isHeld({ destination }: Lane): Promise<boolean> {
    if (destinationsAway(this.#deps).includes(destination)) return true
    return isHeld(await getDestination(this.#deps.db, destination), Date.now())
  }

  /** Fetches the file of a delivery, if it wants one; its lane has no place among the requests meanwhile. */
  async #prepare(lane: Lane, delivery: PendingDelivery): Promise<Prepared | 'no room' | undefined> {
    const { preparation, places, stopping: signal } = this.#deps
    const wish = await fileWish(this.#deps, delivery)
    if (!wish) return undefined
    if (!(await stored(delivery))) return undefined
    if (!preparation.hasRoom(delivery.userId)) return 'no room'
    this.#deps.leave(lane)
    const onExpired = () => void lookAhead(this.#deps, lane.lane)
    return preparation.prepare({ ...wish, onExpired }, { enter: () => places.enter(lane, signal), signal })
  }

  async #attempt(delivery: PendingDelivery, prepared: Prepared | undefined): Promise<Outcome> {
    // A file that cannot be reached costs its event an attempt, but not the last one.
    if (prepared?.kind === 'failed' && this.#pauseAfter(delivery) !== undefined)
      return { kind: 'failed', answer: prepared.answer, isFinal: false }
    const media = prepared?.kind === 'ready' ? prepared.media : undefined
    return attemptDelivery(this.#deps, delivery, { transport: this.#deps.transport, media })
  }

  /** The pause after the attempt that is being made, if there is another one. */
  #pauseAfter({ attempt, target }: PendingDelivery, retryAfterMs?: number): number | undefined {
    const { profiles, pausesMs } = this.#deps
    const firstPausesMs = profiles.firstPausesOf(target)
    return pauseAfter(attempt + 1, pausesOf(target, { firstPausesMs }, pausesMs), retryAfterMs)
  }

  #observe({ at, userId, target }: PendingDelivery, outcome: AttemptOutcome, latencyMs?: number): void {
    this.#deps.observer?.attempted({ outcome, lagMs: Date.now() - at, userId, target, latencyMs })
  }

  async #tellBreaker(destination: string, delivery: PendingDelivery, outcome: Outcome): Promise<void> {
    const { breakers, profiles } = this.#deps
    // Nothing was asked of the receiver, so nothing is known of it.
    if (outcome.kind === 'dropped' || !outcome.attempt) return
    const owner = profiles.isShared(delivery.target) ? undefined : delivery.userId
    if (outcome.kind === 'delivered') await breakers.succeeded(destination, owner)
    else if (!outcome.isOutdated) await breakers.failed(destination, owner, outcome)
  }
}

/**
 * Resolves when a delivery is in the database, and with it its lane, or will not be, and tells which; a delivery that is made
 * at once may not be yet.
 */
async function stored({ recording }: PendingDelivery): Promise<boolean> {
  recording?.answered()
  return (await recording?.stored) ?? true
}

/** Ends the work on a lane with what is in the database, so that it can be given back. */
async function leftAsItIs(delivery: PendingDelivery): Promise<false> {
  await stored(delivery)
  return false
}
