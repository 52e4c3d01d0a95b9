import type { Networks } from '../../media/fetch/address-rules.ts'
import { TlsTunnelAgent, TunnelAgent } from '../../media/fetch/proxy-agents.ts'
import { openProxyDispatcher } from '../../media/fetch/proxy-dispatcher.ts'
import { parseProxy } from '../../media/fetch/tunnel.ts'
import type { SocketConfig } from './engine.ts'
import type { WhatsAppNetwork } from './network.ts'

/**
 * The network as an account reaches it through its own proxy: the socket and both ways of media. Rejects with FetchError for
 * a proxy that cannot be used: an account with a proxy is never connected to directly.
 */
export async function throughProxy(
  network: WhatsAppNetwork,
  proxyUrl: string,
  networks: Networks,
): Promise<WhatsAppNetwork> {
  if (proxyUrl === '') return network
  const proxy = parseProxy(proxyUrl, networks)
  const { socketOptions, mediaHost } = network
  const isPlain = socketOptions.waWebSocketUrl?.toString().startsWith('ws:') ?? false
  const agent = isPlain ? new TunnelAgent(proxy) : new TlsTunnelAgent(proxy)
  const fetchAgent = mediaHost
    ? new PlainMediaAgent(proxy, { instead: mediaHost })
    : new TlsTunnelAgent(proxy)
  return {
    ...network,
    socketOptions: {
      ...socketOptions,
      // The types name the HTTPS agent; `http.request` and `https.request` look at its protocol only.
      agent: agent as SocketConfig['agent'],
      fetchAgent: fetchAgent as unknown as SocketConfig['fetchAgent'],
      // The type describes the dispatcher of Node's own copy of undici; `fetch` only calls `dispatch`.
      options: {
        ...socketOptions.options,
        dispatcher: await openProxyDispatcher(proxy, mediaHost),
      } as unknown as SocketConfig['options'],
    },
  }
}

/** An agent that `https.request` accepts and that does not encrypt. */
class PlainMediaAgent extends TunnelAgent {
  // `https.request` compares it with the scheme of the request.
  readonly protocol = 'https:'
}
