import { ApiError } from '../../lib/errors.ts'
import { qrPng } from '../../lib/text/qr-image.ts'
import { type OwnDevice, storedDevice } from '../../whatsapp/session/own-identity.ts'
import type { LiveSession } from '../../whatsapp/session/session.ts'
import type { SessionStatus } from '../../whatsapp/session/status.ts'
import type { UserScope } from '../services.ts'
import { refuseWhilePasskey } from '../sessions/passkeys.ts'
import { sessionStatus } from '../sessions/sessions.ts'

/** How a session stands, with the device behind it. */
export interface DeviceStatus extends Pick<SessionStatus, 'connected' | 'loggedIn'> {
  /** Undefined while no phone is linked. */
  device: OwnDevice | undefined
}

/** The state of a session and its linked device, whether it is connected or not. */
export async function deviceStatus(scope: UserScope): Promise<DeviceStatus> {
  const { connected, loggedIn } = sessionStatus(scope)
  return { connected, loggedIn, device: await linkedDevice(scope) }
}

/** A code to scan with the phone. */
export interface PairingCode {
  text: string
  png: Uint8Array
}

const CODE_TIMEOUT_MS = 10_000
const COMING: SessionStatus['state'][] = ['queued', 'connecting', 'retrying']

/**
 * The QR code to scan now; a session that does not run is started to get one. Throws `already_logged_in` when a phone is
 * linked, `not_connected` when no code came within ten seconds, and as `refuseWhilePasskey`.
 */
export async function pairingCode(scope: UserScope): Promise<PairingCode> {
  const { user, services } = scope
  if (await linkedDevice(scope)) throw new ApiError('already_logged_in')
  const known = services.sessions.find(user.id)
  const session = known?.running ? known : await services.sessions.connect(user)
  const text = await codeToCome(session)
  if (session.status.loggedIn) throw new ApiError('already_logged_in')
  if (text === '') throw new ApiError('not_connected', { text: 'no QR code yet' })
  return { text, png: await qrPng(text) }
}

/**
 * The text of the QR code a running session shows; one that is about to show its first is given ten seconds. '' when no
 * code came, the session does not run, or a phone is linked. Throws as `refuseWhilePasskey`.
 */
export async function shownCode(scope: UserScope): Promise<string> {
  const session = scope.services.sessions.find(scope.user.id)
  if (!session || (await linkedDevice(scope))) return ''
  return codeToCome(session)
}

async function codeToCome(session: LiveSession): Promise<string> {
  refuseWhilePasskey(session)
  await session.waitFor(({ qr, state }) => qr !== '' || !COMING.includes(state), CODE_TIMEOUT_MS)
  return session.status.qr
}

function linkedDevice({ user, services }: UserScope): Promise<OwnDevice | undefined> {
  return storedDevice(services.db, services.secrets, user.id)
}
