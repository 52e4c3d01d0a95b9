import { type Config, loadConfig } from '../../src/config/config.ts'
import { type Outbox, type OutboxOptions, startOutbox } from '../../src/delivery/outbox.ts'
import { DialectReceivers, type Receiver } from '../../src/delivery/receivers.ts'
import type { DeliveryEncoder, ErrorReportEncoder, EventRenderers } from '../../src/delivery/renderer.ts'
import { EventBus } from '../../src/events/bus.ts'
import type { Event, EventType } from '../../src/events/event.ts'
import { createLogger } from '../../src/lib/process/logger.ts'
import { openSecrets, type Secrets } from '../../src/lib/secrets/secrets.ts'
import { insertUser, type User } from '../../src/store/users/users.ts'
import { type DatabaseKind, type TemporaryDatabase, temporaryDatabase } from './database.ts'
import { sampleUser } from './users.ts'

/** Names under which the plain dialect of these tests knows events. */
const names: { [Type in EventType]?: string } = {
  presence: 'Presence',
  'session.open': 'Connected',
  'session.closed': 'Disconnected',
}

const renderers: EventRenderers = {
  presence: ({ chat, lastSeen }) => ({
    name: 'Presence',
    payload: { type: 'Presence', chat, number: lastSeen },
  }),
  'session.open': () => ({ name: 'Connected', payload: { type: 'Connected' } }),
  'session.closed': () => {
    throw new Error('this event cannot be rendered')
  },
}

const encode: DeliveryEncoder = (rendered, { user, hmacKey }) => ({
  body: JSON.stringify({ ...rendered.payload, userID: user.id }),
  headers: { 'content-type': 'application/json', ...(hmacKey ? { 'x-key': hmacKey } : {}) },
})

const encodeErrorReport: ErrorReportEncoder = (encoded, failed) =>
  JSON.stringify({ ...failed, payload: encoded.body })

/** An event of `chat` that carries a number by which a test recognises it. */
export function numbered(chat: string, number: number): Event {
  return { type: 'presence', chat, from: chat, unavailable: false, lastSeen: number }
}

export interface OutboxBench {
  database: TemporaryDatabase
  secrets: Secrets
  config: Config
  bus: EventBus
  addUser(overrides?: Partial<User>): Promise<User>
  /** Starts an outbox that looks every 20 ms and is stopped with the bench. */
  start(options?: Partial<Omit<OutboxOptions, 'config'>>): Outbox
  close(): Promise<void>
}

/** A database with a bus and a plain dialect in front of it, and these receivers of others. */
export async function outboxBench(
  kind: DatabaseKind,
  env: Record<string, string> = {},
  receivers: Receiver[] = [],
): Promise<OutboxBench> {
  const database = await temporaryDatabase(kind)
  const config: Config = loadConfig({ DATA_DIR: database.config.dataDir, ...env })
  const secrets = await openSecrets({ dataDir: database.config.dataDir, encryptionKey: 'test' })
  const log = createLogger('silent')
  const { db } = database
  const dialects = new DialectReceivers(receivers, config)
  const bus = new EventBus({
    db,
    secrets,
    log,
    nameOf: (event) => names[event.type],
    hasGlobalWebhook: config.globalWebhook !== undefined,
    hasQueue: config.rabbitmqUrl !== undefined,
    dialects,
  })
  const running: Outbox[] = []
  return {
    database,
    secrets,
    config,
    bus,
    addUser: async (overrides) => {
      const user = sampleUser(overrides)
      await insertUser(db, secrets, user)
      return user
    },
    start: (options) => {
      const outbox = startOutbox({
        db,
        secrets,
        log,
        bus,
        config,
        dialectOf: () => ({ renderers, encode, encodeErrorReport }),
        dialects,
        pollMs: 20,
        pausesMs: [30, 30, 30, 30, 30, 30],
        ...options,
      })
      running.push(outbox)
      return outbox
    },
    close: async () => {
      for (const outbox of running) await outbox.stop()
      await database.close()
    },
  }
}
