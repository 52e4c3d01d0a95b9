import type { Event } from './event.ts'

/** With these a phone is linked, which is all it takes to have the account. */
const TYPES: ReadonlySet<string> = new Set<Event['type']>([
  'session.qr',
  'session.passkey.request',
  'session.passkey.confirmation',
])

/** Whether an event of this type holds a code that links a phone: whoever may only look is not shown it. */
export function hasLinkingCode(type: string): boolean {
  return TYPES.has(type)
}
