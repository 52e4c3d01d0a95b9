import type { Handed, HandOver } from '../events/bus.ts'
import type { Committed, OutboxLease } from '../store/commit/change.ts'
import type { Standing } from '../store/commit/standing.ts'
import type { Lane, PendingDelivery } from '../store/delivery/deliveries.ts'
import { EarlyDelivery } from './early-delivery.ts'
import { LaneWork } from './lane-work.ts'

export interface HandOverDeps {
  /** The lanes being worked on. */
  active: Map<string, LaneWork>
  /** How many deliveries of a lane are being recorded without having been taken: what comes after them must not be, either. */
  passedOver: Map<string, number>
  lease: () => OutboxLease
  /** Whether the receiver of a lane gets nothing now. */
  isHeld(lane: Lane): Promise<boolean>
  /** Gives a lane a place if there is one that nobody waits for. */
  enter(lane: Lane): boolean
  /** What is stored already. */
  findStanding(question: { events: string[]; lanes: string[] }): Promise<Standing>
  /** Works on a lane that was begun. */
  work(work: LaneWork): void
  /** Ends work that was begun: its lane is not ours, or nothing came of it. */
  abandon(work: LaneWork): void
  /** Makes a lane due that is this outbox's and that nobody works on. */
  giveBack(lane: Lane): void
  /** Looks for due lanes. */
  nudge(): void
}

interface Held {
  handed: Handed
  work: LaneWork
  /** The work was begun for it. */
  isFirst: boolean
  /** It is made while it is being recorded. */
  early?: EarlyDelivery
}

/**
 * Takes deliveries that are about to be recorded: those of lanes that are worked on here, and those of new lanes for which
 * there is a place. The first of a new lane is made at once, while it is being recorded. Nobody ever has to look for them;
 * what is not taken waits in the database until its lane is due.
 */
export async function takeOver(deps: HandOverDeps, handed: Handed[]): Promise<HandOver> {
  const held = new Map<Handed, Held>()
  const passed: string[] = []
  for (const one of handed) {
    const taken = await hold(deps, one)
    if (taken) held.set(one, taken)
    else passed.push(passOver(deps, one))
  }
  await begin(deps, [...held.values()])
  const createdAt = Date.now()
  const early = [...held.values()].flatMap((one) => one.early ?? [])
  return {
    outbox: deps.lease(),
    deliveries: () =>
      handed.map((one) => ({
        ...one.delivery,
        createdAt,
        isHeld: held.has(one),
        accepted: held.get(one)?.early?.write(),
      })),
    ...(early.length > 0 && { underWay: Promise.all(early.map(({ answer }) => answer)) }),
    committed: (committed) => {
      for (const lane of passed) {
        forget(deps, lane)
        showMore(deps, lane)
      }
      for (const one of held.values()) arrive(deps, one, committed)
      if (passed.length > 0) deps.nudge()
    },
    failed: () => {
      for (const lane of passed) forget(deps, lane)
      for (const one of held.values()) miss(deps, one)
    },
  }
}

async function hold(deps: HandOverDeps, handed: Handed): Promise<Held | undefined> {
  const { lane, destination } = handed.delivery
  // What cannot be looked up is left to be found.
  const isHeld = !deps.active.has(lane) && (await deps.isHeld({ lane, destination }).catch(() => true))
  // Another recorder may have begun the lane meanwhile.
  const known = deps.active.get(lane)
  const work =
    known ?? (!isHeld && !deps.passedOver.has(lane) ? enter(deps, { lane, destination }) : undefined)
  work?.expect()
  return work && { handed, work, isFirst: !known }
}

function passOver({ passedOver }: HandOverDeps, { delivery: { lane } }: Handed): string {
  passedOver.set(lane, (passedOver.get(lane) ?? 0) + 1)
  return lane
}

function forget({ passedOver }: HandOverDeps, lane: string): void {
  const others = (passedOver.get(lane) ?? 1) - 1
  if (others > 0) passedOver.set(lane, others)
  else passedOver.delete(lane)
}

/** Tells whoever works on a lane that there is more in it; false when nobody does. */
function showMore({ active }: HandOverDeps, lane: string): boolean {
  const work = active.get(lane)
  if (work) work.hasMore = true
  return work !== undefined
}

/** Work on a new lane, if there is a place for it. */
function enter(deps: HandOverDeps, lane: Lane): LaneWork | undefined {
  if (!deps.enter(lane)) return undefined
  const work = new LaneWork(lane, { isLoading: false })
  deps.active.set(lane.lane, work)
  return work
}

/** Begins the lanes that are new, unless something of them is stored already. */
async function begin(deps: HandOverDeps, held: Held[]): Promise<void> {
  const firsts = held.filter(({ isFirst }) => isFirst)
  if (firsts.length === 0) return
  // What cannot be looked up is made when it is stored.
  const standing = await deps
    .findStanding({
      events: firsts.flatMap(({ handed }) => (handed.isDerived ? handed.delivery.eventId : [])),
      lanes: firsts.map(({ work }) => work.lane.lane),
    })
    .catch(() => undefined)
  for (const one of firsts) {
    const { delivery } = one.handed
    if (!standing || standing.lanes.has(delivery.lane) || standing.events.has(delivery.eventId)) continue
    one.early = new EarlyDelivery()
    one.work.push({ ...pending(one.handed), recording: one.early })
    deps.work(one.work)
  }
}

function arrive(deps: HandOverDeps, { work, handed, isFirst, early }: Held, committed: Committed): void {
  const { lane } = work.lane
  const isOurs = !committed.taken.has(lane)
  const isWaiting = !early?.accepted
  // Of one that was there already the commit has touched no lane.
  const isKnown = committed.known.has(handed.delivery.eventId)
  if (isWaiting && !isKnown) work.isOurs = isOurs
  // What stands before it in a lane that was there comes first, and is somebody else's where the lane is.
  if (isWaiting && (isKnown || !isOurs || (isFirst && !early))) work.hasMore = true
  early?.committed()
  if (!early && isOurs && !isKnown && !work.isOver) work.arrived(pending(handed))
  else work.missed()
  if (isFirst && !early) {
    if (isOurs) deps.work(work)
    else deps.abandon(work)
  } else if (isWaiting && isOurs && work.isOver && !showMore(deps, lane)) deps.giveBack(work.lane)
}

function miss(deps: HandOverDeps, { work, isFirst, early }: Held): void {
  early?.lost()
  work.missed()
  if (isFirst && !early) deps.abandon(work)
}

function pending({ delivery, payload, at }: Handed): PendingDelivery {
  const { id, eventId, userId, target, part = '', lane } = delivery
  return { id, eventId, userId, target, part, lane, attempt: 0, payload, at }
}
