import type { DtlsServer, Transport } from 'werift'
import type { SCTP } from 'werift-sctp'
import { dropMalformed, SENT_ONCE } from '../../lib/flow/sctp.ts'

/** One client of a relay: DTLS and SCTP as a server speaks them. */
export interface RelayClient {
  receive(datagram: Buffer): void
  send(message: Buffer): void
  close(): void
}

/** What is loaded when the first relay opens, and not before. */
export interface RelayLibraries {
  DtlsServer: typeof DtlsServer
  SCTP: typeof SCTP
  certificate: { certPem: string; keyPem: string; signatureHash: { hash: 4; signature: 3 } }
}

const SCTP_PORT = 5000
const STREAM = 0
const BINARY = 53
/** ECDSA with SHA-256. */
const SIGNATURE = { hash: 4, signature: 3 } as const
const CLIENT_HELLO = 1
/** Beyond every step of a handshake: one that still waits stops. */
const AFTER_LAST_FLIGHT = 99

export async function relayLibraries(): Promise<RelayLibraries> {
  const [werift, sctp] = await Promise.all([import('werift'), import('werift-sctp')])
  const made = await werift.CipherContext.createSelfSignedCertificateWithKey(SIGNATURE)
  const certificate = { certPem: made.certPem, keyPem: made.keyPem, signatureHash: SIGNATURE }
  return { DtlsServer: werift.DtlsServer, SCTP: sctp.SCTP, certificate }
}

/** A client that has just sent its first datagram. */
export function relayClient(
  { DtlsServer: Server, SCTP: Association, certificate }: RelayLibraries,
  { send, onMessage }: { send: (datagram: Buffer) => void; onMessage: (message: Buffer) => void },
): RelayClient {
  let isClosed = false
  const transport: Transport = {
    type: 'udp',
    address: { address: '', family: 'IPv4', port: 0 },
    closed: false,
    onData: () => {},
    send: async (datagram) => {
      if (!isClosed) send(datagram)
    },
    close: async () => {},
  }
  const dtls = new Server({
    transport,
    cert: certificate.certPem,
    key: certificate.keyPem,
    signatureHash: certificate.signatureHash,
    extendedMasterSecret: true,
  })
  dtls.onError.subscribe(() => {})
  dtls.onConnect.once(() => {
    // The library begins anew with every greeting, and one that was only late would break what stands.
    const handle = dtls.onHandleHandshakes
    dtls.onHandleHandshakes = (messages) =>
      handle(messages.filter(({ msg_type }) => msg_type !== CLIENT_HELLO))
  })
  const sctp = Association.server(
    {
      send: async (packet) => {
        if (!isClosed) await dtls.send(packet)
      },
      close: () => {},
    },
    SCTP_PORT,
  )
  dropMalformed(sctp)
  dtls.onData.subscribe((packet) => sctp.transport.onData?.(packet))
  sctp.onReceive.subscribe((stream, type, message) => {
    if (stream === STREAM && type === BINARY) onMessage(message)
  })
  void sctp.start(SCTP_PORT).catch(() => {})
  return {
    receive(datagram) {
      try {
        transport.onData(datagram, ['', 0])
      } catch {
        // As any relay drops what it cannot read.
      }
    },
    send(message) {
      if (isClosed || sctp.state !== 'connected') return
      void sctp.send(STREAM, BINARY, message, { ordered: false, maxRetransmits: SENT_ONCE }).catch(() => {})
    },
    close() {
      isClosed = true
      dtls.dtls.flight = AFTER_LAST_FLIGHT
      void sctp.stop().catch(() => {})
    },
  }
}
