import { createHash } from 'node:crypto'
import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'
import type { DtlsClient, Transport as DtlsTransport } from 'werift'
import type { SCTP, Transport as SctpTransport } from 'werift-sctp'
import { dropMalformed, SENT_ONCE } from '../lib/flow/sctp.ts'

/**
 * The way to one relay: messages of one SCTP stream, inside DTLS, inside UDP. There is neither ICE nor SDP, and the
 * channel is agreed upon beforehand. Nothing is ever sent again, as what comes late is of no use.
 */
export interface RelayChannel {
  /** SHA-256 of the certificate the relay showed, as SDP writes it; '' when it showed none. */
  readonly fingerprint: string
  /** Sends one message; false when it was dropped, because too many wait already or the relay has gone. */
  send(message: Buffer): boolean
  close(): void
}

export interface ChannelOptions {
  address: string
  port: number
  certificate: ChannelCertificate
  /** Gives the attempt up. */
  signal: AbortSignal
  onMessage: (message: Buffer) => void
  /** The relay has closed the association; not called for `close`. */
  onClosed: () => void
}

/** A certificate that is made for one call; nobody compares it with anything. */
export interface ChannelCertificate {
  certPem: string
  keyPem: string
  signatureHash: { hash: 4; signature: 3 }
}

/** What WhatsApp Web's own channel has: SCTP ports, stream, and the payload type of binary messages (RFC 8831 §8). */
const SCTP_PORT = 5000
const STREAM = 0
const BINARY = 53
/** Messages may wait for the relay to confirm others, about a second of a call; more would be heard too late. */
const MAX_WAITING = 32
const MAX_DATAGRAM_BYTES = 2048
/** Beyond any step of a handshake: one that is still waiting for its answer stops. */
const AFTER_LAST_FLIGHT = 99

/** ECDSA on P-256 with SHA-256, the pair of numbers of RFC 5246 §7.4.1.4.1. */
const SIGNATURE = { hash: 4, signature: 3 } as const

/** Makes a certificate for the channels of one call. */
export async function newChannelCertificate(): Promise<ChannelCertificate> {
  const { CipherContext } = await import('werift')
  const made = await CipherContext.createSelfSignedCertificateWithKey(SIGNATURE)
  return { certPem: made.certPem, keyPem: made.keyPem, signatureHash: SIGNATURE }
}

/** Connects to a relay. Rejects when it does not answer, refuses, or the attempt is given up. */
export async function openRelayChannel(options: ChannelOptions): Promise<RelayChannel> {
  const { signal } = options
  signal.throwIfAborted()
  const closers: (() => void)[] = []
  const close = () => {
    for (const closer of closers.splice(0).reverse()) closer()
  }
  try {
    const socket = await connectSocket(options, closers)
    const dtls = await shakeHands(socket, options, closers)
    const sctp = await associate(dtls.transport, options, closers)
    return {
      fingerprint: dtls.fingerprint,
      send(message) {
        if (sctp.state !== 'connected' || sctp.outboundQueue.length >= MAX_WAITING) return false
        // It settles when the relay has room, which nobody waits for; what fails is lost, as with any network.
        void sctp.send(STREAM, BINARY, message, { ordered: false, maxRetransmits: SENT_ONCE }).catch(() => {})
        return true
      },
      close,
    }
  } catch (error) {
    close()
    throw error
  }
}

/** A socket that hears its relay and nobody else. */
async function connectSocket({ address, port, signal }: ChannelOptions, closers: (() => void)[]) {
  const socket = createSocket('udp4')
  let isClosed = false
  closers.push(() => {
    isClosed = true
    socket.close()
  })
  // Of a port where nobody listens, some networks say so. Whether the relay is there, its answers tell.
  socket.on('error', () => {})
  socket.connect(port, address)
  await once(socket, 'connect', { signal })
  return { socket, isClosed: () => isClosed }
}

interface ConnectedSocket {
  socket: Socket
  isClosed: () => boolean
}

async function shakeHands(
  { socket, isClosed }: ConnectedSocket,
  { certificate, signal }: ChannelOptions,
  closers: (() => void)[],
): Promise<{ transport: SctpTransport; fingerprint: string }> {
  const { DtlsClient: Client } = await import('werift')
  const transport: DtlsTransport = {
    type: 'udp',
    address: socket.address(),
    get closed() {
      return isClosed()
    },
    onData: () => {},
    send: async (datagram) => {
      if (!isClosed()) socket.send(datagram)
    },
    close: async () => {},
  }
  const dtls = new Client({
    transport,
    cert: certificate.certPem,
    key: certificate.keyPem,
    signatureHash: certificate.signatureHash,
    extendedMasterSecret: true,
  })
  socket.on('message', (datagram) => {
    if (datagram.length > MAX_DATAGRAM_BYTES) return
    try {
      transport.onData(datagram, ['', 0])
    } catch {
      // What cannot be read is dropped, as DTLS has it.
    }
  })
  closers.push(() => {
    transport.onData = () => {}
    dtls.onData.allUnsubscribe()
    dtls.dtls.flight = AFTER_LAST_FLIGHT
  })
  await new Promise<void>((resolve, reject) => {
    const onAbort = () => reject(signal.reason)
    signal.addEventListener('abort', onAbort, { once: true })
    socket.once('error', reject)
    dtls.onConnect.once(() => {
      settleHandshake(dtls)
      resolve()
    })
    dtls.onError.once(reject)
    // Before the connection stands the relay refuses so. Later anybody could say it.
    dtls.onClose.once(() => reject(new Error('the relay refuses the connection')))
    dtls.connect().catch(reject)
  })
  const upper: SctpTransport = { send: (packet) => dtls.send(packet), close: () => {} }
  dtls.onData.subscribe((packet) => upper.onData?.(packet))
  const shown = dtls.remoteCertificate
  return { transport: upper, fingerprint: shown === undefined ? '' : fingerprintOf(shown) }
}

/** As in SDP: pairs of digits, with colons between them (RFC 8122 §5). */
function fingerprintOf(certificate: Buffer): string {
  const digest = createHash('sha256').update(certificate).digest('hex').toUpperCase()
  return digest.replace(/..(?!$)/g, '$&:')
}

/**
 * Ends a handshake that has succeeded. When some of the relay's answers were lost and came again, the library still waits
 * for the first ones, and would begin the last step anew with other keys a moment after the connection stands.
 */
function settleHandshake(dtls: DtlsClient): void {
  dtls.onHandleHandshakes = async () => {}
  // The type hides the step, which is there as long as anything waits for it.
  const { flight5 } = dtls as unknown as { flight5?: { exec(): Promise<void> } }
  if (flight5 !== undefined) flight5.exec = async () => {}
}

async function associate(
  transport: SctpTransport,
  { signal, onMessage, onClosed }: ChannelOptions,
  closers: (() => void)[],
): Promise<SCTP> {
  const { SCTP: Association } = await import('werift-sctp')
  const sctp = Association.client(transport, SCTP_PORT)
  dropMalformed(sctp)
  let isOurs = false
  closers.push(() => {
    isOurs = true
    void sctp.stop().catch(() => {})
  })
  await new Promise<void>((resolve, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true })
    sctp.stateChanged.connected.once(resolve)
    sctp.stateChanged.closed.once(() => reject(new Error('the relay closes the association')))
    sctp.start(SCTP_PORT).catch(reject)
  })
  sctp.stateChanged.closed.once(() => {
    if (!isOurs) onClosed()
  })
  sctp.onReceive.subscribe((stream, type, message) => {
    if (stream === STREAM && type === BINARY) onMessage(message)
  })
  return sctp
}
