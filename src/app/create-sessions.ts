import type { CallEngine } from '../calls/engine.ts'
import type { Ownership } from '../cluster/ownership.ts'
import type { Config } from '../config/config.ts'
import type { EventBus } from '../events/bus.ts'
import type { ChatChanges } from '../events/chat-changes.ts'
import { createLimiter, staggered } from '../lib/flow/limiter.ts'
import type { Instrumentation } from '../lib/instrumentation.ts'
import type { Logger } from '../lib/process/logger.ts'
import type { Secrets } from '../lib/secrets/secrets.ts'
import { qrImage } from '../lib/text/qr-image.ts'
import { type Ffmpeg, warnWithoutFfmpeg } from '../media/convert/ffmpeg.ts'
import type { Activity } from '../metrics/activity.ts'
import { newPageKey } from '../operations/sessions/passkeys.ts'
import type { GroupCommit } from '../store/commit/group-commit.ts'
import { listContacts } from '../store/contacts.ts'
import type { Database } from '../store/database/database.ts'
import { eraseKeys } from '../store/keys/auth.ts'
import { noteSession, requestEnd, statesElsewhere } from '../store/nodes/leases.ts'
import { evenRemovedUser, notedUnlinked, noteUnlinked } from '../store/users/removals.ts'
import { userCache } from '../store/users/user-cache.ts'
import { getUser, listUsers, type User } from '../store/users/users.ts'
import { ChatReads } from '../whatsapp/inbound/chat-reads.ts'
import { ContactNames } from '../whatsapp/inbound/contact-names.ts'
import { type Receiving, startReceiving } from '../whatsapp/inbound/receiving.ts'
import { openAuthState } from '../whatsapp/keys/auth-state.ts'
import { KeyCache } from '../whatsapp/keys/key-cache.ts'
import { SharedCaches } from '../whatsapp/library/caches.ts'
import type { WhatsAppNetwork } from '../whatsapp/library/network.ts'
import { throughProxy } from '../whatsapp/library/proxy.ts'
import { WebVersion } from '../whatsapp/library/version.ts'
import { Audiences } from '../whatsapp/outbound/audiences.ts'
import { type MediaTools, openMediaTools } from '../whatsapp/outbound/media-tools.ts'
import { Semaphore } from '../whatsapp/outbound/send-queue.ts'
import { tellSent } from '../whatsapp/outbound/sent-event.ts'
import { SentMessages } from '../whatsapp/outbound/sent-messages.ts'
import { LINKING_RULES, type LinkingRules } from '../whatsapp/session/linking/rules.ts'
import { SessionManager } from '../whatsapp/session/manager.ts'
import { storedDevice, storedIdentity } from '../whatsapp/session/own-identity.ts'
import { Timeline } from '../whatsapp/session/timeline.ts'
import { withoutDevice } from '../whatsapp/wire/jid.ts'

/** So much later than their places come free sessions connect, at the most. */
const CONNECT_SPREAD_MS = 100
/** Messages that may wait to be sent at once; each waits in memory, with a request of its own. */
const MAX_WAITING_PER_SESSION = 500
const MAX_WAITING = 5_000

export interface SessionParts {
  config: Config
  db: Database
  secrets: Secrets
  log: Logger
  bus: EventBus
  /** Hears of changes of chats that are no events. */
  changes: ChatChanges
  commits: GroupCommit
  network: WhatsAppNetwork
  ownership: Ownership
  /** Whether somebody wants to be told of what a user sends through this server. */
  hearsSent: (userId: string) => Promise<boolean>
  observer: Pick<Instrumentation, 'committed' | 'sent'>
  /** Hears what became of messages that users send. */
  activity: Pick<Activity, 'sent'>
  ffmpeg: Ffmpeg
  /** The media of voice calls, where they are switched on. */
  calls?: CallEngine
  /** How long the steps of a linking with a passkey may take, where that differs from WhatsApp Web's own client. */
  linking?: Partial<LinkingRules>
}

export interface ComposedSessions {
  manager: SessionManager
  media: MediaTools
  webVersion: WebVersion
  /** Messages that wait to be sent or acknowledged. */
  sendsWaiting: () => number
  /** Hands every session over to other nodes, or closes them where there are none. */
  drain(): Promise<void>
  /** Stops every session and writes what is left to write. */
  stop(): Promise<void>
}

