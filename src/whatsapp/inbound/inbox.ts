import { hash } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import type { RecordedBatch } from '../../events/bus.ts'
import type { Event } from '../../events/event.ts'
import { holdsOnly, KEY_EXCHANGE } from '../../events/unwrap.ts'
import { backoffMs } from '../../lib/flow/backoff.ts'
import { cautiousNow } from '../../lib/flow/cautious-now.ts'
import { writeApart } from '../../lib/flow/write-apart.ts'
import type { Logger } from '../../lib/process/logger.ts'
import type { Secrets } from '../../lib/secrets/secrets.ts'
import {
  type Database,
  isDatabaseFault,
  judgeWrite,
  lockPresent,
  type Transaction,
} from '../../store/database/database.ts'
import {
  decryptPlaintext,
  type EncryptedInboxRow,
  type InboxDraft,
  type InboxRow,
  type InboxScope,
  markDispatched,
  markFailed,
  pendingInbox,
  pruneInbox,
  retryFailed,
} from '../../store/messages/inbox.ts'

export interface InboxDeps {
  db: Database
  secrets: Secrets
  log: Logger
  /** What a decrypted message means; a throw sets the row aside until the next start, an empty list just ticks it off. */
  toEvents: (row: InboxRow) => Event[] | Promise<Event[]>
  /** Stores what belongs to messages in the given transaction; gives the events as they are to be written. */
  complete?: (trx: Transaction, converted: Converted[]) => Promise<Converted[]>
  /** Writes events and their deliveries in the given transaction; an id that exists already is left as it is. */
  record: (trx: Transaction, batches: RecordedBatch[]) => Promise<void>
  /** Whose messages are this node's business; everybody's when absent. */
  scope?: () => InboxScope
  now?: () => number
}

export interface Inbox {
  /** Says that this user has new rows. */
  nudge(userId: string): void
  /** Whether no row of this user waits to become events: what arrives now does not overtake another. */
  isClear(userId: string): boolean
  /** Resolves when every row that was there is events, or set aside. */
  drain(): Promise<void>
  /** Finishes the transaction in flight, then stops. */
  stop(): Promise<void>
}

export interface Converted {
  row: InboxRow
  events: Event[]
}

const ROWS_PER_TRANSACTION = 200
const ATTEMPTS = 3
const RETRY = { firstMs: 500, maxMs: 5_000 }
const HOUR_MS = 3600 * 1000
// A redelivery comes with the next connection; a day covers a night without one.
const KEEP_DISPATCHED_MS = 24 * HOUR_MS
const KEEP_FAILED_MS = 30 * 24 * HOUR_MS
const ROWS_PER_PRUNING = 1_000

/**
 * Turns decrypted messages into events, oldest first, in the transaction that writes the events and their deliveries.
 * After a crash it simply goes on: event ids follow from the message, so nothing is recorded twice.
 */
