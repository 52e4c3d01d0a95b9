import { keepArrivalOrder } from '../inbound/arrival-order.ts'
import { recordFirst } from '../inbound/record-first.ts'
import type { BinaryNode, WASocket } from './engine.ts'

export interface StanzaHandlers {
  /** Stores what a stanza means; undefined when it means nothing to a receiver. */
  record(node: BinaryNode): Promise<void> | undefined
  /** Called when something could not be stored. */
  failed(error: unknown): void
  /** Keeps hold of work that nobody waits for, until the session has settled. */
  background(work: Promise<void>): void
}

// The library acknowledges these once it has handled them: they must be stored before.
const ACKNOWLEDGED = ['message', 'receipt', 'notification', 'call'] as const

// Nobody acknowledges these.
const PASSING = [
  'presence',
  'chatstate',
  'ib,,offline_preview',
  'ib,,offline',
  'ib,,downgrade_webclient',
  'stream:error',
]

/** Shows every stanza that may mean something to a receiver, as the server sent it, to `record`. */
export function tapStanzas(socket: WASocket, handlers: StanzaHandlers): void {
  const record = (node: BinaryNode) => {
    const work = handlers.record(node)
    // `recordFirst` hears of a failure; here only the end of the work matters.
    if (work) handlers.background(work.catch(() => {}))
    return work
  }
  keepArrivalOrder(socket)
  for (const tag of ACKNOWLEDGED) recordFirst(socket, tag, record, handlers.failed)
  for (const tag of PASSING) {
    socket.ws.on(`CB:${tag}`, (node: BinaryNode) => {
      const work = handlers.record(node)
      if (work) handlers.background(work)
    })
  }
}
