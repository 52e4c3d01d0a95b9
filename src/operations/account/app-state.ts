import { ApiError } from '../../lib/errors.ts'
import { ALL_WA_PATCH_NAMES } from '../../whatsapp/library/engine.ts'
import type { LiveSession } from '../../whatsapp/session/session.ts'
import { ask, element } from '../ask.ts'
import { changeShared } from '../chats/chats.ts'

/**
 * Asks WhatsApp for what has changed in the settings that the account's devices share, in all their collections, and
 * resolves when it is read. What was missed is told as events, what is known already is not told again. Right after
 * linking it waits for the key that the settings are encrypted with.
 */
export function fetchAppState(session: LiveSession): Promise<void> {
  return changeShared(session, async (socket) => {
    await socket.resyncAppState(ALL_WA_PATCH_NAMES, false)
  })
}

/** Which of those collections are asked for, and what of them. */
export interface AppStateQuery {
  collection: string
  /** Read it from the beginning instead of what is new. */
  full: boolean
  /** Leave it alone when it has been read before. */
  onlyIfNew: boolean
}

/** Asks for one collection, as `fetchAppState` does for all. Throws `invalid_field` for a name that is none. */
export async function fetchAppStateOf(
  session: LiveSession,
  { collection, full, onlyIfNew }: AppStateQuery,
): Promise<void> {
  const name = ALL_WA_PATCH_NAMES.find((one) => one === collection)
  if (!name)
    throw new ApiError('invalid_field', { text: `the collections are ${ALL_WA_PATCH_NAMES.join(', ')}` })
  await changeShared(session, async (socket) => {
    const { keys } = socket.authState
    const { [name]: known } = await keys.get('app-state-sync-version', [name])
    if (known && onlyIfNew) return
    // What has no version is read from a snapshot.
    if (known && full) await keys.set({ 'app-state-sync-version': { [name]: null } })
    await socket.resyncAppState([name], false)
  })
}

/** Something WhatsApp has said to have changed, such as `groups` or `account_sync`, and that is known now. */
export interface CleanedBits {
  type: string
  /** When it was noticed, unix seconds. */
  timestamp: number
}

/** Tells WhatsApp that a change it announced is known; what it makes of unknown names is its own business. */
export async function markClean(session: LiveSession, bits: CleanedBits): Promise<CleanedBits> {
  const { type, timestamp } = bits
  await ask(
    session,
    { xmlns: 'urn:xmpp:whatsapp:dirty', type: 'set' },
    element('clean', { type, timestamp: String(timestamp) }),
  )
  return bits
}
