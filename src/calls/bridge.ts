import { randomInt } from 'node:crypto'
import { networkInterfaces } from 'node:os'
import type { MediaStreamTrack, RTCPeerConnection } from 'werift'
import { ApiError } from '../lib/errors.ts'
import { unlessAborted } from '../lib/flow/with-timeout.ts'
import { checkOffer, withPublicAddress } from './browser-offer.ts'
import { type FrameEncoder, openEncoder } from './codec.ts'
import { IncomingAudio } from './incoming-audio.ts'
import type { CallListener } from './listeners.ts'

/** Where browsers find this server, and how it finds out. */
export interface BridgeNetwork {
  /** IPv4 address to announce where it is not one of this machine's own, or the loopback address for a browser here. */
  publicAddress?: string
  /** First and last UDP port that may be taken. */
  udpPorts?: [number, number]
  /** STUN servers: `stun:host:port`. */
  stunServers?: readonly string[]
}

/** A browser that talks and listens in the place of files. */
export interface BrowserBridge extends CallListener {
  /** The answer for the browser, with every address in it. */
  readonly answer: string
  close(): Promise<void>
}

/** Loaded with the first bridge, and not before. */
type Werift = typeof import('werift')

export interface BridgeOptions {
  /** The browser's offer. */
  sdp: string
  network: BridgeNetwork
  /** The browser is gone; not called for `close`. */
  onGone: () => void
}

/** Browsers send 20 ms at a time: 120 ms wait before the first is played. */
const START_DEPTH = 6
/** 60 ms on the clock of 48 000 that Opus always has in WebRTC (RFC 7587 §4.1). */
const TIMESTAMP_STEP = 2_880
/** The library replaces it with what was agreed upon. */
const ANY_PAYLOAD_TYPE = 96
const ANSWER_TIMEOUT_MS = 5_000
const STUN_TIMEOUT_S = 2
/** A browser that has sent nothing for so long is gone: they send even when they are silent. */
const GONE_AFTER_MS = 15_000
const WATCH_MS = 1_000

/**
 * Answers a browser's offer with a connection of its own.
 * @throws ApiError `invalid_field` for an offer that cannot be answered, `rate_limited` when no UDP port is free,
 * `upstream_timeout` when it takes too long.
 */
export async function openBrowserBridge({ sdp, network, onGone }: BridgeOptions): Promise<BrowserBridge> {
  const offer = checkOffer(sdp)
  const werift = await import('werift')
  const connection = connect(werift, network)
  const [encoder, incoming] = await Promise.all([
    openEncoder('opus'),
    IncomingAudio.open('opus', { startDepth: START_DEPTH }),
  ])
  const track = new werift.MediaStreamTrack({ kind: 'audio' })
  const parts = { connection, encoder, incoming }
  let heardAt = performance.now()
  let hasSpoken = false
  connection.onTrack.subscribe((remote) => {
    remote.onReceiveRtp.subscribe(({ header, payload }) => {
      heardAt = performance.now()
      hasSpoken = true
      if (payload.length > 0) incoming.push(header.sequenceNumber, payload)
    })
  })
  const tooLate = AbortSignal.timeout(ANSWER_TIMEOUT_MS)
  let answer: string
  try {
    answer = await unlessAborted(answerOffer(connection, { offer, track, network }), tooLate)
  } catch (cause) {
    await closeAll(parts)
    if (cause instanceof ApiError) throw cause
    if (tooLate.aborted)
      throw new ApiError('upstream_timeout', { text: 'the browser was not answered in time' }, { cause })
    throw new ApiError('invalid_field', { text: 'the session description cannot be answered' }, { cause })
  }

  let isClosed = false
  async function close(): Promise<void> {
    if (isClosed) return
    isClosed = true
    clearInterval(watch)
    await closeAll(parts)
  }
  const watch = setInterval(() => {
    const isOver = connection.connectionState === 'failed' || connection.connectionState === 'closed'
    if (!isOver && performance.now() - heardAt < GONE_AFTER_MS) return
    // What is left of it is closed in any case.
    void close().catch(() => {})
    onGone()
  }, WATCH_MS)
  const write = packetWriter(werift, track, encoder)
  return {
    answer,
    push(frame) {
      if (!isClosed && connection.connectionState === 'connected') write(frame)
    },
    nextFrame: () => (isClosed || !hasSpoken ? undefined : incoming.nextFrame()),
    close,
  }
}

function connect(
  { RTCPeerConnection: Connection, useOPUS }: Werift,
  { publicAddress, udpPorts, stunServers }: BridgeNetwork,
): RTCPeerConnection {
  return new Connection({
    codecs: { audio: [useOPUS()], video: [] },
    iceServers: (stunServers ?? []).map((urls) => ({ urls })),
    iceStunGatherTimeout: STUN_TIMEOUT_S,
    iceUseIpv4: true,
    iceUseIpv6: false,
    iceUseTcp: false,
    icePortRange: udpPorts,
    iceAdditionalHostAddresses: publicAddress && isOwn(publicAddress) ? [publicAddress] : undefined,
  })
}

async function answerOffer(
  connection: RTCPeerConnection,
  { offer, track, network }: { offer: string; track: MediaStreamTrack; network: BridgeNetwork },
): Promise<string> {
  await connection.setRemoteDescription({ type: 'offer', sdp: offer })
  const [transceiver] = connection.getTransceivers()
  if (transceiver === undefined) throw new Error('there is no audio line')
  transceiver.setDirection('sendrecv')
  await transceiver.sender.replaceTrack(track)
  await connection.setLocalDescription(await connection.createAnswer())
  const sdp = connection.localDescription?.sdp
  if (!sdp || /^m=audio 0 /m.test(sdp)) throw new Error('no codec in common')
  // It would be an answer that nobody can follow.
  if (!/^a=candidate:/m.test(sdp))
    throw new ApiError('rate_limited', { text: 'no UDP port of this server is free for another browser' })
  const { publicAddress } = network
  return publicAddress && !isOwn(publicAddress) ? withPublicAddress(sdp, publicAddress) : sdp
}

/** Whether a socket of this machine can have the address. */
function isOwn(address: string): boolean {
  const own = Object.values(networkInterfaces()).flatMap((addresses) => addresses ?? [])
  return own.some((one) => one.address === address)
}

function packetWriter(
  { RtpHeader, RtpPacket }: Werift,
  track: MediaStreamTrack,
  encoder: FrameEncoder,
): (frame: Int16Array) => void {
  let sequence = randomInt(0x10000)
  let timestamp = randomInt(2 ** 32)
  return (frame) => {
    const payload = Buffer.from(encoder.encode(frame))
    sequence = (sequence + 1) & 0xffff
    timestamp = (timestamp + TIMESTAMP_STEP) >>> 0
    const header = { sequenceNumber: sequence, timestamp, payloadType: ANY_PAYLOAD_TYPE }
    track.writeRtp(new RtpPacket(new RtpHeader(header), payload))
  }
}

async function closeAll(parts: {
  connection: RTCPeerConnection
  encoder: FrameEncoder
  incoming: IncomingAudio
}): Promise<void> {
  parts.encoder.free()
  parts.incoming.close()
  await parts.connection.close()
}
