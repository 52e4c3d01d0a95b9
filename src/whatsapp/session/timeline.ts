import { Batcher } from '../../lib/flow/batcher.ts'
import { BoundedCache } from '../../lib/flow/bounded-cache.ts'
import { newId } from '../../lib/ids.ts'
import type { Logger } from '../../lib/process/logger.ts'
import { type Database, judgeWrite } from '../../store/database/database.ts'
import { putSessionNotes, type SessionNote, type StoredNote } from '../../store/health/session-events.ts'
import type { Input, State } from './machine.ts'

/** A session has gone from one state to another. */
export interface Transition {
  before: State
  state: State
  input: Input
}

/** What a transition is in the timeline. */
type Noted = Pick<SessionNote, 'kind' | 'params'> & { code?: number }

/** Nobody waits for it: what happens at once shares a write. */
const GATHER_MS = 1_000
const MOST_AT_ONCE = 500
/** Users whose last note is remembered, so that the same again does not become another row. */
const REMEMBERED = 20_000
/** What WhatsApp and libraries say about a failure is short; a proxy may say more. */
const MOST_TEXT = 200

/** Writes down what happens to the connections of users, for whoever wants to know why messages stopped. */
export class Timeline {
  readonly #node: string
  readonly #notes: Batcher<StoredNote>
  readonly #last = new BoundedCache<string, StoredNote>({ max: REMEMBERED })

  /** `node`: the one that runs the sessions; '' where there is only one. */
  constructor({ db, log, node }: { db: Database; log: Logger; node: string }) {
    this.#node = node
    this.#notes = new Batcher({
      write: (notes) => putSessionNotes(db, notes),
      judge: judgeWrite,
      maxSize: MOST_AT_ONCE,
      // It is a diary: the session goes on without it.
      onLost: (notes, error) => log.warn({ err: error, notes: notes.length }, 'lost notes of sessions'),
    })
  }

  /** Notes what happened; written within a moment, nobody waits for it. */
  note(userId: string, transition: Transition, at = Date.now()): void {
    const noted = noteOf(transition)
    if (!noted) return
    const last = this.#last.get(userId)
    const isSame = last?.kind === noted.kind && last.code === noted.code
    const note = isSame
      ? { ...last, params: noted.params, times: last.times + 1, at }
      : { id: newId(), userId, ...noted, node: this.#node, times: 1, since: at, at }
    this.#last.set(userId, note)
    this.#notes.put(note, GATHER_MS)
  }

  /** Writes what is left; resolves when it is stored. */
  stop(): Promise<void> {
    return this.#notes.idle()
  }
}

/** What a transition is called; undefined for those that tell a person nothing. */
function noteOf({ before, state, input }: Transition): Noted | undefined {
  switch (input.type) {
    case 'opened':
      return { kind: 'connected', params: {} }
    case 'qr':
      return { kind: 'scan', params: {} }
    case 'paired':
      return { kind: 'paired', params: {} }
    case 'passkey':
      return { kind: 'passkey', params: {} }
    case 'passkeyFailed':
      return { kind: 'passkey_failed', params: {} }
    case 'pairFailed':
      return { kind: 'pair_failed', params: {} }
    case 'stop':
      return { kind: input.isLeaving ? 'left' : 'stopped', params: {} }
    case 'logout':
      return { kind: 'unlinked', params: {} }
    case 'leaseLost':
      return { kind: 'moved', params: {} }
    case 'closed':
      return {
        kind: ENDS[input.code] ?? ending(before, state),
        code: input.code,
        params: closeParams(state, input),
      }
    default:
      return undefined
  }
}

/** By the code of the end of a connection, as the state machine understands it. */
const ENDS: Record<number, string> = {
  401: 'logged_out',
  402: 'banned',
  403: 'logged_out',
  405: 'outdated',
  406: 'logged_out',
  440: 'replaced',
}

function ending(before: State, state: State): string {
  if (state.name === 'blocked') return 'refused'
  if (state.name === 'idle') return 'unscanned'
  return before.name === 'open' ? 'disconnected' : 'failed'
}

function closeParams(state: State, { error }: Extract<Input, { type: 'closed' }>): SessionNote['params'] {
  return {
    ...(error && { text: error.slice(0, MOST_TEXT) }),
    ...(state.name === 'blocked' && state.until !== undefined && { until: state.until }),
    ...(state.name === 'retrying' && { retryAt: state.at }),
  }
}
