import type { User } from '../../store/users/users.ts'
import { storedDevice } from '../../whatsapp/session/own-identity.ts'
import type { Services, UserScope } from '../services.ts'
import { userStatuses } from '../sessions/sessions.ts'

/** How far a device got. */
export type DeviceStage = 'pending' | 'active' | 'disconnected' | 'logged_out'

/** A device and how it stands. */
export interface DeviceState {
  user: User
  stage: DeviceStage
  /** There is a session, connected or not. */
  isLoaded: boolean
  isConnected: boolean
  isLoggedIn: boolean
  /** JID with device part that is or was linked, '' for none. */
  jid: string
}

/** How a device stands. */
export async function deviceState({ user, services }: UserScope): Promise<DeviceState> {
  const [state] = await deviceStates(services, [user])
  if (!state) throw new Error('a device without a state')
  return state
}

/** How devices stand, in their order. */
export async function deviceStates(services: Services, users: User[]): Promise<DeviceState[]> {
  const statuses = await userStatuses(services, users)
  return Promise.all(
    statuses.map(async ({ user, connected, loggedIn }) => {
      const linked = await storedDevice(services.db, services.secrets, user.id)
      const known = linked?.jid ?? user.lastJid
      return {
        user,
        stage: stageOf({ isLinked: linked !== undefined, wasLinked: known !== '', isWanted: user.wanted }),
        isLoaded: services.sessions.find(user.id) !== undefined || connected,
        isConnected: connected,
        isLoggedIn: loggedIn,
        jid: known,
      }
    }),
  )
}

function stageOf(facts: { isLinked: boolean; wasLinked: boolean; isWanted: boolean }): DeviceStage {
  if (!facts.isLinked) return facts.wasLinked ? 'logged_out' : 'pending'
  return facts.isWanted ? 'active' : 'disconnected'
}
