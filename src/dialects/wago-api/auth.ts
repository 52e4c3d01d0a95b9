import type { Authenticate, Dialect, RequestHead } from '../../http/endpoint/dialect.ts'
import { ApiError } from '../../lib/errors.ts'
import { equalSecrets } from '../../lib/secrets/timing-safe-equal.ts'
import { isAdminToken } from '../../operations/admin/admin.ts'
import { callerByToken } from '../../operations/keys/user-keys.ts'
import type { Services } from '../../operations/services.ts'
import { findOrCreateUser, userByNameOrId } from '../../operations/sessions/named-sessions.ts'
import type { User } from '../../store/users/users.ts'
import { isSessionId } from './shapes/session-id.ts'

/**
 * The keys of all sessions: the admin token and, where it is set, `API_KEY`. Unlike the original, an empty `API_KEY` does
 * not open the server to everybody.
 */
export const asKeeper: Authenticate = async (head, services) => {
  if (!isKeeper(services, keyOf(head))) throw wrongKey()
  return { kind: 'admin' }
}

/**
 * The session that the path names, for whoever has the key of all sessions or that session's own token or key. A token says
 * nothing about other sessions, not even whether they exist.
 */
export const asSession: Authenticate = sessionBy((services, id) => userByNameOrId(services, id))

/** As `asSession`; a session that is not there is created, for whoever has the key of all sessions. */
export const asNewSession: Authenticate = sessionBy(findOrCreateUser)

/** As `asSession`, where the original says in an answer with status 200 that there is no such session. */
export function asSessionOr(absent: Record<string, unknown>): Authenticate {
  return async (head, services) =>
    asSession(head, services).catch((error: unknown) => {
      if (!(error instanceof ApiError) || error.code !== 'not_found') throw error
      throw new ApiError('not_found', { status: 200, text: error.message, members: absent })
    })
}

function sessionBy(find: (services: Services, id: string) => Promise<User | undefined>): Authenticate {
  return async (head, services) => {
    const key = keyOf(head)
    const caller = await callerByToken(services, key)
    if (!caller && !isKeeper(services, key)) throw wrongKey()
    const id = sessionId(head)
    if (caller && (id === caller.user.id || id === caller.user.name)) return { kind: 'user', ...caller }
    if (!isKeeper(services, key)) throw wrongKey()
    const user = await find(services, id)
    if (!user) throw new ApiError('not_found', { text: 'session_not_found' })
    return { kind: 'user', user, power: 'full' }
  }
}

/** Everybody. */
export const asAnyone: Authenticate = async () => ({ kind: 'anyone' })

/** The session id in a path. Throws `invalid_field`, status 422, for what the original does not accept. */
function sessionId({ params }: RequestHead): string {
  const id = params.id ?? ''
  if (isSessionId(id)) return id
  throw new ApiError('invalid_field', { status: 422, text: 'Session should be alphanumerical or -' })
}

/** Query parameters are refused on purpose: they end in the logs of proxies. */
function keyOf(head: RequestHead): string {
  return head.header('x-api-key') ?? ''
}

function isKeeper(services: Services, key: string): boolean {
  if (isAdminToken(services, key)) return true
  const { apiKey } = services.config
  return apiKey !== undefined && equalSecrets(key, apiKey)
}

function wrongKey(): ApiError {
  return new ApiError('unauthorized', { status: 403, text: 'Invalid API key' })
}

/** How to authenticate, for the documentation. */
export const securitySchemes: Dialect['securitySchemes'] = {
  key: { type: 'apiKey', in: 'header', name: 'X-Api-Key', 'x-takes-keys': true },
}
