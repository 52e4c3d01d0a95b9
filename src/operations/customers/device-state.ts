import type { User } from '../../store/users/users.ts'
import { storedDevice } from '../../whatsapp/session/own-identity.ts'
import type { Services, UserScope } from '../services.ts'

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
  const { db, secrets, sessions } = services
  const elsewhere = await sessions.statusesElsewhere()
  return Promise.all(
    users.map(async (user) => {
      const status = sessions.status(user.id) ?? elsewhere.get(user.id)
      // What was never linked has no credentials to look for.
      const linked = user.lastJid === '' ? undefined : await storedDevice(db, secrets, user.id)
      const jid = linked?.jid ?? user.lastJid
      const isLoaded = status !== undefined
      return {
        user,
        stage: stageOf({ isLinked: linked !== undefined, wasLinked: jid !== '', isLoaded }),
        isLoaded,
        isConnected: status?.connected ?? false,
        isLoggedIn: status?.loggedIn ?? false,
        jid,
      }
    }),
  )
}

function stageOf(facts: { isLinked: boolean; wasLinked: boolean; isLoaded: boolean }): DeviceStage {
  if (!facts.isLinked) return facts.wasLinked ? 'logged_out' : 'pending'
  return facts.isLoaded ? 'active' : 'disconnected'
}
