import type { Request } from 'express'
import { isFromNode } from '../../cluster/internal.ts'
import { ApiError } from '../../lib/errors.ts'
import type { Power } from '../../store/users/user-keys.ts'
import type { Dialect, Principal, Stream } from '../endpoint/dialect.ts'
import type { Endpoint } from '../endpoint/endpoint.ts'

/** What it takes to call an endpoint; `any`: every key of the user will do. */
export type NeededPower = Power | 'any'

/**
 * What it takes to call an endpoint, unless it says so itself: to see is to read, to send a message is to send, and what
 * nobody has thought about takes the token.
 */
export function neededPower({
  method,
  power,
  repeatable,
}: Pick<Endpoint, 'method' | 'power' | 'repeatable'>): NeededPower {
  if (power) return power
  if (method === 'get') return 'read'
  return repeatable === 'message' ? 'send' : 'full'
}

/** What it takes to open a stream: to be told is to read, to talk takes the token. */
export function streamPower({ kind, power }: Pick<Stream, 'kind' | 'power'>): NeededPower {
  return power ?? (kind === 'talk' ? 'full' : 'read')
}

/** What the document of a dialect says of the power that is needed, where there are keys with less power than the token. */
export function powerWords(
  { securitySchemes }: Pick<Dialect, 'securitySchemes'>,
  security: string,
  needed: NeededPower,
): { 'x-power'?: NeededPower } {
  return securitySchemes[security]?.['x-takes-keys'] ? { 'x-power': needed } : {}
}

const HELD = { read: 'this key may only read', send: 'this key may only send' }
const NEEDED = {
  read: 'a key with the power read',
  send: 'a key with the power send',
}

/** Refuses a caller whose key may do less than is needed. Throws `forbidden`, which says what is. */
export function requirePower(principal: Principal, needed: NeededPower): void {
  if (principal.kind === 'login' && needed !== 'read')
    throw new ApiError('forbidden', { text: 'this login may only look' })
  if (principal.kind !== 'user' || principal.power === 'full') return
  if (needed === 'any' || needed === principal.power) return
  if (principal.login) throw new ApiError('forbidden', { text: 'this login may only look' })
  const wanted = needed === 'full' ? 'the token of the user' : `${NEEDED[needed]}, or the token of the user`
  throw new ApiError('forbidden', { text: `${HELD[principal.power]}: this takes ${wanted}` })
}

/** Writes down which login looks at whom; where another node has passed the request on, that one has done so. */
export function noteLook(request: Request, principal: Principal, operation: string): void {
  const isUser = principal.kind === 'user'
  if ((!isUser && principal.kind !== 'login') || !principal.login || isFromNode(request)) return
  const { name: login } = principal.login
  request.log.info({ login, ...(isUser && { user: principal.user.id }), operation }, 'a login looked')
}
