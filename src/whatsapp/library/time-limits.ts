import type { SocketConfig, WASocket } from './engine.ts'
import { rawSocketOf, type SendFrame } from './raw-socket.ts'

/** How long the parts of a connection may take, in milliseconds. */
export interface TimeLimits {
  /** To reach WhatsApp; then for its first word. */
  connectMs: number
  /** For the network to take a frame. */
  writeMs: number
  /** For the answer to a question. */
  queryMs: number
}

/** The library's own, with half its patience with questions. */
const TIME_LIMITS: TimeLimits = { connectMs: 20_000, writeMs: 20_000, queryMs: 30_000 }

/** What the library takes for the code of something that took too long. */
const TIMED_OUT = 408
const ANSWER = 'TAG:'

/**
 * Switches off the time limits of the library, which `limitTimes` then sets. It makes two error stacks and an error for each
 * of them, also where nothing is late: three times a message, a twentieth of all it costs.
 */
export const WITHOUT_TIME_LIMITS = {
  connectTimeoutMs: 0,
  defaultQueryTimeoutMs: undefined,
} satisfies Partial<SocketConfig>

/** Sets the time limits of a socket that was just made. */
export function limitTimes(socket: WASocket, limits = TIME_LIMITS): void {
  limitHandshake(socket, limits.connectMs)
  limitAnswers(socket, limits.queryMs)
  limitWrites(socket, limits.writeMs)
}

function limitHandshake(socket: WASocket, ms: number): void {
  const expire = () => void socket.end(timedOut('WhatsApp did not answer in time'))
  let timer = setTimeout(expire, ms).unref()
  socket.ws.once('open', () => {
    clearTimeout(timer)
    timer = setTimeout(expire, ms).unref()
    socket.ws.once('frame', () => clearTimeout(timer))
  })
  socket.ev.on('connection.update', ({ connection }) => {
    if (connection === 'close') clearTimeout(timer)
  })
}

/** An answer that does not come is an empty one, as it is to the library. */
function limitAnswers({ ws }: WASocket, ms: number): void {
  const timers = new Map<string, NodeJS.Timeout>()
  ws.on('newListener', (event: unknown) => {
    if (typeof event !== 'string' || !event.startsWith(ANSWER) || timers.has(event)) return
    timers.set(event, setTimeout(() => ws.emit(event, undefined), ms).unref())
  })
  ws.on('removeListener', (event: unknown) => {
    if (typeof event !== 'string' || !timers.has(event) || ws.listenerCount(event) > 0) return
    clearTimeout(timers.get(event))
    timers.delete(event)
  })
}

/** Ends a connection that takes no bytes any more: whoever waits for a frame to leave hears that it did not. */
function limitWrites(socket: WASocket, ms: number): void {
  const raw = rawSocketOf(socket)
  if (!raw) return
  const send: SendFrame = raw.send.bind(raw)
  let waiting = 0
  let movedAt = 0
  let isWatched = false
  let stalled: Error | undefined

  raw.send = (data, callback) => {
    if (waiting === 0) movedAt = performance.now()
    waiting += 1
    if (!isWatched) watch(ms)
    send(data, (error) => {
      waiting -= 1
      movedAt = performance.now()
      // To Node a write that was under way when its socket was destroyed has succeeded.
      callback?.(error ?? stalled)
    })
  }

  // The timer is not moved with every frame: it sees when it runs out how long nothing has moved.
  function watch(afterMs: number): void {
    isWatched = true
    setTimeout(look, afterMs).unref()
  }

  function look(): void {
    isWatched = false
    if (waiting === 0) return
    const remainingMs = ms - (performance.now() - movedAt)
    if (remainingMs > 0) watch(remainingMs)
    else {
      stalled = timedOut('the network did not take a frame in time')
      raw?.terminate()
    }
  }
}

function timedOut(message: string): Error {
  return Object.assign(new Error(message), { output: { statusCode: TIMED_OUT } })
}
