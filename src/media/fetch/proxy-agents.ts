import * as http from 'node:http'
import * as https from 'node:https'
import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { connect as connectTls } from 'node:tls'
import { BoundedCache } from '../../lib/flow/bounded-cache.ts'
import type { Networks } from './address-rules.ts'
import { type Agents, openAgents } from './safe-fetch.ts'
import {
  connectToProxy,
  openTunnel,
  type ProxyServer,
  parseProxy,
  proxyAuthorization,
  type TunnelTarget,
} from './tunnel.ts'

/** How an agent asks for a connection. The library types name the options of one kind of connection only. */
interface ConnectionOptions {
  host?: string | null
  port?: number | string | null
}
type Done = (error: Error | null, socket: Duplex) => void

// Idle connections to proxies: users are many, and most of them call the same receiver again within moments.
const MAX_PROXIES = 200

/** Opens the connections of requests that go through a proxy. Without keep-alive each request has its own. */
function openProxyAgents(
  proxy: ProxyServer,
  options: { verifyTls?: boolean; keepAlive?: boolean } = {},
): Agents {
  const shared = { keepAlive: options.keepAlive ?? true, maxFreeSockets: 16 }
  const agents = {
    http: isForwarding(proxy) ? new ForwardingAgent(proxy, shared) : new TunnelAgent(proxy, shared),
    https: new TlsTunnelAgent(proxy, { ...shared, rejectUnauthorized: options.verifyTls ?? true }),
  }
  return {
    networks: proxy.networks,
    ...agents,
    ...(isForwarding(proxy) && { forwarding: { authorization: proxyAuthorization(proxy) } }),
    close: () => {
      agents.http.destroy()
      agents.https.destroy()
    },
  }
}

/** Direct connections, and those through each proxy in use. */
export class AgentPool {
  readonly #options: { networks: Networks; verifyTls?: boolean }
  readonly #direct: Agents
  readonly #proxied: BoundedCache<string, Agents>

  constructor(options: { networks: Networks; verifyTls?: boolean }) {
    this.#options = options
    this.#direct = openAgents(options)
    this.#proxied = new BoundedCache({ max: MAX_PROXIES, dispose: closeWhenIdle })
  }

  /** The connections through a proxy, '' for direct ones. Throws FetchError for a proxy that cannot be used. */
  through(proxyUrl: string): Agents {
    if (proxyUrl === '') return this.#direct
    let agents = this.#proxied.get(proxyUrl)
    if (!agents) {
      agents = openProxyAgents(parseProxy(proxyUrl, this.#options.networks), this.#options)
      this.#proxied.set(proxyUrl, agents)
    }
    return agents
  }

  /** Ends all connections. */
  close(): void {
    this.#direct.close()
    for (const agents of this.#proxied.values()) agents.close()
    this.#proxied.clear()
  }
}

/** Connections to the other end of a tunnel, not encrypted; with `instead` always to that one. */
export class TunnelAgent extends http.Agent {
  readonly #proxy: ProxyServer
  readonly #instead: TunnelTarget | undefined

  constructor(proxy: ProxyServer, options: http.AgentOptions & { instead?: TunnelTarget } = {}) {
    super(options)
    this.#proxy = proxy
    this.#instead = options.instead
  }

  override createConnection(options: ConnectionOptions, done?: Done): undefined {
    deliver(openTunnel(this.#proxy, this.#instead ?? target(options)), done)
  }
}

/** The same, encrypted from end to end. */
export class TlsTunnelAgent extends https.Agent {
  readonly #proxy: ProxyServer

  constructor(proxy: ProxyServer, options: https.AgentOptions = {}) {
    super(options)
    this.#proxy = proxy
  }

  override createConnection(options: ConnectionOptions, done?: Done): undefined {
    const encrypted = openTunnel(this.#proxy, target(options)).then((socket) =>
      // `servername` and the rest are already in the options; host and port are the tunnel's now.
      connectTls({ ...options, host: undefined, port: undefined, socket }),
    )
    deliver(encrypted, done)
  }
}

/** Connections to the proxy itself, which reads what it is to pass on. */
class ForwardingAgent extends http.Agent {
  readonly #proxy: ProxyServer

  constructor(proxy: ProxyServer, options: http.AgentOptions) {
    super(options)
    this.#proxy = proxy
  }

  override createConnection(): Socket {
    return connectToProxy(this.#proxy)
  }
}

// HTTP proxies commonly refuse tunnels to anything but port 443, so plain requests are given to them to forward.
function isForwarding({ url }: ProxyServer): boolean {
  return url.protocol === 'http:' || url.protocol === 'https:'
}

function closeWhenIdle(agents: Agents): void {
  // Requests in flight keep their connection; only what is idle is closed, and nothing new is opened.
  for (const agent of [agents.http, agents.https]) {
    for (const sockets of Object.values(agent.freeSockets))
      for (const socket of sockets ?? []) socket.destroy()
  }
}

function target({ host, port }: ConnectionOptions): TunnelTarget {
  return { host: host ?? 'localhost', port: Number(port) }
}

function deliver(connection: Promise<Duplex>, done?: Done): undefined {
  // The callback's type demands a socket, which nobody looks at beside an error.
  connection.then(
    (socket) => done?.(null, socket),
    (error: Error) => done?.(error, undefined as unknown as Duplex),
  )
}
