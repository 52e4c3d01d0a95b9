import type { IncomingMessage } from 'node:http'
import { type Config, ConfigError } from '../config/config.ts'
import type { Control } from '../http/server/simulation.ts'
import { requestTarget } from '../lib/text/request-target.ts'
import { WA_CERT_DETAILS } from '../whatsapp/library/engine.ts'
import { liveNetwork, type WhatsAppNetwork } from '../whatsapp/library/network.ts'

export interface JoinedNetwork {
  network: WhatsAppNetwork
  /** The control plane of a simulated network inside this process. */
  control?: Control
  /** Ends a simulated network inside this process. */
  stop(): Promise<void>
}

/** The QR texts that wait for a phone, for "scan for me". */
export interface PendingQrCodes {
  /** The code of the session that has been waiting longest. */
  longest(): string | undefined
  /** The code of the user with this token. */
  ofToken(token: string): Promise<string | undefined>
}

/** Some answers wait until a phone has done what it was told. */
const CONTROL_TIMEOUT_MS = 60_000

/** Reaches the network the configuration names; a simulated one is started, or asked for its root key. */
export async function joinNetwork(
  setting: Config['whatsappNetwork'],
  codes: PendingQrCodes,
): Promise<JoinedNetwork> {
  const stop = async () => {}
  if (setting === 'live') return { network: liveNetwork, stop }

  // Loaded only here: a server on the real network never loads the simulated one.
  const { clientOptions } = await import('../sandbox/server/client-options.ts')
  if (setting !== 'sandbox') {
    trust(await fetchRootKey(setting))
    const control = remoteControl(setting, codes)
    return { network: simulated(setting, clientOptions(setting)), control, stop }
  }
  const { handleControl, startSandbox } = await loadSandbox()
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

/**
 * Runs the simulated network that several processes are to share, if there is to be one inside this installation;
 * `address` is the setting for them.
 */
export async function hostNetwork(
  setting: Config['whatsappNetwork'],
): Promise<{ address: string; stop(): Promise<void> }> {
  if (setting !== 'sandbox') return { address: setting, stop: async () => {} }
  const { startSandbox } = await loadSandbox()
  const sandbox = await startSandbox()
  return { address: sandbox.url, stop: () => sandbox.stop() }
}

/** The control plane of a simulated network in another process, which does not know whose code is whose. */
function remoteControl(wsUrl: string, codes: PendingQrCodes): Control {
  const origin = new URL('/', wsUrl.replace(/^ws/, 'http'))

  async function ask(request: IncomingMessage, sandbox: Sandbox): Promise<Response> {
    // Only the path is the caller's to choose.
    const url = new URL(origin)
    Object.assign(url, pathOf(request))
    const { token } = request.headers
    const given = request.method === 'POST' ? await sandbox.readControlBody(request) : undefined
    const body =
      url.pathname === '/sandbox/scan' && typeof token === 'string' ? await named(given, token) : given
    const signal = AbortSignal.timeout(CONTROL_TIMEOUT_MS)
    return fetch(url, { method: request.method, body, signal }).catch((cause: unknown) => {
      throw new sandbox.ControlError(502, `the sandbox at ${origin.host} does not answer`, { cause })
    })
  }

  return async (request, response) => {
    const sandbox = await loadSandbox()
    try {
      const answer = await ask(request, sandbox)
      const body = Buffer.from(await answer.arrayBuffer())
      response.writeHead(answer.status, {
        'content-type': answer.headers.get('content-type') ?? 'text/plain',
      })
      response.end(body)
    } catch (error) {
      sandbox.refuseControl(response, error)
    }
    return true
  }

  // As with the network inside: no code is better than somebody else's.
  async function named(given = '', token: string): Promise<string> {
    try {
      return JSON.stringify({ qr: (await codes.ofToken(token)) ?? '', ...JSON.parse(given || '{}') })
    } catch (error) {
      if (error instanceof SyntaxError) return given
      throw error
    }
  }
}

type Sandbox = typeof import('../sandbox/index.ts')

/** The simulated network as a whole: a server that shares one with others needs it for its control plane alone. */
function loadSandbox(): Promise<Sandbox> {
  return import('../sandbox/index.ts')
}

function pathOf(request: IncomingMessage): { pathname: string; search: string } {
  const { pathname, search } = requestTarget(request) ?? { pathname: '/', search: '' }
  return { pathname, search }
}

function simulated(wsUrl: string, socketOptions: WhatsAppNetwork['socketOptions']): WhatsAppNetwork {
  const { hostname, port } = new URL(wsUrl)
  return { simulated: true, socketOptions, mediaHost: { host: hostname, port: Number(port) } }
}

async function fetchRootKey(wsUrl: string): Promise<Uint8Array> {
  const url = new URL('/root-key', wsUrl.replace(/^ws/, 'http'))
  const response = await fetch(url, { signal: AbortSignal.timeout(10_000) }).catch((cause: unknown) => {
    throw new ConfigError(
      `no sandbox answers at ${wsUrl}; start one with "npm run sandbox -- --port ${url.port}"`,
      { cause },
    )
  })
  if (!response.ok) throw new Error(`the sandbox at ${wsUrl} answered ${response.status} for its root key`)
  return new Uint8Array(await response.arrayBuffer())
}

// The library verifies the server's certificate against this exported object: one root for the whole process.
function trust(rootKey: Uint8Array): void {
  WA_CERT_DETAILS.PUBLIC_KEY = Buffer.from(rootKey)
}
