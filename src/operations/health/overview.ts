import { ApiError } from '../../lib/errors.ts'
import { countWaiting, type Destination, listDestinations } from '../../store/delivery/destinations.ts'
import { parseWebhookId } from '../../store/delivery/webhook-ids.ts'
import { countFailedMessages } from '../../store/health/activity.ts'
import {
  deadDeliveries,
  type StuckDelivery,
  stuckDeliveries,
  type UserFacts,
  userFacts,
  type WebhookFacts,
  webhookFacts,
} from '../../store/health/overview.ts'
import type { SessionNote } from '../../store/health/session-events.ts'
import type { SessionStatus } from '../../whatsapp/session/status.ts'
import type { Services, UserScope } from '../services.ts'

/** How a receiver is doing. Instants are unix milliseconds. */
export interface ReceiverHealth {
  /** `failing` asks for a person; `paused`, `pulled` (it fetches by itself) and `off` are somebody's wish. */
  state: 'answering' | 'failing' | 'paused' | 'pulled' | 'off'
  /** Since when it fails or is paused. */
  since?: number
  /** HTTP status of the last answer, absent when there was none. */
  status?: number
  /** Beginning of the last answer, or why there was none. */
  reason?: string
  /** Deliveries that wait for it. */
  waiting: number
  /** Deliveries to it that were given up within the last day. */
  dead: number
}

/** A webhook of a user. */
export interface WebhookHealth extends ReceiverHealth {
  target: string
  /** Of its address, which as a whole may hold a secret. */
  host: string
}

/** A receiver that all users share. */
export interface SharedHealth extends ReceiverHealth {
  target: string
}

/** What asks for a person: the session, a webhook that fails, deliveries that were given up. */
export type Attention = 'session' | 'webhook' | 'deliveries'

/** How a user is doing. */
export interface UserHealth {
  id: string
  name: string
  /** Account that is or was linked, '' for none. */
  jid: string
  /** Whether the session should run. */
  wanted: boolean
  state: SessionStatus['state']
  /** A phone is linked and the session is open. */
  linked: boolean
  /** What happened to its connection last, as far as it was written down. */
  last?: SessionNote
  webhooks: WebhookHealth[]
  /** Messages that could not be sent within the last day. */
  failedMessages: number
  attention: Attention[]
}

export interface Totals {
  users: number
  linked: number
  /** Users that need a person. */
  needAttention: number
  /** Receivers that fail, shared ones included. */
  failingReceivers: number
  /** Deliveries that wait. */
  waiting: number
  /** Deliveries that were given up within the last day. */
  dead: number
}

export interface Overview {
  totals: Totals
  users: UserHealth[]
  shared: SharedHealth[]
}

const DAY_MS = 24 * 3_600_000
/** A delivery that failed twice is more than a receiver that was restarted. */
const FAILED_TOO_OFTEN = 2
/** More of them say nothing new; of a receiver the newest counts. */
const MOST_STUCK = 5_000
/** What is kept of an answer is a page; this is a line. */
const MOST_REASON = 200
/** The ends of a session after which it does not come back by itself. */
const ENDS: readonly string[] = ['logged_out', 'banned', 'outdated', 'refused', 'replaced', 'pair_failed']
/** A session that cannot connect for longer than the quick attempts take. */
const FAILED_CONNECTS = 5

/** How all users are doing: a handful of statements, however many there are. */
export function overview(services: Services): Promise<Overview> {
  return read(services)
}

/** The same in numbers only, for whoever asks often. */
export async function totals(services: Services): Promise<Totals> {
  return (await read(services)).totals
}

/** How the caller is doing. Throws `unauthorized` when it was deleted a moment ago. */
export async function ownOverview({ user, services }: UserScope): Promise<UserHealth> {
  const [own] = (await read(services, user.id)).users
  if (!own) throw new ApiError('unauthorized')
  return own
}

async function read(services: Services, userId?: string): Promise<Overview> {
  const { db, webhooks: profiles } = services
  const since = Date.now() - DAY_MS
  const [facts, webhooks, destinations, waiting, stuck, dead, failed, states] = await Promise.all([
    userFacts(db, userId),
    webhookFacts(db, userId),
    listDestinations(db, userId),
    countWaiting(db, { userId }),
    stuckDeliveries(db, { userId, least: FAILED_TOO_OFTEN, limit: MOST_STUCK }),
    deadDeliveries(db, { since, userId }),
    countFailedMessages(db, { since, userId }),
    statesOf(services, userId),
  ])
  const receivers = {
    known: new Map(destinations.map((one) => [one.name, one])),
    waiting,
    stuck: newestOfEach(stuck),
    dead: sums(dead.map((one) => [profiles.destinationOf(one.target, one.userId), one.deliveries])),
  }
  const ofUsers = new Map<string, WebhookHealth[]>(facts.map(({ id }) => [id, []]))
  for (const webhook of webhooks) ofUsers.get(webhook.userId)?.push(webhookHealth(webhook, receivers))
  const users = facts.map((user) => {
    const [own = [], failedMessages = 0] = [ofUsers.get(user.id), failed.get(user.id)]
    return userHealth(user, { webhooks: own, failedMessages, states })
  })
  const shared = profiles.sharedTargets.map((target) => ({ target, ...receiverHealth(target, receivers) }))
  return { users, shared, totals: totalsOf(users, shared, receivers) }
}

