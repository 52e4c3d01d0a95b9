import { Agent, type AgentOptions } from 'node:http'
import { connect } from 'node:net'
import type { SocketConfig } from '../../whatsapp/library/engine.ts'

/** Undici, the engine of `fetch`, keeps its default dispatcher under this symbol. */
const GLOBAL_DISPATCHER = Symbol.for('undici.globalDispatcher.1')

/** What undici asks of a dispatcher, reduced to what is needed to redirect requests. */
interface Dispatcher {
  dispatch(options: { origin?: string | URL }, handler: unknown): boolean
}

/**
 * Socket options with which a client reaches the sandbox at `wsUrl`, media included: uploads through an agent and
 * downloads through a dispatcher that take every host to be the sandbox, without TLS.
 */
export function clientOptions(
  wsUrl: string,
): Pick<SocketConfig, 'waWebSocketUrl' | 'fetchAgent' | 'options'> {
  const { hostname, port } = new URL(wsUrl)
  return {
    waWebSocketUrl: wsUrl,
    // The type names the HTTPS agent; `https.request` only looks at the agent's protocol.
    fetchAgent: new PlainAgent(hostname, Number(port)) as unknown as SocketConfig['fetchAgent'],
    // The type asks for undici's whole Dispatcher class; `fetch` only calls `dispatch`.
    options: { dispatcher: redirectTo(`http://${hostname}:${port}`) } as unknown as SocketConfig['options'],
  }
}

/** An agent that `https.request` accepts and that opens unencrypted connections to one place. */
class PlainAgent extends Agent {
  // `https.request` compares it with the scheme of the request.
  readonly protocol = 'https:'
  readonly #host: string
  readonly #port: number

  constructor(host: string, port: number, options: AgentOptions = {}) {
    super(options)
    this.#host = host
    this.#port = port
  }

  override createConnection() {
    return connect(this.#port, this.#host)
  }
}

function redirectTo(origin: string): Dispatcher {
  return {
    dispatch(options, handler) {
      // `fetch` loads undici, which sets the symbol, before it calls any dispatcher.
      const real = (globalThis as Record<symbol, unknown>)[GLOBAL_DISPATCHER] as Dispatcher
      return real.dispatch({ ...options, origin }, handler)
    },
  }
}
