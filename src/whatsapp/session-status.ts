import type { State } from './machine.ts'

/** What the outside sees of a session. */
export interface SessionStatus {
  /** A socket to WhatsApp is open, linked or not. */
  connected: boolean
  /** A phone is linked and the session is open. */
  loggedIn: boolean
  /** Own phone number as a JID without device, empty before linking. */
  jid: string
  lid: string
  /** The text of the QR code to scan now, empty when none is shown. */
  qr: string
  state: State['name']
}
