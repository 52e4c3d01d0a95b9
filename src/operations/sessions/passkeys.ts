import { randomBytes } from 'node:crypto'
import { ApiError } from '../../lib/errors.ts'
import type { Secrets } from '../../lib/secrets/secrets.ts'
import { getUser, type User } from '../../store/users/users.ts'
import type { PendingPasskey } from '../../whatsapp/session/linking/linking.ts'
import type {
  PasskeyCeremony,
  PasskeyFailure,
  PasskeyStage,
} from '../../whatsapp/session/linking/passkey-ceremony.ts'
import { pageAddress } from '../../whatsapp/session/linking/passkey-events.ts'
import type { State } from '../../whatsapp/session/machine.ts'
import type { LiveSession } from '../../whatsapp/session/session.ts'
import type { Services, UserScope } from '../services.ts'

/** A linking as its page sees it. */
export interface LinkingState {
  /** `linked` and `over` are the ends; `waiting`: the phone has linked the device, whose session is not open yet. */
  stage: PasskeyStage | 'waiting' | 'linked' | 'over'
  /** Why it is over without a link; '' when it is not, or nobody knows. */
  failure: PasskeyFailure | ''
  /** The question for the browser, as WhatsApp wrote it; '' when no answer is waited for. */
  options: string
  code: string
  skipHandoff: boolean
  endsAt: number
}

const KEY_BYTES = 32
/** A connection that is lost right after the linking comes back. */
const ON_THE_WAY: readonly string[] = ['queued', 'connecting', 'retrying'] satisfies State['name'][]

/**
 * A key for the page of one linking: random bytes, and sealed who it is for, so that every node knows to whose session a
 * request belongs. Only the session that made it takes it, and only as long as the linking lasts.
 */
export function newPageKey(secrets: Secrets, userId: string): string {
  const sealed = secrets.encrypt(JSON.stringify([userId, randomBytes(KEY_BYTES).toString('base64')]))
  return Buffer.from(sealed).toString('base64url')
}

/**
 * The user whose linking a page is for. Throws `not_found` for what is no key of this installation, and where the session
 * is here and has begun another linking since.
 */
export async function userOfPage(services: Services, key: string): Promise<User> {
  const user = await userIn(services, key)
  const session = user && services.sessions.find(user.id)
  if (!user || (session && !session.linking.hasPage(key))) throw over()
  return user
}

async function userIn({ db, secrets }: Services, key: string): Promise<User | undefined> {
  try {
    const [userId]: unknown[] = JSON.parse(secrets.decrypt(Buffer.from(key, 'base64url').toString()))
    return typeof userId === 'string' ? await getUser(db, secrets, userId) : undefined
  } catch {
    return undefined
  }
}

/** Where a person goes on with a linking, below the address of this server. */
export function pageOf({ page }: PendingPasskey): string {
  return pageAddress(page)
}

/** The linking with a passkey that a user's session is at. */
export function pendingPasskey({ user, services }: UserScope): PendingPasskey | undefined {
  return services.sessions.find(user.id)?.linking.passkey
}

/** Throws `conflict`, which says where to go on, while a linking waits for a passkey: no other code helps then. */
export function refuseWhilePasskey(session: LiveSession | undefined): void {
  const pending = session?.linking.passkey
  if (!pending) return
  const passkeyPage = pageOf(pending)
  throw new ApiError('conflict', {
    text: `WhatsApp asks for a passkey before it links: open ${passkeyPage} of this server on a computer`,
    members: { passkeyPage },
  })
}

/** How the linking of a user stands, for its page. */
export function linkingState(scope: UserScope): LinkingState {
  const { user, services } = scope
  const pending = pendingPasskey(scope)
  if (pending) {
    const { stage, options, code, skipHandoff, endsAt } = pending
    return { stage, failure: '', options: stage === 'required' ? options : '', code, skipHandoff, endsAt }
  }
  const session = services.sessions.find(user.id)
  const failure = session?.linking.failure ?? ''
  return {
    stage: stageAfter(session, failure),
    failure,
    options: '',
    code: '',
    skipHandoff: false,
    endsAt: 0,
  }
}

/** A session that tries once more after a failure connects as well: its former linking is over all the same. */
function stageAfter(session: LiveSession | undefined, failure: string): LinkingState['stage'] {
  if (!session || failure !== '') return 'over'
  if (session.status.loggedIn) return 'linked'
  return ON_THE_WAY.includes(session.status.state) ? 'waiting' : 'over'
}

/** Takes the browser's answer. Throws as `PasskeyCeremony.respond` does, and `not_found`. */
export async function respondToPasskey(scope: UserScope, { answer }: { answer: unknown }): Promise<void> {
  await ceremonyOf(scope).respond(answer)
}

/** The person has compared the code. Throws as `PasskeyCeremony.confirm` does, and `not_found`. */
export async function confirmPasskey(scope: UserScope): Promise<void> {
  await ceremonyOf(scope).confirm()
}

/** Gives the linking up: a new code is shown. Throws `not_found`. */
export function cancelPasskey(scope: UserScope): void {
  ceremonyOf(scope).fail('cancelled')
}

function ceremonyOf({ user, services }: UserScope): PasskeyCeremony {
  const ceremony = services.sessions.find(user.id)?.linking.ceremony
  if (!ceremony) throw over()
  return ceremony
}

function over(): ApiError {
  return new ApiError('not_found', { text: 'this linking is over: scan a new code and open its page' })
}
