import type { UserScope } from '../services.ts'
import { requireCall, requireCalls, requireSound } from './own-calls.ts'

/** A server by which browsers find their public address. */
export interface IceServer {
  urls: string[]
}

/** How browsers connect to calls. Throws `unsupported` where voice is off. */
export function readIceServers(scope: UserScope): IceServer[] {
  requireCalls(scope)
  return iceServersOf(scope)
}

/** What browsers are told on the real network where nothing is set: the public server that most clients name. */
const USUAL_STUN = ['stun:stun.l.google.com:19302']

/** The same, wherever voice is on or off. */
export function iceServersOf({ services }: UserScope): IceServer[] {
  const { callStun, whatsappNetwork } = services.config
  const usual = whatsappNetwork === 'live' ? USUAL_STUN : []
  return (callStun ?? usual).map((url) => ({ urls: [url] }))
}

/**
 * Lets a browser talk and listen in a call, in place of one that did. Resolves with the answer to its offer, which has every
 * address in it.
 * @throws ApiError `not_found`, `conflict` when the call is over, `invalid_field` for an offer that cannot be answered,
 * `rate_limited` when no UDP port is free, `upstream_timeout`.
 */
export async function letBrowserIn(
  scope: UserScope,
  { id, sdp }: { id: string; sdp: string },
): Promise<{ id: string; sdp: string }> {
  const { media } = await requireSound(scope, id)
  return { id, sdp: await media.attachBrowser(sdp) }
}

/** Lets the browser go; the call goes on. Without one nothing happens. Throws `not_found`. */
export async function letBrowserGo(scope: UserScope, id: string): Promise<void> {
  const { call, calls } = await requireCall(scope, id)
  if (call.state !== 'ended') await calls.mediaOf(id).detachBrowser()
}
