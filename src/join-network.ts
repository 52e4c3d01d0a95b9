import type { Config } from './config.ts'
import type { Control } from './http/simulation.ts'
import { WA_CERT_DETAILS } from './whatsapp/engine.ts'
import { liveNetwork, type WhatsAppNetwork } from './whatsapp/network.ts'

export interface JoinedNetwork {
  network: WhatsAppNetwork
  /** The control plane of a simulated network inside this process. */
  control?: Control
  /** Ends a simulated network inside this process. */
  stop(): Promise<void>
}

/** The QR texts that wait for a phone, for "scan for me". */
export interface WaitingCodes {
  /** The code of the session that has been waiting longest. */
  longest(): string | undefined
  /** The code of the user with this token. */
  ofToken(token: string): Promise<string | undefined>
}

/** Reaches the network the configuration names; a simulated one is started, or asked for its root key. */
export async function joinNetwork(
  setting: Config['whatsappNetwork'],
  codes: WaitingCodes,
): Promise<JoinedNetwork> {
  const stop = async () => {}
  if (setting === 'live') return { network: liveNetwork, stop }

  // Loaded only here: a server on the real network never loads the simulated one.
  const { clientOptions, handleControl, startSandbox } = await import('./sandbox/index.ts')
  if (setting !== 'sandbox') {
    trust(await fetchRootKey(setting))
    return { network: simulated(setting, clientOptions(setting)), stop }
  }
  const sandbox = await startSandbox({ control: { waitingQr: () => codes.longest() } })
  trust(sandbox.rootKey)
  return {
    network: simulated(sandbox.url, clientOptions(sandbox.url)),
    control: async (request, response) => {
      const { token } = request.headers
      // Whoever says which user they are means that user's code: neither an older one, nor a guess when there is none.
      const qr = typeof token === 'string' ? ((await codes.ofToken(token)) ?? '') : codes.longest()
      return handleControl(sandbox, request, response, { waitingQr: () => qr })
    },
    stop: () => sandbox.stop(),
  }
}

function simulated(wsUrl: string, socketOptions: WhatsAppNetwork['socketOptions']): WhatsAppNetwork {
  const { hostname, port } = new URL(wsUrl)
  return { simulated: true, socketOptions, mediaHost: { host: hostname, port: Number(port) } }
}

async function fetchRootKey(wsUrl: string): Promise<Uint8Array> {
  const url = new URL('/root-key', wsUrl.replace(/^ws/, 'http'))
  const response = await fetch(url, { signal: AbortSignal.timeout(10_000) }).catch((cause: unknown) => {
    throw new Error(
      `no sandbox answers at ${wsUrl}; start one with "npm run sandbox -- --port ${url.port}"`,
      {
        cause,
      },
    )
  })
  if (!response.ok) throw new Error(`the sandbox at ${wsUrl} answered ${response.status} for its root key`)
  return new Uint8Array(await response.arrayBuffer())
}

// The library verifies the server's certificate against this exported object: one root for the whole process.
function trust(rootKey: Uint8Array): void {
  WA_CERT_DETAILS.PUBLIC_KEY = Buffer.from(rootKey)
}
