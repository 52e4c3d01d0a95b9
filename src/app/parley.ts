import type { Config } from '../config/config.ts'
import type { MessageQueue } from '../delivery/amqp.ts'
import { encodeDelivery } from '../delivery/attempt.ts'
import { startClockWatch } from '../delivery/clock-watch.ts'
import { startOutbox } from '../delivery/outbox.ts'
import { PulledFiles } from '../delivery/pulled-files.ts'
import { startRetention } from '../delivery/retention.ts'
import { isWebhook } from '../delivery/targets.ts'
import { WebhookProfiles } from '../delivery/webhook-profiles.ts'
import { dialects, linkingPages, operators } from '../dialects/index.ts'
import { EventBus } from '../events/bus.ts'
import { ChatChanges } from '../events/chat-changes.ts'
import { isMessage } from '../events/message-kinds.ts'
import { mountsOf } from '../http/endpoint/mounts.ts'
import type { Pipe } from '../http/pipe/serve-lines.ts'
import { createServer, type ServerOptions } from '../http/server/server.ts'
import { upgradesThrough } from '../http/server/upgrades.ts'
import { EventStreams, type StreamLimits, streamsOf } from '../http/streams.ts'
import type { Logger } from '../lib/process/logger.ts'
import { sweepLeftovers } from '../lib/process/scratch-folder.ts'
import { startBucketRetention } from '../media/bucket/bucket-retention.ts'
import { Buckets } from '../media/bucket/s3.ts'
import { createFfmpeg } from '../media/convert/ffmpeg.ts'
import { MessageFiles } from '../media/message-files.ts'
import { startActivity } from '../metrics/activity.ts'
import { createMetrics } from '../metrics/metrics.ts'
import { watchForFirstUser } from '../operations/admin/health.ts'
import { ImportJobs } from '../operations/admin/import-jobs.ts'
import { reasonNotReady } from '../operations/admin/readiness.ts'
import { startRemovals } from '../operations/admin/removals.ts'
import { startBulkSender } from '../operations/bulk/bulk-sender.ts'
import { withHistoryLink } from '../operations/chats/history.ts'
import { openEventMedia } from '../operations/deliveries/event-media.ts'
import { RedriveJobs } from '../operations/deliveries/redrive-jobs.ts'
import { startMarkingSeen } from '../operations/messages/mark-seen.ts'
import type { Services } from '../operations/services.ts'
import { watchImports } from '../operations/sessions/imported.ts'
import { withBucket } from '../operations/sessions/s3.ts'
import { GroupCommit } from '../store/commit/group-commit.ts'
import { startReEncryption } from '../store/keys/re-encryption.ts'
import { watchUsers } from '../store/users/user-watch.ts'
import { routeLibraryOutput } from '../whatsapp/library/patches/index.ts'
import type { LinkingRules } from '../whatsapp/session/linking/rules.ts'
import { composeSessions } from './create-sessions.ts'
import { openPipe, openPort, openTlsOf } from './front.ts'
import { openInstallation } from './installation.ts'
import { joinCluster } from './join-cluster.ts'
import { joinNetwork, type PendingQrCodes } from './join-network.ts'
import { loadCalls } from './load-calls.ts'
import { openLog } from './open-log.ts'
import { CODES_PAGE, codesElsewhere, codesToScan, ownCodes } from './pending-qr-codes.ts'

/** A running server. */
export interface Parley {
  /** Where it answers: `http://127.0.0.1:8080`; '' where it answers on a pipe. */
  url: string
  /** Resolves when the program at the other end of the pipe has said its last, and was answered; never without a pipe. */
  ended: Promise<void>
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
  /** How long the steps of a linking with a passkey may take. */
  linking?: Partial<LinkingRules>
  /** Number of this process among the workers of its machine. */
  worker?: number
  /** What it answers on in the mode `stdio`, instead of the port. */
  pipe?: Pipe
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
  const served = [...mountsOf(dialects, config.dialects, config), operators, linkingPages]
  const log = openLog(config)
  if (!config.autoStartSessions)
    log.warn('AUTO_START_SESSIONS=false is not followed: what was connected before is connected again')
  const tls = await openTlsOf(config, log)
  const metrics = createMetrics()
  await sweepLeftovers()
  routeLibraryOutput((message) => log.debug(message))
  const installation = await openInstallation(config)
  const { db, secrets } = installation

