/**
 * A simulated WhatsApp that the real client connects to: Noise handshake, linking, relay of ciphertext, groups, media.
 * It is a blind relay; contacts (`peer.ts`) are Signal endpoints of their own. What it answers, what it refuses and how it
 * is scripted is in docs/sandbox.md.
 */
import type { ControlOptions } from './control/route.ts'
import { Peer } from './peer/peer.ts'
import { loadState, readState, saveState } from './saved/state.ts'
import { openDoorway } from './server/doorway.ts'
import { DEFAULT_HOST, WhatsAppServer } from './server/server.ts'
import { Network, type PhoneFactory } from './world/network.ts'

export { type CallRelay, startCallRelay } from './calls/call-relay.ts'
export { handleControl, readControlBody, refuseControl } from './control/control.ts'
// The rest of the program loads this folder through this file, what a client needs excepted.
export { ControlError } from './control/route.ts'

/** Where to listen (default: a free port of this machine alone), and what the control plane may know. */
export interface SandboxOptions {
  host?: string
  port?: number
  control?: ControlOptions
  /** Makes the phones; by default contacts that decrypt, answer and can be scripted. */
  makePhone?: PhoneFactory
  /** What `save` gave once, as JSON: the sandbox goes on from there. */
  state?: unknown
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
  /** Everything in it at one moment, as plain JSON. */
  save(): Promise<object>
  stop(): Promise<void>
}

/**
 * Starts a world behind one port: WebSocket endpoint, media host and control plane. It is empty unless it goes on from a
 * saved state.
 * @throws Error when that is none.
 */
export async function startSandbox(options: SandboxOptions = {}): Promise<Sandbox> {
  const makePhone: PhoneFactory = options.makePhone ?? ((account, saved) => new Peer(network, account, saved))
  const network: Network = new Network({ makePhone })
  const state = options.state === undefined ? undefined : readState(options.state)
  if (state) loadState(network, state)
  const server: WhatsAppServer = new WhatsAppServer(
    network,
    openDoorway(() => sandbox, {
      host: options.host ?? DEFAULT_HOST,
      options: options.control,
      servesMedia: true,
    }),
    state?.service,
  )
  await server.start(options)
  const sandbox: Sandbox = {
    url: server.url,
    controlUrl: server.httpUrl,
    rootKey: server.identity.rootKey,
    network,
    server,
    save: () => saveState(sandbox),
    async stop() {
      await server.stop()
      await network.calls.stop()
    },
  }
  return sandbox
}
