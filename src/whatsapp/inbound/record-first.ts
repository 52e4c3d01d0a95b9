import type { BinaryNode, WASocket } from '../library/engine.ts'

/**
 * Lets `record` finish before the library sees a stanza, and so before the library acknowledges it: what WhatsApp
 * has been told we received is on disk. Order of stanzas is kept. A failed `record` goes to `onFailure` and the
 * library never sees that stanza, so the server delivers it again after the reconnect.
 */
export function recordFirst(
  socket: WASocket,
  tag: 'message' | 'receipt' | 'notification' | 'call',
  record: (node: BinaryNode) => Promise<void> | undefined,
  onFailure: (error: unknown) => void,
): void {
  const event = `CB:${tag}`
  // The event emitter types its listeners as bare functions.
  const listeners = socket.ws.listeners(event) as ((node: BinaryNode) => void)[]
  socket.ws.removeAllListeners(event)
  let busy: Promise<void> | undefined

  socket.ws.on(event, (node: BinaryNode) => {
    const pass = () => {
      for (const listener of listeners) listener(node)
    }
    const work = busy ? busy.then(() => record(node)) : record(node)
    if (!work) {
      pass()
      return
    }
    const turn: Promise<void> = work.then(pass).catch(onFailure)
    busy = turn
    void turn.then(() => {
      if (busy === turn) busy = undefined
    })
  })
}
