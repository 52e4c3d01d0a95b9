import { ALL_WA_PATCH_NAMES } from '../../whatsapp/library/engine.ts'
import type { LiveSession } from '../../whatsapp/session/session.ts'
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
