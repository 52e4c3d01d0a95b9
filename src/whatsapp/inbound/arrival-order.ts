import type { BinaryNode, WASocket } from '../library/engine.ts'
import { acknowledgingStatus } from './status-acks.ts'

type Handler = (node: BinaryNode) => unknown

/**
 * Hands messages to the library one after the other, in the order they arrived.
 * Left alone it puts what was missed while away (`offline="3"`) into a queue of its own, which live messages of the
 * same chat overtake; and two live ones may swap while it looks up who sent the first. Must come after everything
 * that listens to messages and before `recordFirst`.
 */
export function keepArrivalOrder(socket: WASocket): void {
  // The event emitter types its listeners as bare functions.
  const handlers = socket.ws.listeners('CB:message') as Handler[]
  socket.ws.removeAllListeners('CB:message')
  let previous: Promise<unknown> = Promise.resolve()

  socket.ws.on('CB:message', (node: BinaryNode) => {
    const message = withoutOfflineMark(node)
    const handle = () =>
      Promise.allSettled(handlers.map((handler) => acknowledgingStatus(message, () => handler(message))))
    previous = previous.then(handle)
  })
}

function withoutOfflineMark(node: BinaryNode): BinaryNode {
  const { offline: _, ...attrs } = node.attrs
  return { ...node, attrs }
}
