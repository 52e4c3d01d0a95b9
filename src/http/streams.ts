import type { IncomingMessage, ServerResponse } from 'node:http'
import { type RawData, WebSocket, WebSocketServer } from 'ws'
import type { Ownership } from '../cluster/ownership.ts'
import type { Config } from '../config/config.ts'
import type { RecordedEvent } from '../events/bus.ts'
import { hasLinkingCode } from '../events/linking-codes.ts'
import { ApiError, type ErrorCode } from '../lib/errors.ts'
import type { Services } from '../operations/services.ts'
import type { Caller } from '../store/users/caller.ts'
import type {
  EventStream,
  FarEnd,
  FeedStream,
  MountedDialect,
  SocketStream,
  Stream,
  Talk,
  TalkStream,
} from './endpoint/dialect.ts'
import type { EventResponse } from './event-response.ts'
import type { Upgrade } from './server/upgrades.ts'

/** Beyond these a stream is refused: each may hold a buffer of its own. */
const MAX_PER_SESSION = 10
const MAX_STREAMS = 2_000
/** What a reader may leave unread before its stream is closed. */
const MAX_UNREAD_BYTES = 1024 * 1024
/** Who is told events has nothing to say: this is more than a control frame needs. Who talks says four seconds at once. */
const MAX_INCOMING_BYTES = { events: 4 * 1024, talk: 256 * 1024 + 4 }
const PING_MS = { events: 30_000, talk: 10_000, feed: 20_000 }
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
  feed: 'too slow: events are waiting to be read',
}

/** Subprotocols that begin like this carry a key and are never chosen. */
const KEY_PREFIX = 'key.'

/** What a stream goes over: a WebSocket, or an answer without an end (`event-response.ts`). */
interface Line {
  readonly readyState: number
  readonly bufferedAmount: number
  send(frame: string | Buffer): void
  ping(): void
  close(code: number, reason: string): void
  terminate(): void
  on(event: 'error', listener: (error: Error) => void): unknown
  on(event: 'pong', listener: () => void): unknown
  once(event: 'close', listener: () => void): unknown
}

/** One open stream. */
interface Connection {
  socket: Line
  stream: Stream
  caller: Caller
  /** Whether it has answered the last ping. */
  isAlive: boolean
  /** Who is calling, asked again. */
  authenticate: () => Promise<Caller>
}

/** What may be changed for a test. */
export interface StreamLimits {
  pingMs?: number
  movedMs?: number
  maxUnreadBytes?: number
}

type Opener = Pick<Connection, 'caller' | 'authenticate'>

/** What a WebSocket is opened with. */
type Opened =
  | (Opener & { stream: EventStream })
  | (Opener & { stream: TalkStream; begin: (far: FarEnd) => Promise<Talk> })

/** What an answer without an end is opened with. */
type OpenedFeed = Opener & { stream: FeedStream; begin: (far: FarEnd) => Promise<Pick<Talk, 'closed'>> }

/** The WebSockets that the operator has switched on. */
export function streamsOf(dialects: MountedDialect[], config: Config): SocketStream[] {
  return dialects
    .flatMap(({ dialect }) => dialect.streams ?? [])
    .filter((stream) => stream.kind !== 'feed')
    .filter((stream) => stream.isOn(config))
}

/**
 * The streams that tell events as they happen, and those on which programs talk. What cannot be sent at once is not kept:
 * webhooks are for that.
 */
