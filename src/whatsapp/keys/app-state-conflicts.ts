import type { BinaryNode, WASocket } from '../library/engine.ts'
import { child, childrenOf } from '../wire/node.ts'

/** What WhatsApp answers to a change that was made for an older version of its collection. */
const CONFLICT = 409
/** Two devices that write the same collection at once hit each other once or twice; more than that is no accident. */
const MOST_TRIES = 6

/**
 * Makes refused changes of shared settings fail. WhatsApp refuses one inside an answer that is a success by itself
 * (`<iq type="result"><sync><collection type="error"><error code>`); the library looks no further, counts the change as
 * made, and from then on has a version and a sum of its own. With the error where the library looks for one, it drops
 * what it was about to store.
 */
export function noticeRefusedChanges({ ws }: WASocket): void {
  ws.on('frame', (frame: BinaryNode | Uint8Array) => {
    if (frame instanceof Uint8Array || frame.tag !== 'iq' || !Array.isArray(frame.content)) return
    // The library remembers what an element holds once it has looked, so this must not look in its way.
    const sync = frame.content.find(({ tag }) => tag === 'sync')
    // A change is asked for alone; where several collections are read, one that is refused must not hide the others.
    const [collection, ...others] = childrenOf(sync, 'collection')
    if (collection?.attrs.type !== 'error' || others.length > 0) return
    const refusal = child(collection, 'error')
    if (refusal) frame.content.push(refusal)
  })
}

/**
 * Makes a change of shared settings again as long as other devices of the account were faster. The library reads what
 * they wrote before it writes anew.
 */
export async function untilUncontested<T>(change: () => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries++) {
    try {
      return await change()
    } catch (error) {
      if (!isConflict(error) || tries === MOST_TRIES) throw error
    }
  }
}

function isConflict(error: unknown): boolean {
  return error instanceof Error && 'data' in error && error.data === CONFLICT
}
