import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client'
import type { RecordedEvent } from '../events/bus.ts'
import { withTimeout } from '../lib/flow/with-timeout.ts'
import type { Instrumentation } from '../lib/instrumentation.ts'
import { version } from '../lib/process/version.ts'
import type { Database } from '../store/database/database.ts'
import { countWaiting } from '../store/delivery/backlog.ts'
import type { SessionStatus } from '../whatsapp/session/status.ts'

/** What is looked at when somebody asks for the metrics. */
export interface Sources {
  db: Database
  /** How the sessions of this process stand. */
  sessions: () => Iterable<SessionStatus>
  /** Messages that wait to be sent or acknowledged. */
  sendsWaiting: () => number
}

/** The numbers of this process, in the text format of Prometheus. */
export interface Metrics extends Instrumentation {
  /** Takes note of events as they are recorded. */
  heard(events: RecordedEvent[]): void
  /** Says where the gauges are read; before that they are not shown. */
  watch(sources: Sources): void
  text(): Promise<string>
}

const STATES: SessionStatus['state'][] = [
  'idle',
  'queued',
  'connecting',
  'pairing',
  'open',
  'retrying',
  'loggedOut',
  'blocked',
]

/** The kinds of receipts that are counted apart; whatever else WhatsApp may say is `other`. */
const RECEIPT_KINDS = ['read', 'read-self', 'played', 'played-self', 'retry', 'sender', 'inactive']

const SECONDS = [0.005, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30]
const LAG_SECONDS = [0.01, 0.05, 0.1, 0.5, 1, 5, 15, 60, 300, 1_800, 7_200, 43_200]
const COMMIT_SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.5, 1, 5]

/** Prometheus gives up after ten seconds. */
const PATIENCE_MS = 5_000

/** The numbers of the process itself: memory, CPU, event loop. One process has them once, however many servers it runs. */
const ofProcess = new Registry()
let isProcessWatched = false

/** Makes the metrics of one server. */
export function createMetrics(): Metrics {
  if (!isProcessWatched) collectDefaultMetrics({ register: ofProcess })
  isProcessWatched = true
  const registry = new Registry()
  const registers = [registry]
  let refresh = async () => {}

  new Gauge({
    name: 'parley_build_info',
    help: 'Always 1; the version is a label',
    labelNames: ['version'],
    registers,
  }).set({ version }, 1)
  const requests = new Counter({
    name: 'parley_http_requests_total',
    help: 'Requests to operations, by dialect, operation and HTTP status; forwarded ones by the node that answered too',
    labelNames: ['dialect', 'operation', 'status'],
    registers,
  })
  const requestSeconds = new Histogram({
    name: 'parley_http_request_seconds',
    help: 'Time from the headers of a request to the end of its answer',
    labelNames: ['dialect', 'operation'],
    buckets: SECONDS,
    registers,
  })
  const sends = new Counter({
    name: 'parley_sends_total',
    help: 'Messages whose sending came to an end: ok (acknowledged by WhatsApp) or the code of the error',
    labelNames: ['result'],
    registers,
  })
  const events = new Counter({
    name: 'parley_events_total',
    help: 'Events recorded, by type',
    labelNames: ['type'],
    registers,
  })
  const receipts = new Counter({
    name: 'parley_receipts_total',
    help: 'Receipts that came in, by kind',
    labelNames: ['kind'],
    registers,
  })
  const attempts = new Counter({
    name: 'parley_delivery_attempts_total',
    help: 'Attempts at deliveries: delivered, failed (repeated later), given_up, dropped (nobody wants it any more)',
    labelNames: ['outcome'],
    registers,
  })
  const lag = new Histogram({
    name: 'parley_delivery_lag_seconds',
    help: 'Time from the storing of an event to its delivery',
    buckets: LAG_SECONDS,
    registers,
  })
  const commits = new Histogram({
    name: 'parley_key_commit_seconds',
    help: 'Time a commit of session keys took; its count is the number of commits',
    buckets: COMMIT_SECONDS,
    registers,
  })
  const keyRows = new Counter({
    name: 'parley_key_rows_total',
    help: 'Rows written in commits of session keys: keys, received and sent messages',
    registers,
  })

  return {
    requested({ dialect, operation, status, seconds }) {
      requests.inc({ dialect, operation, status })
      requestSeconds.observe({ dialect, operation }, seconds)
    },
    sent: (result) => sends.inc({ result }),
    attempted({ outcome, lagMs }) {
      attempts.inc({ outcome })
      if (outcome === 'delivered') lag.observe(Math.max(0, lagMs) / 1000)
    },
    committed({ rows, seconds }) {
      commits.observe(seconds)
      keyRows.inc(rows)
    },
    heard(recorded) {
      for (const { event } of recorded) {
        events.inc({ type: event.type })
        if (event.type === 'receipt') receipts.inc({ kind: receiptKind(event.kind) })
      }
    },
    watch(sources) {
      addGauges(registry, sources)
      refresh = depths(registry, sources.db)
    },
    async text() {
      await refresh()
      return Registry.merge([registry, ofProcess]).metrics()
    },
  }
}

/** What this process knows by itself. */
function addGauges(registry: Registry, { sessions, sendsWaiting }: Sources): void {
  const registers = [registry]
  new Gauge({
    name: 'parley_sessions',
    help: 'Sessions this process runs, by state',
    labelNames: ['state'],
    registers,
    collect() {
      const counts = new Map(STATES.map((state) => [state, 0]))
      for (const { state } of sessions()) counts.set(state, (counts.get(state) ?? 0) + 1)
      for (const [state, count] of counts) this.set({ state }, count)
    },
  })
  new Gauge({
    name: 'parley_sends_waiting',
    help: 'Messages of this process that wait to be sent or acknowledged',
    registers,
    collect() {
      this.set(sendsWaiting())
    },
  })
}

/** What waits in the database; the function it yields looks there anew. */
function depths(registry: Registry, db: Database): () => Promise<void> {
  const gauge = (name: string, help: string) => new Gauge({ name, help, registers: [registry] })
  const up = gauge('parley_database_up', '1 when the database answered; else the depths are missing')
  // They count for all nodes: a dashboard takes the largest, not the sum.
  const lanes = gauge('parley_lanes_due', 'Chats of targets with a due delivery, in the whole database')
  const deliveries = gauge('parley_deliveries_waiting', 'Unfinished deliveries, in the whole database')
  const dead = gauge('parley_deliveries_dead', 'Deliveries that were given up, in the whole database')
  const inbox = gauge('parley_inbox_waiting', 'Received messages not yet made events, in the whole database')

  return async function refresh() {
    const waiting = await withTimeout(countWaiting(db, Date.now()), PATIENCE_MS).catch(() => undefined)
    up.set(waiting ? 1 : 0)
    if (!waiting) {
      for (const depth of [lanes, deliveries, dead, inbox]) depth.remove()
      return
    }
    lanes.set(waiting.lanesDue)
    deliveries.set(waiting.deliveries)
    dead.set(waiting.deadDeliveries)
    inbox.set(waiting.inboxRows)
  }
}

function receiptKind(kind: string): string {
  if (kind === '') return 'delivered'
  return RECEIPT_KINDS.includes(kind) ? kind : 'other'
}
