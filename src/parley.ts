import { singleNode } from './cluster/ownership.ts'
import { composeSessions } from './compose-sessions.ts'
import type { Config } from './config.ts'
import { dialects } from './dialects/index.ts'
import { wuzapi } from './dialects/wuzapi/index.ts'
import { fileToStore, wantedFile } from './dialects/wuzapi/media-extras.ts'
import { connectQueue } from './events/amqp.ts'
import { encodeDelivery } from './events/attempt.ts'
import { EventBus } from './events/bus.ts'
import { globalHmacKey } from './events/global-key.ts'
import { startOutbox } from './events/outbox.ts'
import { startRetention } from './events/retention.ts'
import { listen } from './http/listen.ts'
import { createServer, type ServerOptions } from './http/server.ts'
import { joinNetwork, type WaitingCodes } from './join-network.ts'
import { adminToken } from './lib/admin-token.ts'
import { createLogger } from './lib/logger.ts'
import { openSecrets } from './lib/secrets.ts'
import { startBucketRetention } from './media/bucket-retention.ts'
import { MessageFiles } from './media/message-files.ts'
import { Buckets } from './media/s3.ts'
import { sweepLeftovers } from './media/scratch.ts'
import { openEventMedia } from './operations/event-media.ts'
import { alsoLinked } from './operations/history.ts'
import { alsoStored } from './operations/s3.ts'
import type { Services } from './operations/services.ts'
import { openDatabase } from './store/database.ts'
import { migrate } from './store/migrations.ts'
import { resealUsers, startResealing } from './store/resealing.ts'
import { checkEncryptionKey, findUserByToken } from './store/users.ts'
import { routeLibraryOutput } from './whatsapp/repairs.ts'

/** A running server. */
export interface Parley {
  /** Where it answers: `http://127.0.0.1:8080`. */
  url: string
  adminToken: string
  services: Services
  /** Finishes requests, closes sessions without unlinking them, writes what is left and releases everything. */
  stop(): Promise<void>
}

/** Starts everything in the order it depends on each other; rejects when one part cannot start. */
export async function startParley(config: Config, options: ServerOptions = {}): Promise<Parley> {
  const log = createLogger(config.logLevel)
  await sweepLeftovers(Date.now())
  routeLibraryOutput((message) => log.debug(message))
  const secrets = await openSecrets(config)
  const token = await adminToken(config)
  const db = await openDatabase(config)
  await migrate(db)
  await checkEncryptionKey(db, secrets)
  if (secrets.isRotating) await resealUsers(db, secrets)

  // The sessions need the network first, and nothing can be scanned before there are sessions.
  let codes: WaitingCodes = { longest: () => undefined, ofToken: async () => undefined }
  const joined = await joinNetwork(config.whatsappNetwork, {
    longest: () => codes.longest(),
    ofToken: (token) => codes.ofToken(token),
  })
  const bus = new EventBus({
    db,
    secrets,
    log,
    nameOf: (event) => wuzapi.eventNames[event.type],
    hasGlobalWebhook: Boolean(config.globalWebhook),
    hasQueue: Boolean(config.rabbitmqUrl),
  })
  const sessions = composeSessions({
    config,
    db,
    secrets,
    log,
    bus,
    network: joined.network,
    ownership: singleNode(),
  })
  codes = {
    longest: () => sessions.manager.waitingQr(),
    ofToken: async (token) => {
      const user = await findUserByToken(db, secrets, token)
      return user && sessions.manager.status(user.id)?.qr
    },
  }
  const settings = { ...config, adminToken: token, globalHmacKey: await globalHmacKey(config) }
  const queue = config.rabbitmqUrl ? connectQueue({ url: config.rabbitmqUrl, log }) : undefined
  const eventMedia = openEventMedia({
    log,
    media: sessions.media,
    concurrency: config.mediaConcurrency,
    sessionOf: (userId) => sessions.manager.find(userId),
    wanted: wantedFile,
  })
  const buckets = new Buckets({ networks: config.webhookAllowedNetworks })
  const files = new MessageFiles(buckets, config.timeZone)
  const encoding = {
    db,
    secrets,
    log,
    config: settings,
    mediaOf: alsoLinked(
      alsoStored((event, user) => eventMedia.mediaOf(event, user), { files, log, toStore: fileToStore }),
      db,
    ),
    dialectOf: () => ({
      renderers: wuzapi.events,
      encode: wuzapi.encode,
      encodeErrorReport: wuzapi.encodeErrorReport,
    }),
  }
  const outbox = startOutbox({ ...encoding, bus, queue })
  const stopRetention = startRetention({ db, config, log })
  const stopResealing = startResealing({ db, secrets, log })
  const stopBucketRetention = startBucketRetention({ db, secrets, log, buckets })
  const services: Services = {
    config: settings,
    db,
    secrets,
    sessions: sessions.manager,
    events: bus,
    encodeDelivery: (delivery) => encodeDelivery(encoding, delivery),
    buckets,
    log,
    startedAt: Date.now(),
  }
  const http = await listen(createServer(services, dialects, { control: joined.control, ...options }), config)
  const restored = await sessions.manager.restore()
  log.info({ port: http.port, restored }, 'listening')

  return {
    url: `http://${config.host === '0.0.0.0' ? '127.0.0.1' : config.host}:${http.port}`,
    adminToken: token,
    services,
    async stop() {
      await http.stop(config.shutdownGraceMs)
      // A large file may take minutes: its delivery is made after the next start.
      await eventMedia.stop()
      await sessions.stop()
      await outbox.stop()
      await queue?.close()
      await stopRetention()
      await stopResealing()
      await stopBucketRetention()
      buckets.close()
      await joined.stop()
      await db.destroy()
    },
  }
}
