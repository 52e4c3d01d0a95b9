import { z } from 'zod'
import type { ListedCall } from '../../../operations/calls/call-list.ts'

/** What is known of a call. */
interface CallView {
  id: string
  peer: string
  direction: string
  state: string
  reason: string
  startedAt?: number
  answeredAt?: number
  endedAt?: number
  seconds?: number
  own?: ListedCall['own']
}

const seconds = z.number().describe('Seconds')
const instant = z.string().optional().describe('RFC 3339, in UTC')

/** A call as answers and events show it. */
export const callShape = z
  .object({
    callID: z.string(),
    state: z.string().meta({ enum: ['calling', 'ringing', 'connecting', 'active', 'ended'] }),
    direction: z.string().meta({ enum: ['incoming', 'outgoing'] }),
    peer: z.string().describe('JID of the other side'),
    reason: z.string().optional().describe('Why it ended, where that is known'),
    // Calls that this server takes part in, or did in the last ten minutes.
    startedAt: instant,
    answeredAt: instant,
    endedAt: instant,
    duration: seconds.optional().describe('Seconds since it was taken, until its end'),
    codec: z.string().optional().describe('opus; mlow where the other side can hear and cannot be heard'),
    muted: z.boolean().optional(),
    playing: z
      .object({
        file: z.string(),
        state: z.string().meta({ enum: ['playing', 'paused', 'finished', 'stopped'] }),
        seconds,
        totalSeconds: seconds,
      })
      .optional(),
    recording: z.object({ path: z.string().describe('Name below the folder of calls'), seconds }).optional(),
    bridge: z.boolean().optional().describe('Whether a browser takes part'),
    media: z
      .object({ sent: z.int(), received: z.int(), lost: z.int() })
      .optional()
      .describe('Packets of sound'),
  })
  .meta({ title: 'Call' })

/** A call in that shape. */
export function callFields(call: CallView): z.infer<typeof callShape> {
  const { id, peer, direction, state, reason } = call
  return {
    callID: id,
    state,
    direction,
    peer,
    ...(reason !== '' && { reason }),
    ...(call.own && ownFields(call)),
  }
}

function ownFields({ startedAt, answeredAt, endedAt, seconds, own }: CallView) {
  const sound = own?.sound
  return {
    ...(startedAt !== undefined && { startedAt: instantOf(startedAt) }),
    ...(answeredAt !== undefined && { answeredAt: instantOf(answeredAt), duration: seconds }),
    ...(endedAt !== undefined && { endedAt: instantOf(endedAt) }),
    ...(sound && {
      codec: sound.codec,
      muted: sound.isMuted,
      ...(sound.playing && { playing: sound.playing }),
      ...(sound.recording && { recording: sound.recording }),
      bridge: sound.hasBrowser,
      media: { sent: sound.sent, received: sound.received, lost: sound.lost },
    }),
  }
}

function instantOf(unixMs: number): string {
  return new Date(unixMs).toISOString()
}
