import type { AppStateEvent } from '../../events/event.ts'
import { derivedId, newId } from '../../lib/ids.ts'
import { serverOf } from '../../lib/jid.ts'
import { type ChatMutation, proto } from '../library/engine.ts'
import { runInRootContext } from '../library/patches/index.ts'
import { protoJson } from '../wire/proto-json.ts'
import { CollectionWatch } from './collection-watch.ts'

/** What the library says, at its level `trace`, of every change of a shared setting that it reads. */
interface SyncActionTrace {
  syncAction: ChatMutation
  /** It is part of what a newly linked device gets: an old fact. */
  initialSync: boolean
}

// The library turns changes into events of its own without their time, without whether they are old, and not all of
// them; the only place where it shows them whole is its log. A test notices when it does no longer.
const TRACE = 'processing sync action'

type AppStateChange = Extract<AppStateEvent, { type: 'appstate.change' }>

/** Something that was found, and an id that is the same when the library reads it again. */
interface Found {
  event: AppStateEvent
  id: string
}

/**
 * Finds the changes of shared settings in the library's log: marks of chats and messages, labels, contacts; and which
 * collections of them were read from the beginning, or could not be read.
 */
export class SharedChanges {
  readonly #record: (events: AppStateEvent[], ids: string[]) => Promise<void>
  readonly #device: () => string
  readonly #found: Found[] = []
  readonly #collections = new CollectionWatch()
  #recording: Promise<void> = Promise.resolve()

  /**
   * `record` gets what the library reads in one go together, with ids that are the same when a device reads it again;
   * `device` is its JID.
   */
  constructor(record: (events: AppStateEvent[], ids: string[]) => Promise<void>, device: () => string) {
    this.#record = record
    this.#device = device
  }

  /** Resolves when everything heard so far is recorded; rejects when something could not be. */
  told(): Promise<void> {
    return this.#recording
  }

  /** Looks at a line of the log, of whatever level. */
  hear(details: unknown, message: string | undefined): void {
    const found = message === TRACE ? foundIn(details) : this.#news(details, message)
    if (!found || this.#found.push(found) > 1) return
    runInRootContext(() => queueMicrotask(() => this.#tell(this.#found.splice(0))))
  }

  #news(details: unknown, message: string | undefined): Found | undefined {
    const event = this.#collections.hear(details, message)
    return event && { event, id: newId() }
  }

  #tell(found: Found[]): void {
    const work = this.#record(
      found.map(({ event }) => event),
      // Linked anew, a device is told everything anew.
      found.map(({ id }) => derivedId(this.#device(), id)),
    )
    // Once one is missing, what comes later must not count as told.
    this.#recording = Promise.all([this.#recording, work]).then(() => {})
    // Whoever records hears of a failure there.
    this.#recording.catch(() => {})
  }
}

function foundIn(details: unknown): Found {
  // The library's own object, see above.
  const { syncAction, initialSync } = details as SyncActionTrace
  const value = syncAction.syncAction.value && proto.SyncActionValue.fromObject(syncAction.syncAction.value)
  const index = syncAction.index.map(String)
  const chat = index.slice(1).find((part) => part.includes('@') && serverOf(part) !== '')
  const change: AppStateChange = {
    type: 'appstate.change',
    ...(chat !== undefined && { chat }),
    index,
    action: value ? protoJson(proto.SyncActionValue, value) : {},
    timestamp: Math.floor(Number(value?.timestamp ?? 0) / 1000),
    fromFullSync: initialSync,
  }
  return { event: change, id: idOf(index, value) }
}

/** Without a time, the same change again may be a new one. */
function idOf(index: string[], value: proto.SyncActionValue | null | undefined): string {
  if (!value || Number(value.timestamp ?? 0) === 0) return newId()
  return derivedId(...index, Buffer.from(proto.SyncActionValue.encode(value).finish()).toString('base64'))
}
