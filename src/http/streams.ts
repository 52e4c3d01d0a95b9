import type { IncomingMessage } from 'node:http'
import { type RawData, WebSocket, WebSocketServer } from 'ws'
import type { Ownership } from '../cluster/ownership.ts'
import type { Config } from '../config/config.ts'
import type { RecordedEvent } from '../events/bus.ts'
import { ApiError, type ErrorCode } from '../lib/errors.ts'
import type { Services } from '../operations/services.ts'
import type { User } from '../store/users/users.ts'
import type { EventStream, FarEnd, MountedDialect, Stream, Talk, TalkStream } from './endpoint/dialect.ts'
import type { Upgrade } from './server/upgrades.ts'

/** Beyond these a stream is refused: each may hold a buffer of its own. */
const MAX_PER_SESSION = 10
const MAX_STREAMS = 2_000
/** What a reader may leave unread before its stream is closed. */
const MAX_UNREAD_BYTES = 1024 * 1024
/** Who is told events has nothing to say: this is more than a control frame needs. Who talks says four seconds at once. */
const MAX_INCOMING_BYTES = { events: 4 * 1024, talk: 256 * 1024 + 4 }
const PING_MS = { events: 30_000, talk: 10_000 }
/** How often is looked whether another node has changed a user who listens: as long as requests may miss that. */
const LOOK_MS = 1_000
/** How long a stream may stay at a node after its session has moved to another one. */
const MOVED_MS = 2_000
/** How long a stream that is being closed may take. */
const CLOSING_MS = 2_000

/** Close codes of RFC 6455 and of its registry. */
const NORMAL = 1000
const GOING_AWAY = 1001
const POLICY_VIOLATION = 1008
const INTERNAL_ERROR = 1011
const TRY_AGAIN_LATER = 1013
const END_CODES = { done: NORMAL, unacceptable: POLICY_VIOLATION, 'too-much': POLICY_VIOLATION }

/** Why a stream ends whose caller would not be admitted any more. */
const ENDS: Partial<Record<ErrorCode, string>> = {
  unauthorized: 'the key is not valid any more',
  forbidden: 'the key is not valid any more',
  not_found: 'there is no such session any more',
}

const TOO_SLOW = {
  events: 'too slow: events are waiting to be read',
  talk: 'too slow: sound is waiting to be read',
}

/** Subprotocols that begin like this carry a key and are never chosen. */
const KEY_PREFIX = 'key.'

/** One open WebSocket. */
interface Connection {
  socket: WebSocket
  stream: Stream
  user: User
  /** Whether it has answered the last ping. */
  isAlive: boolean
  /** Who is calling, asked again. */
  authenticate: () => Promise<User>
}

/** What may be changed for a test. */
export interface StreamLimits {
  pingMs?: number
  movedMs?: number
  maxUnreadBytes?: number
}

/** What a WebSocket is opened with. */
type Opened =
  | (Pick<Connection, 'user' | 'authenticate'> & { stream: EventStream })
  | (Pick<Connection, 'user' | 'authenticate'> & {
      stream: TalkStream
      begin: (far: FarEnd) => Promise<Talk>
    })

/** The WebSockets that the operator has switched on. */
export function streamsOf(dialects: MountedDialect[], config: Config): Stream[] {
  return dialects.flatMap(({ dialect }) => dialect.streams ?? []).filter((stream) => stream.isOn(config))
}

/**
 * The WebSockets that tell events as they happen, and those on which programs talk. What cannot be sent at once is not kept:
 * webhooks are for that.
 */
export class EventStreams {
  readonly #services: Services
  readonly #maxUnreadBytes: number
  readonly #connections = new Map<string, Set<Connection>>()
  readonly #closing = new Set<WebSocket>()
  readonly #stopListening: (() => void)[]
  readonly #ownership: Pick<Ownership, 'holds' | 'ownerOf'>
  readonly #timers: NodeJS.Timeout[]
  readonly #servers = { events: openServer('events'), talk: openServer('talk') }
  #count = 0
  #isStopping = false
  #isLooking = false

