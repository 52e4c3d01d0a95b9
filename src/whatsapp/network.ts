import type { SocketConfig } from './engine.ts'

/** The WhatsApp this process talks to: the real one or a sandbox. Never both, because the trusted root is process-wide. */
export interface WhatsAppNetwork {
  simulated: boolean
  /** Socket options that differ from the library's own: address, media hosts. */
  socketOptions: Partial<SocketConfig>
}

/** The real network, with the library's own address. */
export const liveNetwork: WhatsAppNetwork = { simulated: false, socketOptions: {} }
