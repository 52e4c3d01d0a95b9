import type { SessionEvent } from '../../../events/event.ts'
import type { JsonObject } from '../../../events/event-parts.ts'
import type { PasskeyFailure, PasskeyView } from './passkey-ceremony.ts'

/** What people read when a linking with a passkey comes to nothing: what happened, and what to do. */
const PASSKEY_FAILURES: Record<PasskeyFailure, string> = {
  no_answer: 'nobody used the passkey in time: scan a new code',
  phone_did_not_continue:
    'the phone did not go on: keep its screen open, and use the passkey that WhatsApp on this phone has; then scan a new code',
  not_confirmed: 'nobody confirmed the code in time: scan a new code',
  phone_did_not_finish: 'the phone did not finish the linking: scan a new code',
  refused: 'WhatsApp refused a step of the linking: scan a new code',
  bad_phone_answer: 'the phone answered with something that cannot be read: scan a new code',
  cancelled: 'the linking was cancelled',
  connection_lost: 'the connection to WhatsApp was lost: scan a new code',
}

/** Where a page is, below the address of this server: its key is not sent when it is opened. */
export function pageAddress(key: string): string {
  return `/link/#${key}`
}

/** A question for the browser: both places that wait for a phone tell it, the scan of a code and the connection. */
export function passkeyRequest({ options }: PasskeyView, page: string): SessionEvent[] {
  const publicKey = JSON.parse(options) as JsonObject
  const told = { type: 'session.passkey.request', publicKey, page: pageAddress(page) } as const
  return [
    { ...told, by: 'pairing' },
    { ...told, by: 'socket' },
  ]
}

/** The code; told by the wait for a scan as well where a person has to confirm it. */
export function passkeyConfirmation(
  { code, skipHandoff }: PasskeyView,
  isAutomatic: boolean,
): SessionEvent[] {
  const told = { type: 'session.passkey.confirmation', code, skipHandoff } as const
  return [...(isAutomatic ? [] : [{ ...told, by: 'pairing' } as const]), { ...told, by: 'socket' }]
}

export function passkeyFailed(failure: PasskeyFailure, continuation: boolean): SessionEvent[] {
  return [{ type: 'session.passkey.failed', error: PASSKEY_FAILURES[failure], continuation }]
}
