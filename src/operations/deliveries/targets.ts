import type { Target } from '../../delivery/targets.ts'
import { ApiError } from '../../lib/errors.ts'
import {
  changeDestination,
  countWaiting,
  type Destination,
  getDestination,
  hastenDestination,
  listDestinations,
  type OpenBreaker,
} from '../../store/delivery/destinations.ts'
import { type Redrive, redriveDeliveries } from '../../store/delivery/redrive.ts'
import { parseTarget, parseWebhookId, webhookId } from '../../store/delivery/webhook-ids.ts'
import { getUser } from '../../store/users/users.ts'
import type { Services, UserScope } from '../services.ts'
import { noSuchRedrive, type RedriveJob } from './redrive-jobs.ts'

/** A receiver of deliveries and how it is doing. */
export interface TargetState {
  /** The id of a webhook, `<slot>:<user id>`; or the name of one that all users share. */
  id: string
  userId?: string
  /** Whether deliveries are sent to it, or fetched by it. */
  mode: 'push' | 'pull'
  /** Since when deliveries wait for it to be resumed, in milliseconds. */
  pausedAt?: number
  breaker: { state: 'closed' } | ({ state: 'open' | 'half-open' } & OpenBreaker)
  /** Deliveries that wait. */
  waiting: number
}

/** What a target is stored as. */
export interface TargetName {
  name: string
  target: Target
  userId?: string
}

/** The target with this id. Throws `not_found` when there is none, or nobody it belongs to. */
export async function existingTarget(services: Services, id: string): Promise<TargetName> {
  const { db, secrets, webhooks } = services
  if (webhooks.sharedTargets.includes(id)) return { name: id, target: id }
  const { target, userId } = parseWebhookId(id)
  const user = await getUser(db, secrets, userId)
  if (!user || !(await isOwn({ user, services }, target))) throw noSuchTarget()
  return { name: webhookId(target, userId), target, userId }
}

/** The id of a webhook of the caller. Throws `not_found`. */
export async function ownTarget(scope: UserScope, target: Target): Promise<string> {
  // Whatever else it says could name the target of somebody else.
  if (!(await isOwn(scope, target))) throw noSuchTarget()
  return webhookId(target, scope.user.id)
}

/** Every user has the first webhook of each slot, set or not; a further one must be there. */
async function isOwn({ user, services }: UserScope, target: Target): Promise<boolean> {
  const { webhooks } = services
  if (webhooks.isShared(target) || !webhooks.find(target)) return false
  if (!/^[\w-]+(\/\w+)?$/.test(target)) return false
  const { key } = parseTarget(target)
  return key === '' || (await webhooks.ownerOf(services, user, target)) !== undefined
}

function noSuchTarget(): ApiError {
  return new ApiError('not_found', { text: 'there is no such target' })
}

/** The targets all users share, and the users' own ones that have something to tell: all is well with the others. */
export async function listTargets(services: Services): Promise<TargetState[]> {
  const { db, webhooks } = services
  const [known, waiting] = [await listDestinations(db), await countWaiting(db)]
  const rows = new Map(known.map((row) => [row.name, row]))
  const shared = webhooks.sharedTargets
  const names = new Set([...shared, ...rows.keys(), ...waiting.keys()])
  return [...names]
    .map((name) => stateOf(name, rows.get(name), waiting.get(name) ?? 0))
    .filter((state) => shared.includes(state.id) || !isCalm(state))
    .sort((a, b) => (a.id < b.id ? -1 : 1))
}

function isCalm({ mode, pausedAt, breaker, waiting }: TargetState): boolean {
  return mode === 'push' && pausedAt === undefined && breaker.state === 'closed' && waiting === 0
}

/** How a target is doing. Throws `not_found`. */
export async function targetState(services: Services, id: string): Promise<TargetState> {
  const { name } = await existingTarget(services, id)
  return readState(services, name)
}

/** Sends nothing more to a target: its deliveries wait. */
export function pauseTarget(services: Services, id: string): Promise<TargetState> {
  return change(services, id, { pausedAt: Date.now() })
}

/** Sends what waits, and asks a receiver that failed again at once. */
export function resumeTarget(services: Services, id: string): Promise<TargetState> {
  return change(services, id, { pausedAt: null, breaker: null })
}

/** Sends nothing more to one of the caller's own webhooks. Throws `not_found`. */
export async function pauseOwn(scope: UserScope, target: Target): Promise<TargetState> {
  return pauseTarget(scope.services, await ownTarget(scope, target))
}

/** Sends what waits for it, and asks a receiver that failed again at once. Throws `not_found`. */
export async function resumeOwn(scope: UserScope, target: Target): Promise<TargetState> {
  return resumeTarget(scope.services, await ownTarget(scope, target))
}