export function startInbox(deps: InboxDeps): Inbox {
  const stopping = new AbortController()
  const now = deps.now ?? Date.now
  const pruningNow = deps.now ?? cautiousNow()
  let wake: () => void = () => {}
  let work = true
  let idle: (() => void)[] = []
  let retried = false
  /** Users none of whose rows wait; of all others nothing is known. */
  const clear = new Set<string>()
  /** Users who were named since the last look began. */
  let named = new Set<string>()
  const loop = run()

  const pruning = setInterval(() => {
    void prune().catch((error: unknown) => deps.log.warn({ err: error }, 'could not prune the inbox'))
  }, HOUR_MS).unref()

  return {
    nudge(userId) {
      clear.delete(userId)
      named.add(userId)
      work = true
      wake()
    },
    isClear: (userId) => clear.has(userId),
    drain() {
      return new Promise((resolve) => {
        idle.push(resolve)
        work = true
        wake()
      })
    },
    async stop() {
      clearInterval(pruning)
      stopping.abort()
      wake()
      await loop
    },
  }

  async function run(): Promise<void> {
    let failures = 0
    while (!stopping.signal.aborted) {
      try {
        work = false
        // What could not be handled before may be understood by the version that starts now.
        if (!retried) await retryFailed(deps.db)
        retried = true
        const covered = named
        named = new Set()
        while (!stopping.signal.aborted && (await dispatchSome()) > 0) failures = 0
        for (const userId of covered) if (!named.has(userId)) clear.add(userId)
        if (work) continue
        for (const resolve of idle) resolve()
        idle = []
        await new Promise<void>((resolve) => {
          wake = resolve
          if (work || stopping.signal.aborted) resolve()
        })
      } catch (error) {
        failures += 1
        deps.log.error({ err: error, failures }, 'inbox could not be dispatched')
        await delay(backoffMs(failures, RETRY), undefined, { signal: stopping.signal }).catch(() => {})
      }
    }
    for (const resolve of idle) resolve()
  }

  /** Handles the oldest rows; resolves with how many are done, or set aside, for good. */
  async function dispatchSome(): Promise<number> {
    const rows = await pendingInbox(deps.db, { limit: ROWS_PER_TRANSACTION, ...deps.scope?.() })
    const converted: Converted[] = []
    for (const row of rows) {
      const one = await convert(row)
      if (one) converted.push(one)
    }
    if (converted.length > 0) await store(converted)
    return rows.length
  }

  async function convert(encrypted: EncryptedInboxRow): Promise<Converted | undefined> {
    try {
      const { sealedPlaintext, ...rest } = encrypted
      const row = { ...rest, plaintext: decryptPlaintext(deps.secrets, sealedPlaintext) }
      return { row, events: await deps.toEvents(row) }
    } catch (error) {
      if (isDatabaseFault(error)) throw error
      // Trying again would give the same result; the row waits for a better version, and the queue goes on.
      await setAside(encrypted, error)
      return undefined
    }
  }

  async function store(converted: Converted[]): Promise<void> {
    const together = {
      write: (some: Converted[]) => (some.length > 1 ? storeTogether(some) : storeAlone(some)),
      judge: judgeWrite,
    }
    for await (const part of writeApart(converted, together)) {
      if (!('error' in part)) continue
      // All of them wait for the database.
      if (isDatabaseFault(part.error)) throw part.error
      for (const { row } of part.items) await setAside(row, part.error)
    }
  }

  async function storeAlone(one: Converted[], attempt = 1): Promise<void> {
    try {
      await storeTogether(one)
    } catch (error) {
      if (isDatabaseFault(error) || attempt === ATTEMPTS) throw error
      await storeAlone(one, attempt + 1)
    }
  }

  function storeTogether(converted: Converted[]): Promise<void> {
    return deps.db.transaction(async (trx) => {
      const seqs = converted.map(({ row }) => row.seq)
      // Whoever deletes a user locks it before its rows; in another order the two would wait for each other.
      const users = converted.map(({ row }) => row.userId)
      await lockPresent(trx, { table: 'users', column: 'id' }, users)
      // First, because it locks them: a node that has just taken the session over may be at the same rows.
      const marked = await markDispatched(trx, seqs, now())
      const ours = converted.filter(({ row }) => marked.has(row.seq))
      const batches = batchesOf((await deps.complete?.(trx, ours)) ?? ours)
      if (batches.length > 0) await deps.record(trx, batches)
    })
  }

  async function setAside(row: Omit<InboxRow, 'plaintext'>, error: unknown): Promise<void> {
    deps.log.error({ err: error, session: row.userId, id: row.id }, 'message could not become events')
    const failure = error instanceof Error ? error.message : String(error)
    await markFailed(deps.db, row.seq, { failure, now: now() })
  }

  async function prune(): Promise<void> {
    const before = {
      dispatched: pruningNow() - KEEP_DISPATCHED_MS,
      failed: pruningNow() - KEEP_FAILED_MS,
      limit: ROWS_PER_PRUNING,
    }
    while (!stopping.signal.aborted && (await pruneInbox(deps.db, before)) === ROWS_PER_PRUNING);
  }
}

/** A decrypted part of a message that is not stored yet, as a row. */
export function rowOf(draft: InboxDraft): InboxRow {
  const { id = '', from = '', participant = '' } = draft.attrs
  return { ...draft, seq: 0, id, from, participant, encType: draft.encAttrs.type ?? '' }
}

/**
 * The same id for the same message, however often and in whatever ciphertext it arrives: a retry after a failed
 * decryption has other bytes, and may come in another part of the stanza. The key exchange that accompanies the first
 * message of a group sender is a part, and an event, of its own. Channel posts keep their id when they are edited, so
 * their content takes part.
 */
function eventId(row: Omit<InboxRow, 'plaintext'>, event: Event, index: number): string {
  const { recipient = '', edit = '' } = row.attrs
  const parts = [row.userId, row.from, row.participant, recipient, row.id, edit, index]
  if (isKeyExchange(event)) parts.push('keys')
  if (row.encType === 'plaintext') parts.push(row.digest)
  return hash('sha256', parts.join('\0')).slice(0, 32)
}

function isKeyExchange(event: Event): boolean {
  return event.type === 'message' && holdsOnly(event.raw, KEY_EXCHANGE)
}

/** The events of rows, by user, with the ids they always have. */
export function batchesOf(converted: Converted[]): RecordedBatch[] {
  const users = new Map<string, Required<RecordedBatch>>()
  for (const { row, events } of converted) {
    const { userId } = row
    const batch = users.get(userId) ?? { userId, events: [], ids: [] }
    batch.events.push(...events)
    batch.ids.push(...events.map((event, index) => eventId(row, event, index)))
    if (batch.events.length > 0) users.set(userId, batch)
  }
  return [...users.values()]
}
