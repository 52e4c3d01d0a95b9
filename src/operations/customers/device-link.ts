import { ApiError } from '../../lib/errors.ts'
import { qrImage } from '../../lib/text/qr-image.ts'
import { updateUser } from '../../store/users/users.ts'
import { storedDevice } from '../../whatsapp/session/own-identity.ts'
import { pairingCode } from '../account/own-device.ts'
import type { UserScope } from '../services.ts'
import { connectToPair } from '../sessions/sessions.ts'

/** What linking began with: a code to scan or to type, or a new connection of a device that is linked already. */
export type LinkStart = { kind: 'code'; code: string } | { kind: 'reconnected' }

/** A QR code to scan, as `data:image/png;base64,…`; a device that is linked connects anew instead. Throws `not_connected`. */
export async function startQrLink(scope: UserScope): Promise<LinkStart> {
  if (await isLinked(scope)) return reconnected(scope)
  const { text } = await pairingCode(scope)
  return { kind: 'code', code: await qrImage(text) }
}

/** A code to type on the phone with this number, `ABCD-EFGH`; a device that is linked connects anew instead. */
export async function startCodeLink(scope: UserScope, phone: string): Promise<LinkStart> {
  if (await isLinked(scope)) return reconnected(scope)
  return { kind: 'code', code: await connectToPair(scope, phone) }
}

async function reconnected(scope: UserScope): Promise<LinkStart> {
  await reconnectDevice(scope)
  return { kind: 'reconnected' }
}

/**
 * Closes the connection of a linked device, if there is one, and begins a new one; resolves before it is known whether
 * WhatsApp accepts it. Throws `no_session` for a device that was never linked, and `not_logged_in` for one that is not
 * linked any more.
 */
export async function reconnectDevice(scope: UserScope): Promise<void> {
  const { user, services } = scope
  await requireLink(scope)
  await services.sessions.disconnect(user.id)
  await services.sessions.connect(user)
}

/** Unlinks a device from its account and erases its keys. Throws as `reconnectDevice`. */
export async function unlinkLinked(scope: UserScope): Promise<void> {
  await requireLink(scope)
  await scope.services.sessions.logout(scope.user.id)
}

/** Sets the proxy of a device, '' for none; a device that has a session connects anew through it. Throws `unauthorized`. */
export async function changeProxy(
  { user, services }: UserScope,
  { proxyUrl }: { proxyUrl: string },
): Promise<void> {
  const { db, secrets, sessions } = services
  const changed = await updateUser(db, secrets, user.id, { proxyUrl })
  if (!changed) throw new ApiError('unauthorized')
  if (!sessions.find(user.id)?.running) return
  await sessions.disconnect(user.id)
  await sessions.connect(changed)
}

async function requireLink(scope: UserScope): Promise<void> {
  if (await isLinked(scope)) return
  const { user, services } = scope
  if (services.sessions.find(user.id) || user.lastJid !== '')
    throw new ApiError('not_logged_in', {
      explanation: 'WhatsApp Client Store ID is Empty, Please Re-Login and Scan QR Code Again',
    })
  throw new ApiError('no_session')
}

async function isLinked({ user, services }: UserScope): Promise<boolean> {
  return (await storedDevice(services.db, services.secrets, user.id)) !== undefined
}
