import { ApiError } from '../../lib/errors.ts'
import type { User } from '../../store/users/users.ts'
import { storedDevice } from '../../whatsapp/session/own-identity.ts'
import type { Services, UserScope } from '../services.ts'

/** How far a device got. */
export type DeviceStage = 'pending' | 'active' | 'disconnected' | 'logged_out'

/** A device and how it stands. */
export interface DeviceState {
  user: User
  stage: DeviceStage
  /** It can be connected: it is linked, or has a session that waits to be. */
  isLoaded: boolean
  isConnected: boolean
  isLoggedIn: boolean
  /** JID with device part that is or was linked, '' for none. */
  jid: string
}

/** The failure of an operation on a device, where it is linked and only its session does not run: `not_connected`. */
export async function withoutSession(error: ApiError, { user, services }: UserScope): Promise<ApiError> {
  if (error.code !== 'no_session' || user.lastJid === '') return error
  const linked = await storedDevice(services.db, services.secrets, user.id)
  return linked ? new ApiError('not_connected', {}, { cause: error }) : error
}

/** How a device stands. */
export async function deviceState({ user, services }: UserScope): Promise<DeviceState> {
  const [state] = await deviceStates(services, [user])
  if (!state) throw new Error('a device without a state')
  return state
}

/** How devices stand, in their order. */
export async function deviceStates(services: Services, users: User[]): Promise<DeviceState[]> {
  const { db, secrets, sessions } = services
  const elsewhere = await sessions.statusesElsewhere()
  return Promise.all(
    users.map(async (user) => {
      const status = sessions.status(user.id) ?? elsewhere.get(user.id)
      // What was never linked has no credentials to look for.
      const linked = user.lastJid === '' ? undefined : await storedDevice(db, secrets, user.id)
      const jid = linked?.jid ?? user.lastJid
      const hasSession = status !== undefined
      return {
        user,
        stage: stageOf({ isLinked: linked !== undefined, wasLinked: jid !== '', hasSession }),
        isLoaded: hasSession || linked !== undefined,
        isConnected: status?.connected ?? false,
        isLoggedIn: status?.loggedIn ?? false,
        jid,
      }
    }),
  )
}

function stageOf(facts: { isLinked: boolean; wasLinked: boolean; hasSession: boolean }): DeviceStage {
  if (!facts.isLinked) return facts.wasLinked ? 'logged_out' : 'pending'
  return facts.hasSession ? 'active' : 'disconnected'
}
