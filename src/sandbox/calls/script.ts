import { z } from 'zod'
import { samplesOfWav } from './heard.ts'
import type { Speech } from './phone-media.ts'

/** A day; a timer holds no more than 24. */
const MAX_MS = 86_400_000

const speech = z.union([
  z.literal('silence'),
  z.object({ tone: z.number().min(50).max(7_000) }),
  /** A WAV file in base64: one channel, 16 bits, 16 000 samples a second. */
  z.object({ wav: z.string() }),
])

/** What a phone does with calls. */
export const callScript = z.object({
  /** When it is called. */
  onOffer: z.enum(['ring', 'answer', 'reject', 'busy', 'ignore']).default('ring'),
  /** How long it rings before that. */
  afterMs: z.number().min(0).max(MAX_MS).default(0),
  /** When it hangs up after the call was taken; never without it. */
  hangUpAfterMs: z.number().min(0).max(MAX_MS).optional(),
  say: speech.default('silence'),
  /** `mlow`: speaks MLow, and takes what it hears for it, whatever the other end asked for. */
  codec: z.enum(['opus', 'mlow']).default('opus'),
  muted: z.boolean().default(false),
  /** As a caller: does not say that its media is up, as some do. */
  saysReady: z.boolean().default(true),
})

export type CallScript = z.output<typeof callScript>

/** What a phone is told to say. */
export const speechShape = speech

/** @throws Error for a file it cannot say. */
export function speechOf(said: z.output<typeof speech>): Speech {
  if (said === 'silence') return { kind: 'silence' }
  if ('tone' in said) return { kind: 'tone', hz: said.tone }
  return { kind: 'samples', samples: samplesOfWav(Buffer.from(said.wav, 'base64')) }
}
