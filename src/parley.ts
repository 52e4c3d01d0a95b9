import { composeSessions } from './compose-sessions.ts'
import type { Config } from './config.ts'
import { dialects, operators } from './dialects/index.ts'
import { wuzapi } from './dialects/wuzapi/index.ts'
import { fileToStore, wantedFile } from './dialects/wuzapi/media-extras.ts'
import { connectQueue } from './events/amqp.ts'
import { encodeDelivery } from './events/attempt.ts'
import { EventBus } from './events/bus.ts'
import { startClockWatch } from './events/clock-watch.ts'
import type { Event } from './events/event.ts'
import { startOutbox } from './events/outbox.ts'
import { DialectReceivers } from './events/receivers.ts'
import { startRetention } from './events/retention.ts'
import { listen } from './http/listen.ts'
import { placesOf } from './http/places.ts'
import { createServer, type ServerOptions } from './http/server.ts'
import { EventStreams, type StreamLimits, streamsOf } from './http/streams.ts'
import { upgradesThrough } from './http/upgrades.ts'
import { openInstallation } from './installation.ts'
import { joinCluster } from './join-cluster.ts'
import { joinNetwork, type WaitingCodes } from './join-network.ts'
import { createLogger } from './lib/logger.ts'
import { sweepLeftovers } from './lib/scratch-folder.ts'
import { startBucketRetention } from './media/bucket-retention.ts'
import { MessageFiles } from './media/message-files.ts'
import { Buckets } from './media/s3.ts'
import { createMetrics } from './metrics/metrics.ts'
import { openEventMedia } from './operations/event-media.ts'
import { alsoLinked } from './operations/history.ts'
import { startMarkingSeen } from './operations/mark-seen.ts'
import { reasonNotReady } from './operations/readiness.ts'
import { startRemovals } from './operations/removals.ts'
import { alsoStored } from './operations/s3.ts'
import type { Services } from './operations/services.ts'
import { startResealing } from './store/resealing.ts'
import { watchUsers } from './store/user-watch.ts'
import type { User } from './store/users.ts'
import { CODES_PAGE, codesElsewhere, codesToScan, ownCodes } from './waiting-codes.ts'
import { routeLibraryOutput } from './whatsapp/repairs.ts'

/** A running server. */
export interface Parley {
  /** Where it answers: `http://127.0.0.1:8080`. */
  url: string
  adminToken: string
  services: Services
  /**
   * Hands the sessions to other nodes if there are any, finishes requests, closes what is left of the sessions without
   * unlinking them, writes what is left and releases everything.
   */
  stop(options?: StopOptions): Promise<void>
}

/** What may be added to a server, or changed for a test. */
export interface ParleyOptions extends ServerOptions {
  /** How event streams are looked after. */
  streamLimits?: StreamLimits
  /** Number of this process among the workers of its machine. */
  worker?: number
}

/** How a server is stopped. */
export interface StopOptions {
  /**
   * Called when it takes no more requests and has answered all; the sessions stay until its promise is kept. Fellow
   * workers that stop at the same time wait for each other there, because they pass requests on to each other.
   */
  quiet?: () => Promise<void>
}

/** How long a node that leaves others behind waits for clients with idle connections to notice. */
const LAME_DUCK_MS = 5_000

