import type { SessionEvent } from '../../events/event.ts'
import type { WASocket } from './engine.ts'

/** The part of a socket that tells of its frames and of its end. */
export type Frames = { ws: Pick<WASocket['ws'], 'on'>; ev: Pick<WASocket['ev'], 'on'> }

// The library pings at most every 30 s and ends a silent connection half a minute after that; ten seconds are whatsmeow's
// patience with one ping.
const SILENCE_MS = 40_000

/**
 * Tells when a ping seems to go unanswered and when frames come again. Nothing is sent: any frame counts as an answer,
 * as it does for the library.
 */
export function watchKeepAlive(
  { ws, ev }: Frames,
  record: (event: SessionEvent) => void,
  silenceMs = SILENCE_MS,
): void {
  let lastFrame = performance.now()
  let errorCount = 0
  let timer = setTimeout(look, silenceMs).unref()

  ws.on('frame', () => {
    lastFrame = performance.now()
    if (errorCount === 0) return
    errorCount = 0
    record({ type: 'session.keepalive.restored' })
  })
  ev.on('connection.update', ({ connection }) => {
    if (connection === 'close') clearTimeout(timer)
  })

  // The timer is not moved with every frame: it sees when it runs out how long the silence really was.
  function look(): void {
    const silentMs = performance.now() - lastFrame
    const remainingMs = silenceMs - silentMs
    if (remainingMs <= 0) {
      errorCount += 1
      const lastSuccess = Math.floor((Date.now() - silentMs) / 1000)
      record({ type: 'session.keepalive.timeout', errorCount, lastSuccess })
    }
    timer = setTimeout(look, remainingMs > 0 ? remainingMs : silenceMs).unref()
  }
}
