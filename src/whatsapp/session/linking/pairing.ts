import type { SessionEvent } from '../../../events/event.ts'
import { pairFailedEvents } from '../../inbound/parse/connection.ts'
import type { AuthenticationCreds, BinaryNode, WASocket } from '../../library/engine.ts'

export interface PairingOutcome {
  /** The phone linked this device; `node` says to whom. */
  onPaired(node: BinaryNode): void
  /** What came from the phone did not prove that it knows this device. */
  onFailed(events: SessionEvent[]): void
}

/** Tells what came of `<pair-success>`: the server sends it whether or not the library can accept it. */
export function watchPairing({ ev, ws }: Pick<WASocket, 'ev' | 'ws'>, outcome: PairingOutcome): void {
  let isAccepted = false
  let refused: BinaryNode | undefined
  ev.on('connection.update', ({ isNewLogin, connection, lastDisconnect }) => {
    if (isNewLogin) isAccepted = true
    if (connection !== 'close' || !refused) return
    outcome.onFailed(pairFailedEvents(refused, lastDisconnect?.error?.message ?? ''))
  })
  // The library listened first: by now it has announced the new login, or refused.
  ws.on('CB:iq,,pair-success', (node: BinaryNode) => {
    if (isAccepted) outcome.onPaired(node)
    else refused = node
  })
}

/** Whether credentials are of a linking that did not come to its end: the library would log in with them, in vain. */
export function isInterrupted({ account, me }: Pick<AuthenticationCreds, 'account' | 'me'>): boolean {
  return !account && me !== undefined
}

/** A code to be typed on the phone with this number, in the form phones show: `ABCD-EFGH`. */
export async function askForPairingCode(socket: WASocket, phone: string): Promise<string> {
  const code = await socket.requestPairingCode(phone)
  return `${code.slice(0, 4)}-${code.slice(4)}`
}
