import type { WASocket } from '../../whatsapp/library/engine.ts'
import type { LiveSession } from '../../whatsapp/session/session.ts'
import { ask, element } from '../ask.ts'

/** Tells WhatsApp whether this connection is passive: one that is gets no messages until it says otherwise. */
export async function setPassive(session: LiveSession, { isPassive }: { isPassive: boolean }): Promise<void> {
  await ask(session, { xmlns: 'passive', type: 'set' }, element(isPassive ? 'passive' : 'active', {}))
}

/** Connections whose receipts say that somebody is there, whatever is shown of the account. */
const forced = new WeakSet<WASocket>()

/**
 * From now on receipts of delivery are those of an active device (two ticks at once), although the account is shown as
 * offline; or no longer. Holds until the connection ends. Throws `not_logged_in` and `not_connected`.
 */
export async function forceActiveReceipts(
  session: LiveSession,
  { isActive }: { isActive: boolean },
): Promise<void> {
  const socket = await session.ready()
  if (isActive) forced.add(socket)
  else forced.delete(socket)
  tellReceipts(socket, isActive)
}

/** Must be called when something else has decided about the receipts of a connection. */
export function keepForcedReceipts(socket: WASocket): void {
  if (forced.has(socket)) tellReceipts(socket, true)
}

// The library decides by this event what its receipts say; it tells WhatsApp nothing.
function tellReceipts(socket: WASocket, isOnline: boolean): void {
  socket.ev.emit('connection.update', { isOnline })
}
