import type { AppStateEvent } from '../../events/event.ts'

// The library has no events for these; like the changes themselves they show in its log alone.
const BEGUN = /^resyncing (\w+) from v(\d+)/
const COMPLETE = /^(?:restored state of|synced) (\w+) (?:from snapshot )?to v(\d+)/
const FAILED =
  /^(?:failed to sync (\w+) from v\d+, giving up|(\w+) blocked on missing key from v\d+, parking)/

/** Notices when a collection of shared settings was read from its beginning, and when one could not be read. */
export class CollectionWatch {
  /** The collections that are being read from their beginning. */
  readonly #begun = new Set<string>()

  /** Looks at a line of the library's log. */
  hear(details: unknown, told = ''): AppStateEvent | undefined {
    const message = typeof details === 'string' ? details : told
    const [, begun, from] = BEGUN.exec(message) ?? []
    if (begun !== undefined && from === '0') this.#begun.add(begun)
    const [, collection, version] = COMPLETE.exec(message) ?? []
    // What only brings a collection up to date tells of its changes.
    if (collection !== undefined && this.#begun.delete(collection))
      return { type: 'appstate.complete', collection, version: Number(version) }
    const [, given, parked] = FAILED.exec(message) ?? []
    const failed = given ?? parked
    if (failed === undefined) return undefined
    return {
      type: 'appstate.failed',
      collection: failed,
      isFull: this.#begun.delete(failed),
      error: firstLine(details),
    }
  }
}

/** What went wrong: the first line of the stack that the library logs. */
function firstLine(details: unknown): string {
  const stack = typeof details === 'object' && details !== null && 'error' in details ? details.error : ''
  const [line = ''] = String(stack).split('\n')
  return line.replace(/^\w*Error: /, '')
}
