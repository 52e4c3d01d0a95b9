import type { SessionEvent } from '../../events/event.ts'
import type { AuthenticationCreds } from '../library/engine.ts'
import type { MachineEvent } from './machine.ts'

/** The session is open, as this account. */
export function sessionOpened(creds: AuthenticationCreds | undefined): SessionEvent {
  const { me, platform = '' } = creds ?? {}
  if (!me) return { type: 'session.open' }
  const businessName = me.verifiedName ?? ''
  return { type: 'session.open', account: { jid: me.id, pushName: me.name ?? '', platform, businessName } }
}

/** What the state machine reports, as the event receivers see. */
export function sessionEvent(event: MachineEvent): SessionEvent {
  switch (event.name) {
    case 'closed':
      return { type: 'session.closed', code: event.code }
    case 'qrTimeout':
      return { type: 'session.qr.timeout' }
    case 'loggedOut':
      return { type: 'session.logout', reason: event.code, onConnect: event.onConnect }
    case 'replaced':
      return { type: 'session.replaced' }
    case 'banned':
      return { type: 'session.banned', code: event.code, expireSeconds: event.expireSeconds }
    case 'outdated':
      return { type: 'session.outdated' }
    case 'unreachable':
      return { type: 'session.unreachable', attempts: event.attempts, error: event.error }
    case 'refused':
      return {
        type: 'session.refused',
        reason: event.code,
        message: event.message,
        raw: { tag: 'failure', attrs: event.attributes, content: null },
      }
  }
}