/** What is known of receivers, by their names. */
interface Receivers {
  known: Map<string, Destination>
  waiting: Map<string, number>
  stuck: Map<string, StuckDelivery>
  dead: Map<string, number>
}

async function statesOf(
  { sessions }: Services,
  userId: string | undefined,
): Promise<(id: string) => SessionStatus | undefined> {
  const elsewhere = await sessions.statusesElsewhere(userId)
  return (id) => sessions.status(id) ?? elsewhere.get(id)
}

function userHealth(
  user: UserFacts,
  {
    webhooks,
    failedMessages,
    states,
  }: {
    webhooks: WebhookHealth[]
    failedMessages: number
    states: (id: string) => SessionStatus | undefined
  },
): UserHealth {
  const { state = 'idle', loggedIn = false } = states(user.id) ?? {}
  const attention: Attention[] = []
  if (!loggedIn && needsPerson(user, state)) attention.push('session')
  if (webhooks.some((webhook) => webhook.state === 'failing')) attention.push('webhook')
  if (webhooks.some((webhook) => webhook.dead > 0)) attention.push('deliveries')
  return { ...user, state, linked: loggedIn, webhooks, failedMessages, attention }
}

function needsPerson({ last }: UserFacts, state: SessionStatus['state']): boolean {
  if (state === 'blocked' || state === 'passkey') return true
  if (!last) return false
  return ENDS.includes(last.kind) || (last.kind === 'failed' && last.times >= FAILED_CONNECTS)
}

function webhookHealth({ id, url, isActive }: WebhookFacts, receivers: Receivers): WebhookHealth {
  const health = receiverHealth(id, receivers)
  const host = URL.canParse(url) ? new URL(url).host : ''
  return { target: parseWebhookId(id).target, host, ...(isActive ? health : { ...health, state: 'off' }) }
}

function receiverHealth(name: string, { known, waiting, stuck, dead }: Receivers): ReceiverHealth {
  const { pausedAt, isPulled, breaker } = known.get(name) ?? {}
  const counts = { waiting: waiting.get(name) ?? 0, dead: dead.get(name) ?? 0 }
  if (pausedAt !== undefined) return { state: 'paused', since: pausedAt, ...counts }
  if (isPulled) return { state: 'pulled', ...counts }
  const failure = stuck.get(name)
  if (!breaker && !failure) return { state: 'answering', ...counts }
  // The breaker opens late where deliveries are few, and knows the last answer best where they are many.
  const { status, answer } = breaker ?? failure ?? { answer: '' }
  const since = Math.min(
    breaker?.openedAt ?? Number.POSITIVE_INFINITY,
    failure?.since ?? Number.POSITIVE_INFINITY,
  )
  return {
    state: 'failing',
    since,
    ...(status !== undefined && { status }),
    reason: answer.slice(0, MOST_REASON),
    ...counts,
  }
}

/** Of each receiver the newest answer, and since when the oldest waits. */
function newestOfEach(stuck: StuckDelivery[]): Map<string, StuckDelivery> {
  const newest = new Map<string, StuckDelivery>()
  for (const one of stuck) {
    const known = newest.get(one.destination)
    newest.set(one.destination, known ? { ...known, since: Math.min(known.since, one.since) } : one)
  }
  return newest
}

function sums(counts: [string, number][]): Map<string, number> {
  const total = new Map<string, number>()
  for (const [name, count] of counts) total.set(name, (total.get(name) ?? 0) + count)
  return total
}

function totalsOf(users: UserHealth[], shared: SharedHealth[], { waiting, dead }: Receivers): Totals {
  const receivers = [...shared, ...users.flatMap(({ webhooks }) => webhooks)]
  const all = (counts: Map<string, number>) => [...counts.values()].reduce((sum, count) => sum + count, 0)
  return {
    users: users.length,
    linked: users.filter(({ linked }) => linked).length,
    needAttention: users.filter(({ attention }) => attention.length > 0).length,
    failingReceivers: receivers.filter(({ state }) => state === 'failing').length,
    waiting: all(waiting),
    dead: all(dead),
  }
}
