import type { BinaryNode } from '../library/engine.ts'
import type { InboundDeps, InboundStep } from './pipeline.ts'

/**
 * Hands messages on one after the other, in the order they arrived. Left alone the library puts what was missed while
 * away (`offline="3"`) into a queue of its own, which live messages of the same chat overtake; and two live ones may
 * swap while it looks up who sent the first.
 */
export function keepArrivalOrder({ onFailed }: Pick<InboundDeps, 'onFailed'>): InboundStep {
  let previous: Promise<unknown> = Promise.resolve()

  return (stanza, next) => {
    const message = withoutOfflineMark(stanza)
    // One that fails must not keep the next ones from being handled.
    previous = previous.then(() => next(message)).catch(onFailed)
    return previous
  }
}

function withoutOfflineMark(node: BinaryNode): BinaryNode {
  const { offline: _, ...attrs } = node.attrs
  return { ...node, attrs }
}
