import type { SocketConfig } from './engine.ts'

/** Half of a QR code is a secret that never crosses the wire; a simulated phone must be able to scan without a camera. */
export const PUBLIC_ADV_SECRET = Buffer.alloc(32).toString('base64')

/** The WhatsApp this process talks to: the real one or a sandbox. Never both, because the trusted root is process-wide. */
export interface WhatsAppNetwork {
  simulated: boolean
  /** Socket options that differ from the library's own: address, media hosts. */
  socketOptions: Partial<SocketConfig>
  /** Where media really are when the network is simulated, whatever host their addresses name; not encrypted. */
  mediaHost?: { host: string; port: number }
}

/** The real network, with the library's own address. */
export const liveNetwork: WhatsAppNetwork = { simulated: false, socketOptions: {} }
