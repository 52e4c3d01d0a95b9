import type { SessionEvent } from '../../events/event.ts'
import { pairFailedEvents } from '../inbound/parse/connection.ts'
import type { BinaryNode, WASocket } from '../library/engine.ts'
import { child, childrenOf, textOf } from '../wire/node.ts'

/** A code to be scanned; the first one of a linking comes with all of them. */
export interface ShownCode {
  text: string
  codes?: string[]
}

export interface PairingOutcome {
  /** A code is to be shown in place of the one before. */
  onCode(shown: ShownCode): void
  /** The phone linked this device; `node` says to whom. */
  onPaired(node: BinaryNode): void
  /** What came from the phone did not prove that it knows this device. */
  onFailed(events: SessionEvent[]): void
}

/** Tells what came of `<pair-success>`: the server sends it whether or not the library can accept it. */
export function watchPairing({ ev, ws }: Pick<WASocket, 'ev' | 'ws'>, outcome: PairingOutcome): void {
  let isAccepted = false
  let refused: BinaryNode | undefined
  let references: string[] = []
  ev.on('connection.update', ({ qr, isNewLogin, connection, lastDisconnect }) => {
    if (qr) outcome.onCode({ text: qr, ...allCodes(qr, references) })
    if (qr) references = []
    if (isNewLogin) isAccepted = true
    if (connection !== 'close' || !refused) return
    outcome.onFailed(pairFailedEvents(refused, lastDisconnect?.error?.message ?? ''))
  })
  ws.on('CB:iq,type:set,pair-device', (node: BinaryNode) => {
    references = childrenOf(child(node, 'pair-device') ?? node, 'ref').map(textOf)
  })
  // The library listened first: by now it has announced the new login, or refused.
  ws.on('CB:iq,,pair-success', (node: BinaryNode) => {
    if (isAccepted) outcome.onPaired(node)
    else refused = node
  })
}

/** Codes differ in the reference of the server alone. */
function allCodes(first: string, [reference = '', ...others]: string[]): { codes?: string[] } {
  const [before, after] = reference === '' ? [] : first.split(reference)
  if (before === undefined || after === undefined) return {}
  return { codes: [reference, ...others].map((one) => before + one + after) }
}

/** A code to be typed on the phone with this number, in the form phones show: `ABCD-EFGH`. */
export async function askForPairingCode(socket: WASocket, phone: string): Promise<string> {
  const code = await socket.requestPairingCode(phone)
  return `${code.slice(0, 4)}-${code.slice(4)}`
}