/** Sends deliveries to a user's own receiver, or keeps them for the user to fetch. Throws `conflict` for shared targets. */
export function setMode(
  services: Services,
  { id, mode }: { id: string; mode: 'push' | 'pull' },
): Promise<TargetState> {
  if (!id.includes(':')) {
    throw new ApiError('conflict', { text: 'only the target of a user can be pulled from' })
  }
  return change(services, id, { isPulled: mode === 'pull' })
}

async function change(
  services: Services,
  id: string,
  patch: Parameters<typeof changeDestination>[2],
): Promise<TargetState> {
  const target = await existingTarget(services, id)
  await changeDestination(services.db, target, patch)
  services.events.announceDeliveries()
  return readState(services, target.name)
}

/** Makes deliveries again that match, those that were given up unless said otherwise, and yields their number. */
export async function redrive(services: Services, which: Redrive): Promise<number> {
  const total = await redriveDeliveries(services.db, which, services.webhooks.destinationOf)
  services.events.announceDeliveries()
  return total
}

/** The same for one target, whose waiting deliveries are made at once, too. Throws `not_found`. */
export async function redriveTarget(
  services: Services,
  { id, ...range }: { id: string } & Pick<Redrive, 'state' | 'from' | 'to'>,
): Promise<number> {
  const { name, target, userId } = await existingTarget(services, id)
  const { destinationOf } = services.webhooks
  const total = await redriveDeliveries(services.db, { ...range, target, userId }, destinationOf)
  await changeDestination(services.db, { name, userId }, { breaker: null })
  await hastenDestination(services.db, name)
  services.events.announceDeliveries()
  return total
}

/**
 * Begins to make deliveries again that match: all, or those of one target, whose waiting deliveries are made at once, too.
 * Throws `not_found`, or `conflict` when other redrives are at work.
 */
export async function beginRedrive(
  services: Services,
  { receiver, ...which }: Redrive & { receiver?: string },
): Promise<RedriveJob> {
  const { db, events, redriveJobs } = services
  if (receiver === undefined) return redriveJobs.begin(which)
  const { name, target, userId } = await existingTarget(services, receiver)
  return redriveJobs.begin({ ...which, target, userId }, async () => {
    await changeDestination(db, { name, userId }, { breaker: null })
    await hastenDestination(db, name)
    events.announceDeliveries()
  })
}

/** The same for one of the caller's own webhooks. Throws as `beginRedrive`. */
export async function beginOwnRedrive(
  scope: UserScope,
  { target, ...which }: Omit<Redrive, 'userId'> & { target: string },
): Promise<RedriveJob> {
  return beginRedrive(scope.services, { ...which, receiver: await ownTarget(scope, target) })
}

/** The redrives of the caller that were begun at this node, newest first. */
export function listOwnRedrives({ user, services }: UserScope): RedriveJob[] {
  return services.redriveJobs.list().filter(({ which }) => which.userId === user.id)
}

/** How a redrive of the caller stands. Throws `not_found`. */
export function ownRedriveJob({ user, services }: UserScope, id: string): RedriveJob {
  const job = services.redriveJobs.find(id)
  if (job.which.userId !== user.id) throw noSuchRedrive()
  return job
}

/** Ends a redrive of the caller. Throws `not_found`. */
export function cancelOwnRedrive(scope: UserScope, id: string): RedriveJob {
  ownRedriveJob(scope, id)
  return scope.services.redriveJobs.cancel(id)
}

/** The redrives that were begun at this node, newest first. */
export function listRedrives({ redriveJobs }: Services): RedriveJob[] {
  return redriveJobs.list()
}

/** How a redrive stands. Throws `not_found`. */
export function redriveJob({ redriveJobs }: Services, id: string): RedriveJob {
  return redriveJobs.find(id)
}

/** Ends a redrive; what is on its way again stays so. Throws `not_found`. */
export function cancelRedrive({ redriveJobs }: Services, id: string): RedriveJob {
  return redriveJobs.cancel(id)
}

async function readState({ db }: Services, name: string): Promise<TargetState> {
  const waiting = await countWaiting(db, { destination: name })
  return stateOf(name, await getDestination(db, name), waiting.get(name) ?? 0)
}

function stateOf(id: string, known: Destination | undefined, waiting: number): TargetState {
  const { breaker } = known ?? {}
  return {
    id,
    userId: parseWebhookId(id).userId || undefined,
    mode: known?.isPulled ? 'pull' : 'push',
    pausedAt: known?.pausedAt,
    breaker: breaker
      ? { state: breaker.retryAt > Date.now() ? 'open' : 'half-open', ...breaker }
      : { state: 'closed' },
    waiting,
  }
}