/** Starts everything in the order it depends on each other; rejects when one part cannot start. */
export async function startParley(config: Config, options: ParleyOptions = {}): Promise<Parley> {
  const served = [...placesOf(dialects, config.dialects), operators]
  const log = createLogger(config.logLevel)
  if (!config.autoStartSessions)
    log.warn('AUTO_START_SESSIONS=false is not followed: what was connected before is connected again')
  const metrics = createMetrics()
  await sweepLeftovers()
  routeLibraryOutput((message) => log.debug(message))
  const installation = await openInstallation(config)
  const { db, secrets } = installation

  // The sessions need the network first, and nothing can be scanned before there are sessions.
  let codes: WaitingCodes = { longest: () => undefined, ofToken: async () => undefined }
  const joined = await joinNetwork(config.whatsappNetwork, {
    longest: () => codes.longest(),
    ofToken: (token) => codes.ofToken(token),
  })
  const receivers = new DialectReceivers(
    dialects.flatMap(({ receiver }) => receiver ?? []),
    config,
  )
  const bus = new EventBus({
    db,
    secrets,
    log,
    nameOf: (event) => wuzapi.eventNames[event.type],
    hasGlobalWebhook: Boolean(config.globalWebhook),
    hasQueue: Boolean(config.rabbitmqUrl),
    dialects: receivers,
  })
  const cluster = await joinCluster({ config, db, secrets, log, worker: options.worker })
  const sessions = composeSessions({
    config,
    db,
    secrets,
    log,
    bus,
    observer: metrics,
    tellsSent: Boolean(config.rabbitmqUrl) || receivers.hearSent,
    network: joined.network,
    ownership: cluster.ownership,
  })
  codes = codesToScan({ db, secrets, sessions: sessions.manager, ask: cluster.ask })
  const settings = {
    ...config,
    adminToken: installation.adminToken,
    globalHmacKey: installation.globalHmacKey,
  }
  const queue = config.rabbitmqUrl ? connectQueue({ url: config.rabbitmqUrl, log }) : undefined
  const eventMedia = openEventMedia({
    log,
    media: sessions.media,
    concurrency: config.mediaConcurrency,
    timeoutMs: config.mediaTimeoutMs,
    sessionOf: (userId) => sessions.manager.find(userId),
    wanted: wantedFile,
  })
  const buckets = new Buckets({
    networks: config.webhookAllowedNetworks,
    stallMs: config.mediaStallMs,
  })
  const files = new MessageFiles(buckets, { timeZone: config.timeZone, log })
  const encoding = {
    db,
    secrets,
    log,
    config: settings,
    mediaOf: alsoLinked(alsoStored(eventMedia.mediaOf, { files, log, toStore: fileToStore }), db),
    wantsMedia: (event: Event, user: User) =>
      event.type === 'message' && wantedFile(event, user) !== undefined,
    dialectOf: () => ({
      renderers: wuzapi.events,
      encode: wuzapi.encode,
      encodeErrorReport: wuzapi.encodeErrorReport,
    }),
    dialects: receivers,
  }
  const outbox = startOutbox({ ...encoding, bus, queue, observer: metrics })
  bus.listen((_userId, recorded) => metrics.heard(recorded))
  metrics.watch({
    db,
    sessions: () => sessions.manager.statuses().values(),
    sendsWaiting: sessions.sendsWaiting,
  })
  const stopRetention = startRetention({ db, config, log })
  const stopClockWatch = startClockWatch({ db, log })
  const stopResealing = startResealing({ db, secrets, log })
  const stopBucketRetention = startBucketRetention({ db, secrets, log, buckets })
  let isDraining = false
  let isRestored = false
  const services: Services = {
    config: settings,
    db,
    secrets,
    userWatch: watchUsers(db, secrets),
    sessions: sessions.manager,
    events: bus,
    receivers,
    encodeDelivery: (delivery, patienceMs) => encodeDelivery(encoding, delivery, patienceMs),
    buckets,
    log,
    startedAt: Date.now(),
    isDraining: () => isDraining,
    codesElsewhere: () => codesElsewhere(cluster.ask),
  }
  if (config.setMessagesAsSeen) startMarkingSeen(services)
  const streams = new EventStreams(services, cluster.ownership, options.streamLimits)
  const app = createServer(services, served, {
    control: joined.control,
    observer: metrics,
    monitored: {
      metrics: () => metrics.text(),
      notReady: () => reasonNotReady({ db, isRestored: () => isRestored, isDraining: () => isDraining }),
    },
    forward: cluster.forwarding?.forward,
    forwardUpgrade: cluster.forwarding?.forwardUpgrade,
    streams,
    ...options,
  })
  const upgrades = streamsOf(served, config).length > 0 ? upgradesThrough(app) : undefined
  const http = await listen(app, { host: config.host, port: config.port, upgrades })
  cluster.open({ app, upgrades, pages: { [CODES_PAGE]: () => ownCodes(sessions.manager) } })
  const restored = await sessions.manager.restore()
  isRestored = true
  const stopRemovals = startRemovals(services)
  log.info({ port: http.port, restored }, 'listening')

  return {
    url: `http://${config.host === '0.0.0.0' ? '127.0.0.1' : config.host}:${http.port}`,
    adminToken: installation.adminToken,
    services,
    async stop({ quiet } = {}) {
      isDraining = true
      // All that must be waited for shares one time.
      const deadline = performance.now() + config.shutdownGraceMs
      const left = () => Math.max(0, deadline - performance.now())
      await cluster.leave({
        drain: () => sessions.drain(),
        leaveClients: () => http.leave(Math.min(LAME_DUCK_MS, left())),
      })
      await streams.stop()
      await http.stop(left())
      await quiet?.()
      // A large file may take minutes: its delivery is made after the next start.
      await eventMedia.stop()
      await stopRemovals()
      await sessions.stop()
      await outbox.stop()
      await queue?.close()
      await stopRetention()
      await stopClockWatch()
      await stopResealing()
      await stopBucketRetention()
      buckets.close()
      await cluster.stop()
      await joined.stop()
      await installation.close()
    },
  }
}
