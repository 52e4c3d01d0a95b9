import { ApiError } from '../../lib/errors.ts'
import {
  type DeliveryFilter,
  type LoggedDelivery,
  listDeliveries,
  newestDelivery,
} from '../../store/delivery/delivery-log.ts'
import { getUser } from '../../store/users/users.ts'
import { chatAliases } from '../../whatsapp/inbound/chat-aliases.ts'
import type { Services, UserScope } from '../services.ts'
import { withoutSecrets } from './deliveries.ts'
import { type DescribedDelivery, describeDeliveries } from './described-deliveries.ts'
import { ownTarget } from './targets.ts'

/** Which deliveries are looked for. */
export interface DeliverySearch
  extends Pick<DeliveryFilter, 'target' | 'exceptTargets' | 'state' | 'since' | 'until' | 'before'> {
  userId?: string
  /** What the receiver calls the event. */
  event?: string
  /** JID of the chat; of a person either one. */
  chat?: string
  limit: number
}

/** A part of what was found, newest first. */
export interface DeliveryPage {
  deliveries: DescribedDelivery[]
  /** What `before` must be for the next part; absent at the end. A part may be short, and is not the end for that. */
  next?: number
}

/**
 * What has no index is looked for among so many deliveries by one statement: with SQLite everybody else waits for it.
 */
const WINDOW = 20_000
/** How many statements of that kind one call makes. */
const MOST_WINDOWS = 10
/** How many deliveries one call reads to find out what their receivers call them. */
const MOST_READ = 2_000
const READ_AT_ONCE = 200

/** The newest deliveries that match, in the words of their receivers. */
export async function searchDeliveries(services: Services, search: DeliverySearch): Promise<DeliveryPage> {
  const { event, chat, limit, ...rest } = search
  const filter: DeliveryFilter = { ...rest, limit }
  if (chat !== undefined) filter.chats = await chatsOf(services, search.userId, chat)
  if (event !== undefined) filter.exceptTypes = otherwiseNamed(services, search)
  const isNarrow = [event, chat, search.since, search.until].some((given) => given !== undefined)
  return isNarrow ? searchInWindows(services, filter, event) : newestPage(services, filter)
}

async function newestPage(services: Services, filter: DeliveryFilter): Promise<DeliveryPage> {
  const { limit } = filter
  const found = await listDeliveries(services.db, { ...filter, limit: limit + 1 })
  const deliveries = await describe(services, found.slice(0, limit))
  return { deliveries, ...(found.length > limit && { next: deliveries.at(-1)?.seq }) }
}

/** Stands for all own webhooks. */
const ALL_OWN = 'all'

/** The same for one of the caller's own webhooks, or `all`. Throws `not_found`. */
export async function searchOwnDeliveries(
  scope: UserScope,
  { target, ...search }: DeliverySearch & { target: string },
): Promise<DeliveryPage> {
  const { services, user } = scope
  if (target !== ALL_OWN) await ownTarget(scope, target)
  return searchDeliveries(services, {
    ...search,
    userId: user.id,
    ...(target === ALL_OWN ? { exceptTargets: services.webhooks.sharedPatterns } : { target }),
  })
}

/** Looks further and further back until there are enough, or it has looked far enough for one call. */
async function searchInWindows(
  services: Services,
  filter: DeliveryFilter,
  event: string | undefined,
): Promise<DeliveryPage> {
  const deliveries: DescribedDelivery[] = []
  let before = filter.before ?? (await newestDelivery(services.db)) + 1
  let read = 0
  for (let windows = 0; windows < MOST_WINDOWS && before > 0 && read < MOST_READ; ) {
    const from = Math.max(0, before - WINDOW)
    const some = await listDeliveries(services.db, { ...filter, from, before, limit: READ_AT_ONCE })
    for (const one of await describe(services, some)) {
      if (event === undefined || one.event === event) deliveries.push(one)
      if (deliveries.length === filter.limit) return { deliveries, next: one.seq }
    }
    read += some.length
    const isWhole = some.length < READ_AT_ONCE
    if (isWhole) windows++
    before = isWhole ? from : (some.at(-1)?.seq ?? from)
  }
  return { deliveries, ...(before > 0 && { next: before }) }
}

/** The types of events that every receiver in question calls something else. */
function otherwiseNamed({ webhooks }: Services, { target, event }: DeliverySearch): string[] {
  const profile = target === undefined ? undefined : webhooks.find(target)
  const profiles = profile ? [profile] : [...webhooks.byDialect.values()]
  const [first, ...others] = profiles.map(
    ({ typeNames = {} }) =>
      new Set(Object.entries(typeNames).flatMap(([type, name]) => (name === event ? [] : [type]))),
  )
  return [...(first ?? [])].filter((type) => others.every((types) => types.has(type)))
}

/** A person has two JIDs; which one an event has is up to WhatsApp. */
async function chatsOf(
  { db, secrets }: Services,
  userId: string | undefined,
  chat: string,
): Promise<string[]> {
  if (userId === undefined) return [chat]
  if (!(await getUser(db, secrets, userId))) throw new ApiError('not_found', { text: 'user not found' })
  return chatAliases(db, secrets, userId, chat)
}

async function describe(services: Services, deliveries: LoggedDelivery[]): Promise<DescribedDelivery[]> {
  return describeDeliveries(services, await withoutSecrets(services, deliveries))
}
