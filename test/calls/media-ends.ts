import type { CallMedia, CallMediaEvent } from '../../src/calls/call-media.ts'
import { CallEngine, type CallOptions } from '../../src/calls/engine.ts'
import { createFfmpeg } from '../../src/media/convert/ffmpeg.ts'
import { type CallRelay, type CallRelayOptions, startCallRelay } from '../../src/sandbox/calls/call-relay.ts'
import { A, B, callId, callKey } from './call-values.ts'
import { quiet, relaysFor } from './ends.ts'

/** One end of a call, and what its media told. */
export interface MediaEnd {
  media: CallMedia
  events: CallMediaEvent[]
}

/** Two ends of one call and what is between them. */
export interface Call {
  relay: CallRelay
  engine: CallEngine
  a: MediaEnd
  b: MediaEnd
  /** Opens one more end; `jid` is its own. */
  open(jid: string, peerJid: string, options?: Partial<CallOptions>): Promise<MediaEnd>
  stop(): Promise<void>
}

export interface CallSettings {
  relay?: CallRelayOptions
  a?: Partial<CallOptions>
  b?: Partial<CallOptions>
  /** Without it both ends begin at once. */
  startsLater?: boolean
}

/** Connects two ends and waits until both have a place at every relay. */
export async function startCall(settings: CallSettings = {}): Promise<Call> {
  const relay = await startCallRelay(settings.relay)
  const engine = new CallEngine({
    ffmpeg: createFfmpeg('ffmpeg'),
    network: { publicAddress: '127.0.0.1' },
    log: quiet,
  })
  const open: Call['open'] = async (jid, peerJid, options) => {
    const grants = relay.open(callId, [jid])
    const events: CallMediaEvent[] = []
    const media = await engine.openCallMedia({
      callId,
      callKey,
      ownJid: jid,
      peerJid,
      relays: relaysFor(relay, grants, jid),
      relayKey: grants.key,
      onEvent: (event) => events.push(event),
      ...options,
    })
    return { media, events }
  }
  const call: Call = {
    relay,
    engine,
    a: await open(A, B, settings.a),
    b: await open(B, A, settings.b),
    open,
    async stop() {
      await engine.stop()
      await relay.stop()
    },
  }
  for (const end of [call.a, call.b]) {
    await hasPlaces(end)
    if (!settings.startsLater) end.media.start()
  }
  return call
}

async function hasPlaces({ media }: MediaEnd): Promise<void> {
  const until = performance.now() + 20_000
  while (media.stats.relays.some(({ state }) => state.name !== 'allocated')) {
    if (performance.now() > until) throw new Error('no place at the relays')
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
}
