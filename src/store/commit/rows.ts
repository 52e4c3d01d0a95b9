import type { Secrets } from '../../lib/secrets/secrets.ts'
import { storable } from '../database/storable.ts'
import { lanesOf } from '../delivery/deliveries.ts'
import { eventRow } from '../delivery/events.ts'
import { latestValues } from '../keys/auth.ts'
import { inboxRow } from '../messages/inbox.ts'
import { messageRows } from '../messages/messages.ts'
import type { Change, OutboxLease, Outcomes, RecordedDelivery } from './change.ts'

type Cell = string | number | boolean | null | undefined

/** One row: its columns in the order of `COLUMNS`. */
export type Row = Cell[]

type ColumnType = 'text' | 'bigint' | 'integer' | 'boolean'

/** What a commit writes, and the columns of each. */
export const COLUMNS = {
  keys: { user_id: 'text', kind: 'text', id: 'text', sealed_value: 'text' },
  deleted_keys: { user_id: 'text', kind: 'text', id: 'text' },
  inbox: {
    user_id: 'text',
    digest: 'text',
    attrs: 'text',
    meta: 'text',
    enc_index: 'integer',
    enc_attrs: 'text',
    sealed_plaintext: 'text',
    received_at: 'bigint',
    dispatched_at: 'bigint',
  },
  sent: messageColumns(),
  received: messageColumns(),
  events: { id: 'text', user_id: 'text', type: 'text', chat: 'text', at: 'bigint', payload: 'text' },
  deliveries: {
    id: 'text',
    event_id: 'text',
    user_id: 'text',
    target: 'text',
    part: 'text',
    lane: 'text',
    state: 'text',
    attempt: 'integer',
    last_status: 'integer',
    duration_ms: 'integer',
    created_at: 'bigint',
    finished_at: 'bigint',
  },
  lanes: {
    lane: 'text',
    user_id: 'text',
    destination: 'text',
    due_at: 'bigint',
    set_at: 'bigint',
    lease: 'text',
  },
} as const satisfies Record<string, Record<string, ColumnType>>

function messageColumns() {
  return {
    user_id: 'text',
    id: 'text',
    chat: 'text',
    from_me: 'boolean',
    sender: 'text',
    at: 'bigint',
    proto: 'text',
    status: 'text',
    audience: 'text',
  } as const
}

/** Names of what a commit writes. */
export type Part = keyof typeof COLUMNS

/** The rows of a commit. */
export type Rows = Record<Part, Row[]>

/** A delivery of a commit, with the outbox that may hold its lane. */
export type Delivered = RecordedDelivery & { outbox?: OutboxLease }

/** The deliveries of changes as they stand now, which is how they are written: to be asked for once. */
export function deliveriesOf(changes: Change[]): Delivered[] {
  return changes.flatMap(({ news }) =>
    news ? news.deliveries().map((delivery) => ({ ...delivery, outbox: news.outbox })) : [],
  )
}

/** The lease of the outbox that wants lanes; a process has one. */
export function outboxLease(deliveries: Delivered[]): string | null {
  return deliveries.find(({ outbox }) => outbox)?.outbox?.lease ?? null
}

/** The leases that changes have to prove: user, owner, epoch. */
export function leaseRows(changes: Change[]): Row[] {
  return changes.flatMap(({ lease }) => (lease ? [[lease.userId, lease.owner, lease.epoch]] : []))
}

/** How a receiver accepted a delivery, as `markAccepted` reads it. */
export function acceptedRow({ id, earlier, status, durationMs, at }: Outcomes['accepted'][number]): Row {
  return [id, earlier, status, durationMs, at]
}

/** The rows that changes ask for; secrets are encrypted. Of several values for one key the last counts. */
export function rowsOf(secrets: Secrets, changes: Change[], deliveries: Delivered[]): Rows {
  const values = [...latestValues(changes.flatMap(({ values = [] }) => values))]
  const records = {
    keys: values.flatMap(({ userId, kind, id, text }) =>
      text === null ? [] : { user_id: userId, kind, id, sealed_value: secrets.encrypt(text) },
    ),
    deleted_keys: values.flatMap(({ userId, kind, id, text }) =>
      text === null ? { user_id: userId, kind, id } : [],
    ),
    inbox: changes.flatMap(({ inbox = [] }) => inbox.map((draft) => inboxRow(secrets, draft))),
    sent: messageRows(changes.flatMap(({ sent = [] }) => sent)),
    received: messageRows(changes.flatMap(({ received = [] }) => received)),
    events: changes.flatMap(({ news }) => (news ? news.events.map(eventRow) : [])),
    deliveries: deliveries.map(deliveryRow),
    lanes: lanesOf(deliveries.filter(({ accepted }) => !accepted)).map(laneRow),
  } satisfies { [P in Part]: Record<keyof (typeof COLUMNS)[P], Cell>[] }
  return {
    keys: cells('keys', records.keys),
    deleted_keys: cells('deleted_keys', records.deleted_keys),
    inbox: cells('inbox', records.inbox),
    sent: cells('sent', records.sent),
    received: cells('received', records.received),
    events: cells('events', records.events),
    deliveries: cells('deliveries', records.deliveries),
    lanes: cells('lanes', records.lanes),
  }
}

/** Records as rows. */
function cells<P extends Part>(part: P, records: Record<keyof (typeof COLUMNS)[P], Cell>[]): Row[] {
  // The names of an object literal are its keys.
  const names = Object.keys(COLUMNS[part]) as (keyof (typeof COLUMNS)[P])[]
  return records.map((record) => names.map((name) => record[name]))
}

/** The texts of the rows for the database: `[[…], …]`, null where there are none. */
export function jsonOf(rows: (Row | string)[]): string | null {
  if (rows.length === 0) return null
  const text = JSON.stringify(rows)
  // The one door for texts: whatever no database can store is written as an escape here.
  if (!UNSTORABLE.test(text)) return text
  return JSON.stringify(rows, (_key, value: unknown) => (typeof value === 'string' ? storable(value) : value))
}

const UNSTORABLE = /\\u(?:0000|d[89a-f])/

function deliveryRow(delivery: Delivered): Record<keyof (typeof COLUMNS)['deliveries'], Cell> {
  const { accepted } = delivery
  return {
    id: delivery.id,
    event_id: delivery.eventId,
    user_id: delivery.userId,
    target: delivery.target,
    part: delivery.part ?? '',
    lane: delivery.lane,
    state: accepted ? 'delivered' : 'pending',
    attempt: accepted ? 1 : 0,
    last_status: accepted?.status ?? null,
    duration_ms: accepted?.durationMs ?? null,
    created_at: delivery.createdAt,
    finished_at: accepted?.at ?? null,
  }
}

/** The lane of what waits: held by the outbox where it asks for that, and else due. */
function laneRow(delivery: Delivered): Record<keyof (typeof COLUMNS)['lanes'], Cell> {
  const { lane, userId, destination, createdAt } = delivery
  const holder = delivery.isHeld ? delivery.outbox : undefined
  return {
    lane,
    user_id: userId,
    destination,
    due_at: holder?.until ?? createdAt,
    set_at: createdAt,
    lease: holder?.lease ?? null,
  }
}
