import type { Request, Response } from 'express'
import { isFromNode } from '../../cluster/internal.ts'
import { ApiError } from '../../lib/errors.ts'
import type { Services } from '../../operations/services.ts'
import type { EndpointGroup } from '../endpoint/dialect.ts'
import { sourceOf } from './source-address.ts'
import { Windows } from './windows.ts'

const counts = new WeakMap<Services, Map<EndpointGroup, Windows>>()

/**
 * Counts the requests of an address to a group of endpoints and tells in the answer how many it has left. What it
 * returns throws `rate_limited`, with the time after which the window is over.
 */
export function groupLimit(
  group: EndpointGroup,
  services: Services,
): (at: { request: Request; response: Response }) => void {
  const { rateLimit } = group
  if (!rateLimit) return () => {}
  const ofServer = counts.get(services) ?? new Map<EndpointGroup, Windows>()
  counts.set(services, ofServer)
  const windows = ofServer.get(group) ?? new Windows(rateLimit)
  ofServer.set(group, windows)

  return ({ request, response }) => {
    if (isFromNode(request)) return
    const { left, resetSeconds } = windows.take(sourceOf(request.ip ?? ''))
    response.setHeader('X-RateLimit-Limit', String(rateLimit.max))
    response.setHeader('X-RateLimit-Remaining', String(Math.max(0, left)))
    response.setHeader('X-RateLimit-Reset', String(resetSeconds))
    if (left < 0) throw new ApiError('rate_limited', { retryAfterSeconds: resetSeconds })
  }
}
