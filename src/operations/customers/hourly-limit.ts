import { ApiError } from '../../lib/errors.ts'
import { addRequests, forgetRequests } from '../../store/users/customer-requests.ts'
import type { Customer } from '../../store/users/customers.ts'
import type { Services } from '../services.ts'

const HOUR_MS = 3_600_000
/** So long a node counts on its own before it tells the others, and hears of them. */
const TELL_MS = 1_000

/** What a node knows of the requests of one customer in the present hour. */
interface Count {
  hour: number
  /** Of all nodes, as far as they have told. */
  told: number
  /** Of this node, not told yet. */
  own: number
  /** When this node tells next, by the clock. */
  tellAt: number
  telling?: Promise<void>
}

const counts = new WeakMap<Services, Map<number, Count>>()

/**
 * Counts a request of a customer, or of one of its devices. Throws `rate_limited` when it has made as many as it may in
 * this hour of the clock. The count is that of all nodes; each may let through what came within its last second.
 */
export async function countRequest(
  services: Services,
  { id, ratePerHour }: Pick<Customer, 'id' | 'ratePerHour'>,
  now = Date.now(),
): Promise<void> {
  const count = countOf(services, id, Math.floor(now / HOUR_MS))
  // The first request of an hour must know what was counted before this process began.
  if (count.tellAt === 0) count.tellAt = now
  if (now >= count.tellAt && !count.telling) {
    count.tellAt = now + TELL_MS
    count.telling = tell(services, id, count).finally(() => {
      count.telling = undefined
    })
  }
  if (count.told === 0) await count.telling
  if (count.told + count.own >= ratePerHour) {
    const left = (count.hour + 1) * HOUR_MS - now
    throw new ApiError('rate_limited', { retryAfterSeconds: Math.max(1, Math.ceil(left / 1000)) })
  }
  count.own++
}

function countOf(services: Services, id: number, hour: number): Count {
  const all = counts.get(services) ?? new Map<number, Count>()
  counts.set(services, all)
  const known = all.get(id)
  if (known?.hour === hour) return known
  const begun = { hour, told: 0, own: 0, tellAt: 0 }
  all.set(id, begun)
  return begun
}

/** Never rejects: a database that fails keeps nobody from asking. */
async function tell({ db, log }: Services, customerId: number, count: Count): Promise<void> {
  const { hour, own } = count
  try {
    count.told = await addRequests(db, { customerId, hour, requests: own })
    count.own -= own
    // Once in an hour and customer.
    if (own === 0) await forgetRequests(db, hour)
  } catch (error) {
    log.warn({ err: error }, 'could not count the requests of a customer')
  }
}
