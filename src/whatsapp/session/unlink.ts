import type { Unlinked } from '../../store/users/removals.ts'
import type { WASocket } from '../library/engine.ts'
import { runInRootContext } from '../library/patches/index.ts'
import type { LiveSession } from './session.ts'

/** How long the server may take to answer; it does at once. */
const ANSWER_MS = 3_000
const LOGGED_OUT = 401

/**
 * Has a session's device removed from its account, so that the phone shows it no more; the keys stay. A session that is
 * on its way gets `patienceMs` to open.
 */
export async function unlinkDevice(session: LiveSession, patienceMs: number): Promise<Unlinked> {
  await session.waitFor(() => isOpen(session) || !session.running, patienceMs)
  // The phone may have been faster.
  if (isLoggedOut(session)) return 'not_linked'
  if (!isOpen(session)) return 'unreachable'
  try {
    await runInRootContext(() => removeDevice(session.socket(), session.me.pn))
  } catch (error) {
    // The account may close the connection before it answers, because the device is none of its own any more.
    if (isLoggedOut(session)) return 'yes'
    session.log.warn({ err: error }, 'could not tell the server to unlink')
    return 'unreachable'
  }
  return 'yes'
}

const isOpen = ({ status }: LiveSession) => status.state === 'open'
const isLoggedOut = ({ status }: LiveSession) => status.state === 'loggedOut'

/**
 * The library's own `logout` closes the socket as soon as the request is written, and so takes a connection that is dead
 * for one that has told the account. Rejects when no answer came.
 */
async function removeDevice(socket: WASocket, jid: string): Promise<void> {
  const removal = { tag: 'remove-companion-device', attrs: { jid, reason: 'user_initiated' } }
  const attrs = { to: 's.whatsapp.net', type: 'set', xmlns: 'md', id: socket.generateMessageTag() }
  await socket.query({ tag: 'iq', attrs, content: [removal] }, ANSWER_MS)
  await socket.end(Object.assign(new Error('Intentional Logout'), { output: { statusCode: LOGGED_OUT } }))
}
