import { withoutDevice } from '../wire/jid.ts'
import { isRunning, type State } from './machine.ts'

interface OwnJids {
  id: string
  lid?: string
}

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

/** The states in which there is a socket to WhatsApp that can be used, for linking at least. */
const CONNECTED: readonly string[] = ['open', 'pairing', 'passkey'] satisfies State['name'][]

/** The status of a session that runs here: its state, whether a phone is linked, and its own JIDs. */
export function statusHere(state: State, isLinked: boolean, me: OwnJids | undefined): SessionStatus {
  const linked = isLinked && isRunning(state)
  return {
    connected: CONNECTED.includes(state.name),
    loggedIn: state.name === 'open' && linked,
    jid: linked ? withoutDevice(me?.id) : '',
    lid: linked ? withoutDevice(me?.lid) : '',
    qr: state.name === 'pairing' ? state.qr : '',
    state: state.name,
  }
}

/** The status of a session that runs on another node, from the name of its state. */
export function statusElsewhere(state: string): SessionStatus {
  return {
    connected: CONNECTED.includes(state),
    loggedIn: state === 'open',
    jid: '',
    lid: '',
    qr: '',
    // Written by the state machine of the other node; '' before it has said anything.
    state: (state || 'queued') as State['name'],
  }
}
