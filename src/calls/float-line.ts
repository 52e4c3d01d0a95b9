import { SAMPLE_RATE } from './codec.ts'
import type { CallListener } from './listeners.ts'
import { FRAME_SAMPLES } from './rtp.ts'
import { clampSample } from './samples.ts'

/**
 * A program that talks and listens in a call by messages of samples: their number as 32 bits, then as many floats of 32 bits
 * from -1 to 1, all with the lowest byte first; one channel, 16 000 samples per second.
 */
export interface FloatLine extends CallListener {
  /** Takes a message of the program; tells why it cannot. */
  hear(message: Buffer): LineFault | undefined
  close(): void
}

/** How a program does not keep to how a line is used. */
export interface LineFault {
  code: 'unacceptable' | 'too-much'
  reason: string
}

/** Seconds of speech that a program may be ahead: those that make speech from text send it faster than it is said. */
const MAX_WAITING_SECONDS = 60
/** Samples that wait before the first is said, so that messages that come late leave no holes. */
const START_SAMPLES = 2 * FRAME_SAMPLES
/** Frames after which is said what there is, though it is less. */
const START_PATIENCE = 2
/** Messages that may come at once, and those that may come per second from then on: there are programs that send 10 ms. */
const MAX_BURST = 6_000
const MESSAGES_PER_SECOND = 500
const MALFORMED: LineFault = {
  code: 'unacceptable',
  reason: 'a message is a number of samples and as many floats',
}
const COUNT_BYTES = 4
const SAMPLE_BYTES = 4
const SCALE = 32_767

export interface FloatLineOptions {
  /** Takes a message for the program. */
  send: (message: Buffer) => void
  /** The call lets the program go: it is over, or another one has taken its place. */
  onClosed: () => void
  /** Whether the other side hears already: what is said before is not kept, as on any phone. */
  isHeard?: () => boolean
  now?: () => number
}

/** Opens the end of a line that belongs to the call. */
export function openFloatLine({
  send,
  onClosed,
  isHeard = () => true,
  now = () => performance.now(),
}: FloatLineOptions): FloatLine {
  const waiting: Int16Array[] = []
  let waitingSamples = 0
  let isClosed = false
  /** Whether it is in the middle of what it says. */
  let isSpeaking = false
  let patience = START_PATIENCE
  let allowed = MAX_BURST
  let countedAt = now()

  function isAllowed(): boolean {
    const at = now()
    allowed = Math.min(MAX_BURST, allowed + ((at - countedAt) * MESSAGES_PER_SECOND) / 1_000)
    countedAt = at
    if (allowed < 1) return false
    allowed--
    return true
  }

  function take(length: number): Int16Array {
    const frame = new Int16Array(length)
    for (let filled = 0; filled < length; ) {
      const [first] = waiting
      if (first === undefined) break
      const taken = first.subarray(0, length - filled)
      frame.set(taken, filled)
      filled += taken.length
      waitingSamples -= taken.length
      if (taken.length === first.length) waiting.shift()
      else waiting[0] = first.subarray(taken.length)
    }
    return frame
  }

  return {
    hear(message) {
      if (isClosed) return undefined
      if (!isAllowed()) return { code: 'too-much', reason: 'too many messages' }
      const count = countOf(message)
      if (count === undefined) return MALFORMED
      if (count === 0 || !isHeard()) return undefined
      if (waitingSamples + count > MAX_WAITING_SECONDS * SAMPLE_RATE)
        return { code: 'too-much', reason: `more than ${MAX_WAITING_SECONDS} seconds wait to be said` }
      waiting.push(readFloats(message))
      waitingSamples += count
      return undefined
    },
    nextFrame() {
      if (waitingSamples === 0) {
        isSpeaking = false
        return undefined
      }
      if (!isSpeaking && waitingSamples < START_SAMPLES && patience-- > 0) return undefined
      patience = START_PATIENCE
      // Less than a frame is the end of a sentence, which silence completes.
      isSpeaking = waitingSamples >= FRAME_SAMPLES
      return take(FRAME_SAMPLES)
    },
    push(frame) {
      if (!isClosed) send(writeFloats(frame))
    },
    close() {
      if (isClosed) return
      isClosed = true
      onClosed()
    },
  }
}

/** A message of samples. */
export function writeFloats(samples: Int16Array): Buffer {
  const message = Buffer.alloc(COUNT_BYTES + samples.length * SAMPLE_BYTES)
  message.writeUInt32LE(samples.length, 0)
  samples.forEach((sample, at) => {
    message.writeFloatLE(Math.max(-1, sample / SCALE), COUNT_BYTES + at * SAMPLE_BYTES)
  })
  return message
}

/** How many samples a message has; undefined for what is no such message. */
function countOf(message: Buffer): number | undefined {
  if (message.length < COUNT_BYTES) return undefined
  const count = message.readUInt32LE(0)
  return message.length === COUNT_BYTES + count * SAMPLE_BYTES ? count : undefined
}

/** The samples of a message; what is louder than possible is as loud as possible, and what is no number is silent. */
export function readFloats(message: Buffer): Int16Array {
  const samples = new Int16Array((message.length - COUNT_BYTES) / SAMPLE_BYTES)
  for (let at = 0; at < samples.length; at++) {
    const value = message.readFloatLE(COUNT_BYTES + at * SAMPLE_BYTES)
    samples[at] = Number.isNaN(value) ? 0 : clampSample(Math.max(-1, Math.min(1, value)) * SCALE)
  }
  return samples
}