  // The sessions need the network first, and nothing can be scanned before there are sessions.
  let codes: PendingQrCodes = { longest: () => undefined, ofToken: async () => undefined }
  const joined = await joinNetwork(config.whatsappNetwork, {
    longest: () => codes.longest(),
    ofToken: (token) => codes.ofToken(token),
  })
  const settings = {
    ...config,
    adminToken: installation.adminToken,
    globalHmacKey: installation.globalHmacKey,
  }
  const webhooks = new WebhookProfiles(
    dialects.flatMap((dialect) => dialect.webhooks ?? []),
    settings,
  )
  const commits = new GroupCommit(db, secrets, metrics)
  const bus = new EventBus({
    db,
    commits,
    secrets,
    log,
    router: webhooks.router(secrets),
  })
  const changes = new ChatChanges()
  const cluster = await joinCluster({ config, db, secrets, log, worker: options.worker })
  const activity = startActivity({ db, log, isMessage })
  const ffmpeg = createFfmpeg(config.ffmpegPath)
  const calls = await loadCalls(config, { ffmpeg, log })
  const sessions = composeSessions({
    config,
    db,
    secrets,
    log,
    bus,
    changes,
    commits,
    observer: metrics,
    activity,
    hearsSent: (userId) => webhooks.hearSent({ db, secrets }, userId),
    ffmpeg,
    calls,
    linking: options.linking,
    network: joined.network,
    ownership: cluster.ownership,
  })
  codes = codesToScan({ db, secrets, sessions: sessions.manager, ask: cluster.ask })
  const { pipe } = options
  // Who reads a pipe is the only one to be told.
  const queue = config.rabbitmqUrl && !pipe ? await openQueue(config.rabbitmqUrl, log) : undefined
  const eventMedia = openEventMedia({
    log,
    media: sessions.media,
    concurrency: config.mediaConcurrency,
    timeoutMs: config.mediaTimeoutMs,
    sessionOf: (userId) => sessions.manager.find(userId),
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
    prefetch: eventMedia.prefetch,
    mediaOf: config.skipMedia
      ? undefined
      : withHistoryLink(withBucket(eventMedia.mediaOf, { files, log }), db),
    profiles: webhooks,
  }
  const pulledFiles = new PulledFiles(encoding)
  const outbox = startOutbox({
    ...encoding,
    bus,
    commits,
    queue,
    pipe: pipe?.output,
    nodeId: cluster.ownership.nodeId,
    observer: {
      attempted(attempt) {
        metrics.attempted(attempt)
        if (isWebhook(attempt.target)) activity.attempted(attempt)
      },
    },
  })
  bus.listen((userId, recorded) => {
    metrics.heard(recorded)
    activity.heard(userId, recorded)
  })
  metrics.watch({
    db,
    sessions: () => sessions.manager.statuses().values(),
    sendsWaiting: sessions.sendsWaiting,
  })
  const stopRetention = startRetention({ db, config, log })
  const stopClockWatch = startClockWatch({ db, log })
  const stopReEncryption = startReEncryption({ db, secrets, log })
  const stopBucketRetention = startBucketRetention({ db, secrets, log, buckets })
  let isDraining = false
  let isRestored = false
  const base: Omit<Services, 'bulk'> = {
    config: settings,
    db,
    secrets,
    userWatch: watchUsers(db, secrets),
    sessions: sessions.manager,
    events: bus,
    chatChanges: changes,
    webhooks,
    encodeDelivery: (delivery, patienceMs) =>
      encodeDelivery(encoding, delivery, (wish) => pulledFiles.fetch(delivery.id, wish, patienceMs)),
    webVersion: sessions.webVersion,
    buckets,
    importJobs: new ImportJobs({
      db,
      secrets,
      sessions: sessions.manager,
      log,
      nodeId: cluster.ownership.nodeId,
    }),
    redriveJobs: new RedriveJobs({
      db,
      log,
      nodeId: cluster.ownership.nodeId,
      destinationOf: webhooks.destinationOf,
      onDue: () => bus.announceDeliveries(),
    }),
    log,
    startedAt: Date.now(),
    isDraining: () => isDraining,
    codesElsewhere: () => codesElsewhere(cluster.ask),
  }
  const bulk = startBulkSender(base)
  const services: Services = { ...base, bulk }
  if (config.setMessagesAsSeen) startMarkingSeen(services)
  const stopImportWatch = watchImports(services)
  const streams = new EventStreams(services, cluster.ownership, options.streamLimits)
  const app = createServer(services, served, {
    control: joined.control,
    isNew: watchForFirstUser(services),
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
  const front = pipe
    ? openPipe(pipe, { app, served, services })
    : await openPort(config, { app, upgrades, tls })
  cluster.open({ app, upgrades, pages: { [CODES_PAGE]: () => ownCodes(sessions.manager) } })
  const restored = await sessions.manager.restore()
  isRestored = true
  const stopRemovals = startRemovals(services)
  log.info({ port: front.port, restored }, 'listening')

  return {
    url: front.url,
    ended: front.ended,
    adminToken: installation.adminToken,
    services,
    async stop({ quiet } = {}) {
      isDraining = true
      // All that must be waited for shares one time.
      const deadline = performance.now() + config.shutdownGraceMs
      const left = () => Math.max(0, deadline - performance.now())
      await cluster.leave({
        drain: () => sessions.drain(),
        leaveClients: () => front.leave(Math.min(LAME_DUCK_MS, left())),
      })
      await streams.stop()
      await front.stop(left())
      await quiet?.()
      // A large file may take minutes: its delivery is made after the next start.
      await eventMedia.stop()
      await bulk.stop()
      await stopRemovals()
      await services.importJobs.stop()
      await services.redriveJobs.stop()
      await stopImportWatch()
      await sessions.stop()
      await calls?.stop()
      await outbox.stop()
      await activity.stop()
      await commits.idle()
      await queue?.close()
      await stopRetention()
      await stopClockWatch()
      await stopReEncryption()
      await stopBucketRetention()
      buckets.close()
      await cluster.stop()
      await joined.stop()
      await installation.close()
    },
  }
}

async function openQueue(url: string, log: Logger): Promise<MessageQueue> {
  const { connectQueue } = await import('../delivery/amqp.ts')
  return connectQueue({ url, log })
}
