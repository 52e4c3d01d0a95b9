import { ApiError } from '../../lib/errors.ts'
import { qrImage } from '../../lib/text/qr-image.ts'
import { getUser, type User } from '../../store/users/users.ts'
import type { LiveSession } from '../../whatsapp/session/session.ts'
import type { SessionStatus } from '../../whatsapp/session/status.ts'
import type { Services, UserScope } from '../services.ts'
import { refuseWhilePasskey } from './passkeys.ts'

/** A user with the state of its session now. */
export interface UserStatus {
  user: User
  /** A socket to WhatsApp is open, linked or not. */
  connected: boolean
  /** A phone is linked and messages can be sent. */
  loggedIn: boolean
  /** The linked account without device part; the last known one while not logged in. */
  jid: string
  /** QR code to scan now as a PNG data URL, '' when none is shown. */
  qrImage: string
}

/** How a session is to be started. */
export interface ConnectRequest {
  /** Resolve only when there is a connection or a QR code, and fail after ten seconds without. */
  wait: boolean
}

const CONNECT_TIMEOUT_MS = 10_000
const CONNECTING: SessionStatus['state'][] = ['queued', 'connecting', 'retrying']
const NOT_CONNECTED: SessionStatus = {
  connected: false,
  loggedIn: false,
  jid: '',
  lid: '',
  qr: '',
  state: 'idle',
}

/** Starts the user's session. Throws `already_connected`, and `not_connected` when waiting was in vain. */
export async function connect({ user, services }: UserScope, request: ConnectRequest): Promise<User> {
  if (statusOf(services, user).connected) throw new ApiError('already_connected')

  const session = await services.sessions.connect(user)
  if (!request.wait) return user

  await session.waitFor(({ state }) => !CONNECTING.includes(state), CONNECT_TIMEOUT_MS)
  if (!session.status.connected) throw new ApiError('not_connected', { text: 'failed to Connect' })
  return presentUser(services, user)
}

/** The user's settings and the state of its session; there need not be one. */
export async function userStatus({ user, services }: UserScope): Promise<UserStatus> {
  const status = await services.sessions.statusAnywhere(user.id)
  const codes = isCodeElsewhere(status) ? await services.codesElsewhere() : undefined
  return describe(user, status, codes?.get(user.id))
}

/** The same for many users, in their order. */
export async function userStatuses(services: Services, users: User[]): Promise<UserStatus[]> {
  const elsewhere = await services.sessions.statusesElsewhere()
  const codes = [...elsewhere.values()].some(isCodeElsewhere) ? await services.codesElsewhere() : undefined
  return Promise.all(
    users.map((user) =>
      describe(user, services.sessions.status(user.id) ?? elsewhere.get(user.id), codes?.get(user.id)),
    ),
  )
}

/** A session of another node shows a code, of which its state is all that is known here. */
function isCodeElsewhere(status: SessionStatus | undefined): boolean {
  return status?.state === 'pairing' && status.qr === ''
}

async function describe(user: User, status = NOT_CONNECTED, codeElsewhere = ''): Promise<UserStatus> {
  const { connected, loggedIn, jid, qr } = status
  return { user, connected, loggedIn, jid: jid || user.jid, qrImage: await qrImage(qr || codeElsewhere) }
}

/** The QR code to scan, '' until the first one arrives. Throws `not_connected`, or `already_logged_in` once linked. */
export async function qrCode(session: LiveSession): Promise<string> {
  const { connected, loggedIn, qr } = session.status
  if (!connected) throw new ApiError('not_connected')
  if (loggedIn) throw new ApiError('already_logged_in')
  return qrImage(qr)
}

/**
 * A code to type on the phone instead of scanning: `ABCD-EFGH`. Throws `already_logged_in`, `invalid_field`, or as
 * `refuseWhilePasskey`.
 */
export async function pairByPhone(session: LiveSession, phone: string): Promise<string> {
  if (session.status.loggedIn) throw alreadyPaired()
  refuseWhilePasskey(session)
  return session.requestPairingCode(pairingNumber(phone))
}

/**
 * The code to type on the phone, for a session that need not run: it is started and given ten seconds to get ready.
 * Throws as `connect` and `pairByPhone` do.
 */
export async function connectToPair(scope: UserScope, phone: string): Promise<string> {
  requirePairable(scope, phone)
  const { user, services } = scope
  if (!isConnected(scope)) await connect(scope, { wait: true })
  return pairByPhone(services.sessions.live(user.id), phone)
}

/**
 * Finds out beforehand what `connectToPair` would only find out once the session runs. Throws `already_logged_in` or
 * `invalid_field`.
 */
export function requirePairable(scope: UserScope, phone: string): void {
  if (sessionStatus(scope).loggedIn) throw alreadyPaired()
  pairingNumber(phone)
}

function alreadyPaired(): ApiError {
  return new ApiError('already_logged_in', { text: 'already paired' })
}

/** The digits of a phone on which a code can be typed. Throws `invalid_field`. */
function pairingNumber(phone: string): string {
  const digits = phone.replace(/\D/g, '')
  if (digits.length <= 6) throw new ApiError('invalid_field', { text: 'phone number too short' })
  if (digits.startsWith('0')) {
    throw new ApiError('invalid_field', {
      text: 'international phone number required (must not start with 0)',
    })
  }
  return digits
}

/** Closes the session and keeps its link to the phone. Throws `no_session`, or `not_connected` when it is not open. */
export async function disconnect({ user, services }: UserScope): Promise<void> {
  const { status } = services.sessions.live(user.id)
  if (!status.connected) {
    throw new ApiError('not_connected', { text: 'cannot disconnect because it is not logged in' })
  }
  await services.sessions.disconnect(user.id)
}

/** Unlinks the phone and erases the session's keys. Throws `no_session`, `not_connected` or `not_logged_in`. */
export async function logout({ user, services }: UserScope): Promise<void> {
  const { status } = services.sessions.live(user.id)
  if (!status.connected) {
    throw new ApiError('not_connected', { text: 'could not disconnect as it was not connected' })
  }
  if (!status.loggedIn) {
    throw new ApiError('not_logged_in', { text: 'could not logout as it was not logged in' })
  }
  await services.sessions.logout(user.id)
}

/** Whether the user has an open socket now. */
export function isConnected({ user, services }: UserScope): boolean {
  return statusOf(services, user).connected
}

/** The state of a session now; there need not be one. */
export function sessionStatus({ user, services }: UserScope): SessionStatus {
  return statusOf(services, user)
}

function statusOf(services: Services, user: User): SessionStatus {
  return services.sessions.find(user.id)?.status ?? NOT_CONNECTED
}

/** The user as it is now; one that was deleted meanwhile is no longer authorized. */
async function presentUser({ db, secrets }: Services, { id }: User): Promise<User> {
  const present = await getUser(db, secrets, id)
  if (!present) throw new ApiError('unauthorized')
  return present
}