/** Wires the sessions of this process to the database, the network and the event bus. */
export function composeSessions({
  config,
  db,
  secrets,
  log,
  bus,
  changes,
  commits,
  network,
  ownership,
  hearsSent,
  observer,
  activity,
  ffmpeg,
  calls,
  linking,
}: SessionParts): ComposedSessions {
  const places = new Semaphore(MAX_WAITING)
  const cache = new KeyCache()
  const audiences = new Audiences(db)
  const sent = new SentMessages({ db, writer: commits, audiences, changes, log, onEnded: activity.sent })
  const timeline = new Timeline({ db, log, node: ownership.isShared ? ownership.nodeId : '' })
  const reads = new ChatReads({ db, changes, log })
  const names = new ContactNames(db, log, (trx, batches) => bus.recordTogether(trx, batches))
  const stopHearing = bus.listen((userId, recorded) => names.hear(userId, recorded))
  const version = new WebVersion(network, log)
  const networkOf = (user: User) => throughProxy(network, user.proxyUrl, config.webhookAllowedNetworks)
  const media = openMediaTools(config, { ffmpeg, networkOf })
  // Nothing waits for it, and it cannot fail.
  void warnWithoutFfmpeg(ffmpeg, log)

  const receiving: Receiving = startReceiving({
    db,
    secrets,
    log,
    sent,
    reads,
    changes,
    record: (userId, events, options) => bus.record(userId, events, options),
    recordWith: (batch, commit) => bus.recordWith(batch, commit),
    recordTogether: (trx, batches) => bus.recordTogether(trx, batches),
    ownership,
    identity: async (userId, queryable) => {
      const me = manager.find(userId)?.me
      return me?.pn ? me : storedIdentity(queryable, secrets, userId)
    },
    socketOf: (userId) => {
      const session = manager.find(userId)
      return session?.status.loggedIn ? session.socket() : undefined
    },
    fetchOptions: async (userId) => {
      const user = await getUser(db, secrets, userId)
      return (user && (await networkOf(user)).socketOptions.options) ?? {}
    },
  })

  const manager = new SessionManager(
    {
      log,
      db,
      timeline,
      networkOf,
      media,
      ...(calls && {
        calls: {
          engine: calls,
          codec: config.callsCodec,
          relayNetworks: network.simulated ? 'any' : 'public',
        },
      }),
      linking: { ...LINKING_RULES, confirm: config.passkeyConfirm, ...linking },
      newPage: (userId) => newPageKey(secrets, userId),
      caches: new SharedCaches(),
      slots: staggered(createLimiter(config.connectSlots), CONNECT_SPREAD_MS),
      openAuth: (userId, hooks) =>
        openAuthState(
          {
            db,
            secrets,
            writer: commits,
            cache,
            log,
            receive: receiving.receive,
            onUndecryptable: receiving.undecryptable,
            leaseOf: ownership.leaseOf,
          },
          userId,
          hooks,
        ),
      record: receiving.record,
      linked: async (userId, device) => {
        const notes = { jid: withoutDevice(device), last_jid: device, last_active_at: Date.now() }
        await noteSession(db, { userId, lease: ownership.leaseOf(userId) }, notes)
      },
      socketOpened: (userId, socket) => {
        names.watch(userId, socket)
        receiving.watch(userId, socket)
        // What the former owner received and did not get round to.
        if (ownership.isShared) receiving.nudge(userId)
      },
      contacts: (userId) => listContacts(db, userId),
      sent,
      reads,
      audiences,
      pace: {
        ...sendRate(config),
        perSession: MAX_WAITING_PER_SESSION,
        total: places,
        observer,
      },
      tellSent: (session, message, acknowledged) =>
        tellSent({ session, bus, hearsSent }, message, acknowledged),
      qrImage,
      socketOptions: (user) => ({
        deviceName: user.deviceName || config.deviceName,
        announceOnline: config.autoPresence === 'available',
        version: version.current,
      }),
      refreshVersion: () => version.refresh(),
    },
    {
      ownership,
      rows: {
        wanted: async () => (await listUsers(db, secrets)).filter((user) => user.wanted),
        user: (userId) => {
          // Leases are taken on other connections: what is remembered here may be older.
          userCache(db).forget(userId)
          return getUser(db, secrets, userId)
        },
        setWanted: (userId, wanted, lease) => noteSession(db, { userId, lease }, { wanted }),
        requestEnd: (userId, options) => requestEnd(db, userId, options),
        statesElsewhere: (userId) => statesElsewhere(db, { node: ownership.nodeId, userId }),
        eraseKeys: (userId, lease) => eraseKeys(db, userId, lease),
        linkedUser: async (userId) =>
          (await storedDevice(db, secrets, userId)) && evenRemovedUser(db, secrets, userId),
        noteUnlinked: (userId, noted) => noteUnlinked(db, userId, noted),
        notedUnlinked: (userId) => notedUnlinked(db, userId),
      },
    },
  )

  return {
    manager,
    media,
    webVersion: version,
    sendsWaiting: () => places.taken,
    drain: () => manager.drain(),
    async stop() {
      await manager.drain()
      await receiving.stop()
      stopHearing()
      await names.settled()
      await commits.idle()
      await sent.flush()
      await timeline.stop()
      await reads.flush()
      await ownership.stop()
      media.close()
    },
  }
}

/** How fast an account may send: as many per second, or as many per minute with a burst, where that is switched on. */
function sendRate({ sendRatePerSecond, sendLimited, sendPerMinute, sendBurst }: Config) {
  if (sendRatePerSecond > 0 || !sendLimited) return { perSecond: sendRatePerSecond }
  return { perSecond: sendPerMinute / 60, burst: sendBurst }
}
