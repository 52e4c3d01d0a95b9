import type { NewDelivery } from '../delivery/deliveries.ts'
import type { StoredEvent } from '../delivery/events.ts'
import type { KeyValue } from '../keys/auth.ts'
import type { InboxDraft } from '../messages/inbox.ts'
import type { StoredMessage } from '../messages/messages.ts'
import type { Lease } from '../nodes/leases.ts'

/** What one session or outbox wants written at once: all of it or nothing. */
export interface Change {
  values?: KeyValue[]
  inbox?: ReceivedDraft[]
  /** Sent messages: those that were put in before a ratchet are on disk before it is. */
  sent?: StoredMessage[]
  /** Received messages; one whose id is taken changes nothing. */
  received?: StoredMessage[]
  news?: News
  outcomes?: Outcomes
  /** Nothing but sent messages is written unless this is good in the same commit; the write then fails with `lease_lost`. */
  lease?: Lease
}

/** A decrypted part of a message; with an instant (unix milliseconds) when it becomes events in the same commit. */
export interface ReceivedDraft extends InboxDraft {
  dispatchedAt?: number
}

/** Events with their deliveries. Those of a user that is gone, and those whose id is there already, are passed over. */
export interface News {
  events: StoredEvent[]
  /** The deliveries as they stand at the moment of writing. */
  deliveries: () => RecordedDelivery[]
  /** The lease of the outbox that the lanes of these deliveries are opened under; see `RecordedDelivery.isHeld`. */
  outbox?: OutboxLease
  /** Some of the deliveries are being made already; resolves when all of these have been answered. */
  underWay?: Promise<unknown>
}

/** Under what an outbox holds lanes. */
export interface OutboxLease {
  lease: string
  /** Until when, unix milliseconds. */
  until: number
}

/** A delivery as it is stored first. */
export interface RecordedDelivery extends NewDelivery {
  /** Unix milliseconds. */
  createdAt: number
  /** The outbox of this process works on its lane, if nobody else has it: it is not due to others. */
  isHeld?: boolean
  /** It was accepted before it was written. */
  accepted?: Accepted
}

/** How a receiver accepted a delivery. */
export interface Accepted {
  /** HTTP status; absent where there is none. */
  status?: number
  /** How long the request took, absent where there was none. */
  durationMs?: number
  /** Unix milliseconds. */
  at: number
}

/** What came of deliveries that were written as waiting. SQLite only; see `settle` for PostgreSQL. */
export interface Outcomes {
  lease: string
  accepted: (Accepted & { id: string; earlier: number })[]
  /** Lanes with nothing left to do, asked at the moment of writing. One that is not empty becomes due. */
  closing: () => string[]
}

/** What a commit says of all changes it wrote. */
export interface Committed {
  /** Users whose lease was good. */
  held: ReadonlySet<string>
  /** Ids of events that were there already. */
  known: ReadonlySet<string>
  /** Lanes that the outbox did not get, because they were there. */
  taken: ReadonlySet<string>
}

/** What is said of nothing. */
export const NOTHING_COMMITTED: Committed = { held: new Set(), known: new Set(), taken: new Set() }
