import type { ClientRequest, IncomingMessage } from 'node:http'
import type { Logger } from '../../lib/process/logger.ts'
import { askForDays } from '../inbound/history-days.ts'
import { isReadByLibrary } from '../inbound/history-people.ts'
import { noticeRefusedChanges } from '../keys/app-state-conflicts.ts'
import { forgetChangedDevices } from '../outbound/device-lists.ts'
import type { SharedCaches } from './caches.ts'
import {
  type AuthenticationState,
  Browsers,
  type GroupMetadata,
  makeWASocket,
  type SocketConfig,
  type WASocket,
} from './engine.ts'
import { joinWrites } from './joined-writes.ts'
import { libraryLog } from './log.ts'
import type { WhatsAppNetwork } from './network.ts'
import { runInRootContext } from './patches/index.ts'
import { limitTimes, WITHOUT_TIME_LIMITS } from './time-limits.ts'

export interface SocketDeps {
  userId: string
  auth: AuthenticationState
  network: WhatsAppNetwork
  caches: SharedCaches
  makeSignalRepository: SocketConfig['makeSignalRepository']
  /** A group that a message is being encrypted for. */
  groupOf: (jid: string) => Promise<GroupMetadata | undefined>
  options: { deviceName: string; announceOnline: boolean; version?: SocketConfig['version'] }
  /** Days of history to ask for when a phone is linked, 0 = as many as it likes. */
  historyDays: number
  /** Called for every line of the library's finest log. */
  traced: (details: unknown, message?: string) => void
  log: Logger
}

const KEEP_ALIVE_MS = 25_000
const KEEP_ALIVE_SPREAD_MS = 5_000

/** Opens a socket with the options every session shares. */
export function openSocket(deps: SocketDeps): WASocket {
  askForDays(deps.auth.creds.signedIdentityKey.public, deps.historyDays)

  const caches = deps.caches.forSession(deps.userId)
  const socket = makeWASocket({
    ...deps.network.socketOptions,
    ...caches,
    ...(deps.options.version ? { version: deps.options.version } : {}),
    auth: deps.auth,
    logger: libraryLog(deps.log, deps.traced),
    browser: browserOf(deps.options),
    makeSignalRepository: deps.makeSignalRepository,
    // It would ask for messages by whatever id others name: `resends.ts` and `open-sealed.ts` do that in its place.
    getMessage: async () => undefined,
    cachedGroupMetadata: (jid) => runInRootContext(() => deps.groupOf(jid)),
    enableRecentMessageCache: false,
    markOnlineOnConnect: deps.options.announceOnline,
    syncFullHistory: false,
    shouldSyncHistoryMessage: isReadByLibrary,
    // What is changed here is told like what other devices change; messages are not sent by the call this also affects.
    emitOwnEvents: true,
    generateHighQualityLinkPreview: false,
    ...WITHOUT_TIME_LIMITS,
    keepAliveIntervalMs: KEEP_ALIVE_MS + Math.floor(Math.random() * KEEP_ALIVE_SPREAD_MS),
    transactionOpts: { maxCommitRetries: 3, delayBetweenTriesMs: 200 },
  })
  joinWrites(socket)
  limitTimes(socket)
  endOnHttpAnswer(socket)
  forgetChangedDevices(socket, caches.userDevicesCache)
  noticeRefusedChanges(socket)
  return socket
}

/**
 * A web server, a portal or a proxy may answer in WhatsApp's place and close. The library listens to that and does
 * nothing: the connection would be neither open nor closed, for ever.
 */
function endOnHttpAnswer(socket: WASocket): void {
  socket.ws.once('unexpected-response', (_request: ClientRequest, { statusCode }: IncomingMessage) => {
    void socket.end(new Error(`HTTP ${statusCode} was answered instead of WhatsApp's protocol`))
  })
}

/** Who this device says it is: pairing codes need a real browser; the first part is what the phone shows in its list. */
export function browserOf({
  deviceName,
}: Pick<SocketDeps['options'], 'deviceName'>): SocketConfig['browser'] {
  const [, browser, version] = Browsers.macOS('Chrome')
  return [deviceName, browser, version]
}
