import type { SessionStatus } from '../../../whatsapp/session/status.ts'

/** Our states in the words of wwebjs-api; what is missing has no state there. */
const STATES: Partial<Record<SessionStatus['state'], string>> = {
  open: 'CONNECTED',
  pairing: 'UNPAIRED',
  queued: 'OPENING',
  connecting: 'OPENING',
  retrying: 'OPENING',
}

/** How the original calls the state of a session: `CONNECTED`, `OPENING`, `UNPAIRED` (a QR code waits), null for none. */
export function stateName({ state }: Pick<SessionStatus, 'state'>): string | null {
  return STATES[state] ?? null
}
