import { type Config, loadConfig } from '../../src/config/config.ts'
import { type Outbox, type OutboxOptions, startOutbox } from '../../src/delivery/outbox.ts'
import type {
  DeliveryEncoder,
  ErrorReportEncoder,
  EventRenderers,
  MediaReference,
} from '../../src/delivery/renderer.ts'
import { type WebhookProfile, WebhookProfiles } from '../../src/delivery/webhook-profiles.ts'
import { EventBus } from '../../src/events/bus.ts'
import type { Event, EventType } from '../../src/events/event.ts'
import { createLogger } from '../../src/lib/process/logger.ts'
import { openSecrets, type Secrets } from '../../src/lib/secrets/secrets.ts'
import { GroupCommit } from '../../src/store/commit/group-commit.ts'
import type { User } from '../../src/store/users/users.ts'
import { type DatabaseKind, type TemporaryDatabase, temporaryDatabase } from './database.ts'
import { changeOwnWebhook, storeUser, type UserWish } from './users.ts'

/** Names under which the plain dialect of these tests knows events. */
const names: { [Type in EventType]?: string } = {
  presence: 'Presence',
  'session.open': 'Connected',
  'session.closed': 'Disconnected',
}

const renderers: Partial<EventRenderers> = {
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

function isSubscribed(event: Event, { events }: { events: string }): boolean {
  const name = names[event.type]
  return name !== undefined && events.split(',').some((one) => one.trim() === name || one === 'All')
}

/** A plain dialect with a webhook for each user, one for all, and the message queue. */
export const plainProfile: WebhookProfile = {
  slot: 'user',
  // All other events are unknown to it.
  renderers: renderers as EventRenderers,
  encode,
  isOn: ({ webhook }) => webhook.url !== '',
  wants: (event, { webhook, own }) => isSubscribed(event, webhook.slot === 'user' ? webhook : own),
  urlOf: (_rendered, { webhook }) => webhook.url || undefined,
  shared: {
    name: 'global',
    of: ({ globalWebhook, globalHmacKey = '' }) =>
      globalWebhook ? { url: globalWebhook, hmacKey: globalHmacKey } : undefined,
  },
  queue: {
    wants: (event, { own }) => event.type === 'message.sent' || isSubscribed(event, own),
    encodeErrorReport,
  },
}

/** Whether an event carries a file. */
type WantsMedia = (event: Event) => boolean

function withFiles(wantsMedia: WantsMedia): WebhookProfile {
  const reference: MediaReference = { kind: 'image', media: {} }
  const files = {
    wanted: (event: Event) => (wantsMedia(event) ? reference : undefined),
    toStore: () => undefined,
  }
  return { ...plainProfile, files }
}

/** An event of `chat` that carries a number by which a test recognises it. */
export function numbered(chat: string, number: number): Event {
  return { type: 'presence', chat, from: chat, unavailable: false, lastSeen: number }
}

export interface OutboxBench {
  database: TemporaryDatabase
  secrets: Secrets
  config: Config
  bus: EventBus
  commits: GroupCommit
  addUser(wish?: UserWish): Promise<User>
  /** Records as another process does: an outbox of this one has to find it. */
  recordElsewhere(userId: string, events: Event[], ids?: string[]): Promise<void>
  /** Changes where the events of a user go; '' for nowhere. */
  setWebhook(userId: string, url: string): Promise<void>
  /** Starts an outbox that looks every 20 ms and is stopped with the bench. */
  start(options?: Partial<Omit<OutboxOptions, 'config'>> & { wantsMedia?: WantsMedia }): Outbox
  close(): Promise<void>
}

/** A database with a bus and the webhooks of these dialects in front of it. */
export async function outboxBench(
  kind: DatabaseKind,
  env: Record<string, string> = {},
  profiles: WebhookProfile[] = [plainProfile],
): Promise<OutboxBench> {
  const database = await temporaryDatabase(kind)
  const config: Config = loadConfig({ DATA_DIR: database.config.dataDir, ...env })
  const secrets = await openSecrets({ dataDir: database.config.dataDir, encryptionKey: 'test' })
  const log = createLogger('silent')
  const { db } = database
  const webhooks = new WebhookProfiles(profiles, config)
  const commits = new GroupCommit(db, secrets)
  const bus = new EventBus({ db, commits, secrets, log, router: webhooks.router(secrets) })
  const elsewhere = new EventBus({ db, commits, secrets, log, router: webhooks.router(secrets) })
  const running: Outbox[] = []
  return {
    database,
    secrets,
    config,
    bus,
    commits,
    addUser: (wish) => storeUser(db, secrets, wish),
    recordElsewhere: (userId, events, ids) => elsewhere.record(userId, events, { ids }),
    setWebhook: (userId, url) => changeOwnWebhook(db, secrets, { userId, patch: { url } }),
    start: ({ wantsMedia, ...options } = {}) => {
      const outbox = startOutbox({
        db,
        secrets,
        log,
        bus,
        commits,
        nodeId: 'node',
        config,
        profiles: wantsMedia ? new WebhookProfiles([withFiles(wantsMedia)], config) : webhooks,
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
