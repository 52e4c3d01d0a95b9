import type { AppStateEvent } from '../events/event.ts'
import { type ChatMutation, proto } from './engine.ts'
import { serverOf } from './receive/address.ts'
import { protoJson } from './receive/proto-json.ts'
import { outside } from './repairs.ts'

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

/** Finds the changes of shared settings in the library's log: marks of chats and messages, labels, contacts. */
export class SharedChanges {
  readonly #record: (changes: AppStateChange[]) => void
  readonly #found: AppStateChange[] = []

  /** `record` gets what the library reads in one go together. */
  constructor(record: (changes: AppStateChange[]) => void) {
    this.#record = record
  }

  /** Looks at a line of the log at level `trace`. */
  hear(details: unknown, message: string | undefined): void {
    const change = sharedChange(details, message)
    if (!change || this.#found.push(change) > 1) return
    outside(() => queueMicrotask(() => this.#record(this.#found.splice(0))))
  }
}

function sharedChange(details: unknown, message: string | undefined): AppStateChange | undefined {
  if (message !== TRACE) return undefined
  // The library's own object, see above.
  const { syncAction, initialSync } = details as SyncActionTrace
  const { value } = syncAction.syncAction
  const index = syncAction.index.map(String)
  const chat = index.slice(1).find((part) => part.includes('@') && serverOf(part) !== '')
  return {
    type: 'appstate.change',
    ...(chat !== undefined && { chat }),
    index,
    action: value ? protoJson(proto.SyncActionValue, proto.SyncActionValue.fromObject(value)) : {},
    timestamp: Math.floor(Number(value?.timestamp ?? 0) / 1000),
    fromFullSync: initialSync,
  }
}
