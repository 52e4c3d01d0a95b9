import type { Logger } from '../lib/logger.ts'
import type { SharedCaches } from './caches.ts'
import {
  type AuthenticationState,
  type BinaryNode,
  Browsers,
  type GroupMetadata,
  makeWASocket,
  type proto,
  type SocketConfig,
  type WASocket,
} from './engine.ts'
import { askForDays } from './history-days.ts'
import { isReadByLibrary } from './history-people.ts'
import { libraryLog } from './library-log.ts'
import type { WhatsAppNetwork } from './network.ts'
import { outside } from './repairs.ts'

export interface SocketDeps {
  userId: string
  auth: AuthenticationState
  network: WhatsAppNetwork
  caches: SharedCaches
  makeSignalRepository: SocketConfig['makeSignalRepository']
  /** The sent message with this id, for retry receipts that arrive after a restart. */
  findSent: (id: string) => Promise<proto.IMessage | undefined>
  options: { deviceName: string; announceOnline: boolean; version?: SocketConfig['version'] }
  /** Days of history to ask for when a phone is linked, 0 = as many as it likes. */
  historyDays: number
  /** Called for every line of the library's finest log. */
  traced: (details: unknown, message?: string) => void
  log: Logger
}

const QUERY_TIMEOUT_MS = 30_000
const KEEP_ALIVE_MS = 25_000
const KEEP_ALIVE_SPREAD_MS = 5_000

/** Opens a socket with the options every session shares. Reasons for each value: guide to the library §11. */
export function openSocket(deps: SocketDeps): WASocket {
  let socket: WASocket | undefined
  const groups = groupMetadataCache(deps, () => socket)
  askForDays(deps.auth.creds.signedIdentityKey.public, deps.historyDays)

  socket = makeWASocket({
    ...deps.network.socketOptions,
    ...deps.caches.forSession(deps.userId),
    ...(deps.options.version ? { version: deps.options.version } : {}),
    auth: deps.auth,
    logger: libraryLog(deps.log, deps.traced),
    browser: browserOf(deps.options.deviceName),
    makeSignalRepository: deps.makeSignalRepository,
    getMessage: ({ id }) => outside(async () => (id ? await deps.findSent(id) : undefined)),
    cachedGroupMetadata: groups,
    enableRecentMessageCache: false,
    markOnlineOnConnect: deps.options.announceOnline,
    syncFullHistory: false,
    shouldSyncHistoryMessage: isReadByLibrary,
    // What is changed here is told like what other devices change; messages are not sent by the call this also affects.
    emitOwnEvents: true,
    generateHighQualityLinkPreview: false,
    defaultQueryTimeoutMs: QUERY_TIMEOUT_MS,
    keepAliveIntervalMs: KEEP_ALIVE_MS + Math.floor(Math.random() * KEEP_ALIVE_SPREAD_MS),
    transactionOpts: { maxCommitRetries: 3, delayBetweenTriesMs: 200 },
  })
  return socket
}

/** Group metadata by JID, fetched once: without it the library asks the server before every group message. */
function groupMetadataCache(deps: SocketDeps, socket: () => WASocket | undefined) {
  const { groups } = deps.caches
  return (jid: string): Promise<GroupMetadata | undefined> =>
    outside(async () => {
      const key = `${deps.userId}/${jid}`
      const cached = groups.get(key)
      if (cached) return cached
      const fetched = await socket()?.groupMetadata(jid)
      if (fetched) groups.set(key, fetched)
      return fetched
    })
}

/** Drops cached metadata of a group that a `w:gp2` notification says has changed. */
export function forgetGroup(caches: SharedCaches, userId: string, notification: BinaryNode): void {
  caches.groups.delete(`${userId}/${notification.attrs.from ?? ''}`)
}

// A real browser name is required for pairing codes; the first part is what the phone shows under linked devices.
function browserOf(deviceName: string): SocketConfig['browser'] {
  const [, browser, version] = Browsers.macOS('Chrome')
  return [deviceName, browser, version]
}
