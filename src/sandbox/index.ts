/**
 * A simulated WhatsApp that the real client connects to: Noise handshake, linking, relay of ciphertext, groups, media.
 * It is a blind relay; contacts (`peer.ts`) are Signal endpoints of their own. What it answers, what it refuses and how it
 * is scripted is in docs/sandbox.md.
 */
import type { ControlOptions } from './control/route.ts'
import { Peer } from './peer/peer.ts'
import { openDoorway } from './server/doorway.ts'
import { DEFAULT_HOST, WhatsAppServer } from './server/server.ts'
import { Network, type PhoneFactory } from './world/network.ts'

export { handleControl, readControlBody, refuseControl } from './control/control.ts'
export { ControlError } from './control/route.ts'
// The rest of the program loads this folder as a whole and through this file alone.
export { clientOptions } from './server/client-options.ts'

/** Where to listen (default: a free port of this machine alone), and what the control plane may know. */
export interface SandboxOptions {
  host?: string
  port?: number
  control?: ControlOptions
  /** Makes the phones; by default contacts that decrypt, answer and can be scripted. */
  makePhone?: PhoneFactory
}

/** A running simulated WhatsApp. */
export interface Sandbox {
  /** `ws://…/ws/chat`, for `clientOptions`. */
  readonly url: string
  /** `http://…` of the control plane. */
  readonly controlUrl: string
  /** Public root key of the certificates it shows, for `WA_CERT_DETAILS.PUBLIC_KEY`. */
  readonly rootKey: Buffer<ArrayBuffer>
  /** The world: accounts, groups, faults. */
  readonly network: Network
  /** Connections, linking, and recent stanzas; it may be stopped and started while the world stays. */
  readonly server: WhatsAppServer
  stop(): Promise<void>
}

/** Starts an empty world behind one port: WebSocket endpoint, media host and control plane. */
export async function startSandbox(options: SandboxOptions = {}): Promise<Sandbox> {
  const makePhone = options.makePhone ?? ((account) => new Peer(network, account))
  const network: Network = new Network({ makePhone })
  const server: WhatsAppServer = new WhatsAppServer(
    network,
    openDoorway(() => sandbox, {
      host: options.host ?? DEFAULT_HOST,
      options: options.control,
      servesMedia: true,
    }),
  )
  await server.start(options)
  const sandbox: Sandbox = {
    url: server.url,
    controlUrl: server.httpUrl,
    rootKey: server.identity.rootKey,
    network,
    server,
    stop: () => server.stop(),
  }
  return sandbox
}