  constructor(
    services: Services,
    ownership: Pick<Ownership, 'holds' | 'ownerOf'>,
    { pingMs, movedMs = MOVED_MS, maxUnreadBytes = MAX_UNREAD_BYTES }: StreamLimits = {},
  ) {
    this.#services = services
    this.#ownership = ownership
    this.#maxUnreadBytes = maxUnreadBytes
    this.#stopListening = [
      services.events.listen((userId, recorded) => this.#tell(userId, recorded)),
      services.userWatch.listen((userId) => this.#authenticateAll(userId)),
    ]
    this.#timers = [
      setInterval(() => void this.#lookAgain(), LOOK_MS).unref(),
      setInterval(() => this.#check('events'), pingMs ?? PING_MS.events).unref(),
      setInterval(() => this.#check('talk'), pingMs ?? PING_MS.talk).unref(),
      setInterval(() => this.#closeMoved(), movedMs).unref(),
    ]
  }

  /** How many streams there are, those included that are being closed. */
  get size(): number {
    return this.#count + this.#closing.size
  }

  /** Throws `rate_limited` when this user has as many streams as it may have. */
  admit(userId: string): void {
    if (this.#isStopping) throw new ApiError('not_connected', { status: 503, text: 'the server is stopping' })
    const own = this.#connections.get(userId)?.size ?? 0
    if (own >= MAX_PER_SESSION) throw tooMany('this session has as many streams as it may have')
    if (this.#count >= MAX_STREAMS) throw tooMany('there are as many streams as there may be')
  }

  /** Makes a WebSocket of the connection: the user's events are told there from now on, or the talk begins. */
  accept(request: IncomingMessage, { socket, head }: Upgrade, opened: Opened): void {
    this.#servers[opened.stream.kind].handleUpgrade(request, socket, head, (accepted) => {
      const { stream, user, authenticate } = opened
      const connection = { stream, user, authenticate, socket: accepted, isAlive: true }
      this.#add(connection)
      if ('begin' in opened) void this.#talk(connection, opened.begin)
    })
  }

  /** Closes all streams of a user, whose client may open a new one. */
  closeAll(userId: string, reason: string): void {
    for (const connection of this.#connections.get(userId) ?? []) this.#close(connection, GOING_AWAY, reason)
  }

  /** Closes everything; resolves when the clients have answered, or have taken too long. */
  async stop(): Promise<void> {
    this.#isStopping = true
    for (const timer of this.#timers) clearInterval(timer)
    for (const stop of this.#stopListening) stop()
    for (const userId of [...this.#connections.keys()]) this.closeAll(userId, 'the server is stopping')
    await Promise.all([...this.#closing].map((socket) => closed(socket)))
  }

  #add(connection: Connection): void {
    const { socket, user } = connection
    const own = this.#connections.get(user.id) ?? new Set()
    this.#connections.set(user.id, own.add(connection))
    this.#count++
    // The end of a stream is told by `close`.
    socket.on('error', (error) => this.#services.log.debug({ err: error, user: user.id }, 'a stream failed'))
    socket.once('close', () => this.#remove(connection))
    socket.on('pong', () => {
      connection.isAlive = true
    })
    socket.on('ping', (data: RawData) => {
      if (this.#hasRoom(connection, 0)) socket.pong(data as Buffer)
    })
  }

  /** Lets a program and a session talk until one of them has enough. */
  async #talk(connection: Connection, begin: (far: FarEnd) => Promise<Talk>): Promise<void> {
    const { socket, user } = connection
    // What is said before the session listens waits.
    socket.pause()
    try {
      const talk = await begin({
        send: (message) => {
          if (this.#hasRoom(connection, message.length)) socket.send(message)
        },
        end: ({ code, reason }) => this.#close(connection, END_CODES[code], reason),
      })
      socket.resume()
      if (socket.readyState !== WebSocket.OPEN) return talk.closed()
      socket.once('close', () => talk.closed())
      socket.on('message', (message: RawData, isBinary: boolean) => {
        // Of a socket that was not told otherwise it is a Buffer.
        if (isBinary && socket.readyState === WebSocket.OPEN) talk.hear(message as Buffer)
      })
    } catch (error) {
      socket.resume()
      const reason = error instanceof ApiError ? error.message : 'internal server error'
      if (!(error instanceof ApiError))
        this.#services.log.error({ err: error, user: user.id }, 'a talk failed')
      this.#close(connection, INTERNAL_ERROR, reason)
    }
  }

  #remove(connection: Connection): void {
    const own = this.#connections.get(connection.user.id)
    if (!own?.delete(connection)) return
    this.#count--
    if (own.size === 0) this.#connections.delete(connection.user.id)
  }

  #tell(userId: string, recorded: RecordedEvent[]): void {
    for (const connection of this.#connections.get(userId) ?? []) {
      const { stream, user } = connection
      if (stream.kind !== 'events') continue
      for (const { event } of recorded) {
        const frame = stream.frame(event, { user, config: this.#services.config })
        if (frame !== undefined && this.#hasRoom(connection, frame.length)) connection.socket.send(frame)
      }
    }
  }

  /** Whether so many bytes more may wait for this reader; closes the stream of one that is too slow. */
  #hasRoom(connection: Connection, bytes: number): boolean {
    const { socket } = connection
    if (socket.readyState !== WebSocket.OPEN) return false
    const unread = socket.bufferedAmount
    if (unread === 0 || unread + bytes <= this.#maxUnreadBytes) return true
    this.#close(connection, TRY_AGAIN_LATER, TOO_SLOW[connection.stream.kind])
    return false
  }

  /** Pings everybody, gives up who did not answer the last time, and closes what is no longer allowed. */
  #check(kind: Stream['kind']): void {
    for (const own of this.#connections.values())
      for (const connection of own) {
        if (connection.stream.kind !== kind) continue
        if (!connection.isAlive) {
          connection.socket.terminate()
          continue
        }
        connection.isAlive = false
        if (this.#hasRoom(connection, 0)) connection.socket.ping()
        void this.#authenticate(connection)
      }
  }

  // What happens is told by the node that has the session: the client's next stream is opened there.
  #closeMoved(): void {
    for (const userId of this.#connections.keys()) {
      if (this.#ownership.holds(userId)) continue
      void this.#ownership.ownerOf(userId).then(
        ({ kind }) => kind === 'elsewhere' && this.closeAll(userId, 'the session has moved to another node'),
        (error: unknown) => this.#services.log.warn({ err: error, user: userId }, 'could not check a stream'),
      )
    }
  }

  async #lookAgain(): Promise<void> {
    if (this.#isLooking || this.#count === 0) return
    this.#isLooking = true
    const users = [...this.#connections.values()].flatMap((own) => [...own].map(({ user }) => user))
    await this.#services.userWatch
      .lookAgain(users)
      .catch((error: unknown) => this.#services.log.warn({ err: error }, 'could not check the streams'))
    this.#isLooking = false
  }

  #authenticateAll(userId: string): void {
    for (const connection of this.#connections.get(userId) ?? []) void this.#authenticate(connection)
  }

  // A key that was changed, or a session that was deleted, must not go on being told.
  async #authenticate(connection: Connection): Promise<void> {
    try {
      const user = await connection.authenticate()
      if (user.id !== connection.user.id) throw new ApiError('not_found')
      connection.user = user
    } catch (error) {
      const reason = error instanceof ApiError ? ENDS[error.code] : undefined
      if (reason) this.#close(connection, POLICY_VIOLATION, reason)
      else this.#services.log.warn({ err: error, user: connection.user.id }, 'could not check a stream')
    }
  }

  #close(connection: Connection, code: number, reason: string): void {
    const { socket } = connection
    this.#remove(connection)
    // A socket tells of its end once: one that has ended already would be waited for in vain.
    if (socket.readyState === WebSocket.CLOSED) return
    this.#closing.add(socket)
    // What waits is dropped with the connection if the other side does not read it soon.
    const tooLong = setTimeout(() => socket.terminate(), CLOSING_MS)
    socket.once('close', () => {
      clearTimeout(tooLong)
      this.#closing.delete(socket)
    })
    socket.close(code, reason)
  }
}

function openServer(kind: Stream['kind']): WebSocketServer {
  const server = new WebSocketServer({
    noServer: true,
    clientTracking: false,
    perMessageDeflate: false,
    maxPayload: MAX_INCOMING_BYTES[kind],
    autoPong: false,
    handleProtocols: (offered) => [...offered].find((name) => !name.startsWith(KEY_PREFIX)) ?? false,
  })
  return server.on('headers', (headers, request: IncomingMessage & { id?: unknown }) =>
    headers.push(`X-Request-Id: ${String(request.id)}`),
  )
}

function tooMany(text: string): ApiError {
  return new ApiError('rate_limited', { text, retryAfterSeconds: PING_MS.events / 1000 })
}

function closed(socket: WebSocket): Promise<void> {
  if (socket.readyState === WebSocket.CLOSED) return Promise.resolve()
  return new Promise((resolve) => socket.once('close', () => resolve()))
}

/**
 * The key that a browser, which cannot set headers, offers as the subprotocol `key.<base64url>` beside a real one; ''
 * when there is none.
 */
export function offeredKey(request: IncomingMessage): string {
  const offered = (request.headers['sec-websocket-protocol'] ?? '').split(',').map((name) => name.trim())
  const key = offered.find((name) => name.startsWith(KEY_PREFIX))?.slice(KEY_PREFIX.length) ?? ''
  return Buffer.from(key, 'base64url').toString('utf8')
}