export class EventStreams {
  readonly #services: Services
  readonly #maxUnreadBytes: number
  readonly #connections = new Map<string, Set<Connection>>()
  readonly #closing = new Set<Line>()
  readonly #passedOn = new Set<ServerResponse>()
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
      setInterval(() => this.#check('feed'), pingMs ?? PING_MS.feed).unref(),
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
      const { stream, caller, authenticate } = opened
      const connection = { stream, caller, authenticate, socket: accepted, isAlive: true }
      this.#add(connection)
      accepted.on('ping', (data: RawData) => {
        if (this.#hasRoom(connection, 0)) accepted.pong(data as Buffer)
      })
      if ('begin' in opened) void this.#talk(connection, accepted, opened.begin)
    })
  }

  /** Tells on an answer without an end from now on. */
  add(socket: EventResponse, { begin, ...opened }: OpenedFeed): void {
    const connection = { ...opened, socket, isAlive: true }
    this.#add(connection)
    void this.#begin(connection, begin)
  }

  /** Ends an answer with this server while another node may be giving it; returns what leaves that to others. */
  follow(response: ServerResponse): () => void {
    this.#passedOn.add(response)
    const stop = () => this.#passedOn.delete(response)
    response.once('close', stop)
    return stop
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
    for (const response of this.#passedOn) response.destroy()
    await Promise.all([...this.#closing].map((socket) => closed(socket)))
  }

  #add(connection: Connection): void {
    const { socket, caller } = connection
    const { user } = caller
    const own = this.#connections.get(user.id) ?? new Set()
    this.#connections.set(user.id, own.add(connection))
    this.#count++
    // The end of a stream is told by `close`.
    socket.on('error', (error) => this.#services.log.debug({ err: error, user: user.id }, 'a stream failed'))
    socket.once('close', () => this.#remove(connection))
    socket.on('pong', () => {
      connection.isAlive = true
    })
  }

  /** Lets a program and a session talk until one of them has enough. */
  async #talk(
    connection: Connection,
    socket: WebSocket,
    begin: (far: FarEnd) => Promise<Talk>,
  ): Promise<void> {
    // What is said before the session listens waits.
    socket.pause()
    const talk = await this.#begin(connection, begin)
    socket.resume()
    socket.on('message', (message: RawData, isBinary: boolean) => {
      // Of a socket that was not told otherwise it is a Buffer.
      if (isBinary && socket.readyState === WebSocket.OPEN) talk?.hear(message as Buffer)
    })
  }

  /** Begins what goes on until the stream is closed; undefined, and closed, where that fails. */
  async #begin<Begun extends Pick<Talk, 'closed'>>(
    connection: Connection,
    begin: (far: FarEnd) => Promise<Begun>,
  ): Promise<Begun | undefined> {
    const { socket, caller } = connection
    const { user } = caller
    try {
      const begun = await begin({
        send: (message) => {
          if (this.#hasRoom(connection, message.length)) socket.send(message)
        },
        end: ({ code, reason }) => this.#close(connection, END_CODES[code], reason),
      })
      if (socket.readyState === WebSocket.OPEN) socket.once('close', () => begun.closed())
      else begun.closed()
      return begun
    } catch (error) {
      const reason = error instanceof ApiError ? error.message : 'internal server error'
      if (!(error instanceof ApiError))
        this.#services.log.error({ err: error, user: user.id }, 'a stream could not begin')
      this.#close(connection, INTERNAL_ERROR, reason)
      return undefined
    }
  }

  #remove(connection: Connection): void {
    const own = this.#connections.get(connection.caller.user.id)
    if (!own?.delete(connection)) return
    this.#count--
    if (own.size === 0) this.#connections.delete(connection.caller.user.id)
  }

  #tell(userId: string, recorded: RecordedEvent[]): void {
    for (const connection of this.#connections.get(userId) ?? []) {
      const { stream, caller } = connection
      if (stream.kind !== 'events') continue
      for (const { event } of recorded) {
        if (caller.power !== 'full' && hasLinkingCode(event.type)) continue
        const frame = stream.frame(event, { user: caller.user, config: this.#services.config })
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
    const callers = [...this.#connections.values()].flatMap((own) => [...own].map(({ caller }) => caller))
    await this.#services.userWatch
      .lookAgain(callers)
      .catch((error: unknown) => this.#services.log.warn({ err: error }, 'could not check the streams'))
    this.#isLooking = false
  }

  #authenticateAll(userId: string): void {
    for (const connection of this.#connections.get(userId) ?? []) void this.#authenticate(connection)
  }

  // A key that was changed, or a session that was deleted, must not go on being told.
  async #authenticate(connection: Connection): Promise<void> {
    try {
      const caller = await connection.authenticate()
      if (caller.user.id !== connection.caller.user.id) throw new ApiError('not_found')
      connection.caller = caller
    } catch (error) {
      const reason = error instanceof ApiError ? ENDS[error.code] : undefined
      if (reason) this.#close(connection, POLICY_VIOLATION, reason)
      else
        this.#services.log.warn({ err: error, user: connection.caller.user.id }, 'could not check a stream')
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

function openServer(kind: SocketStream['kind']): WebSocketServer {
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

function closed(socket: Line): Promise<void> {
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
