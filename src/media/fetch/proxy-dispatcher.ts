import { connect as connectTls } from 'node:tls'
import type { Dispatcher } from 'undici'
import { openTunnel, type ProxyServer, type TunnelTarget } from './tunnel.ts'

/** What `fetch` takes to send requests through a proxy; with `instead` all of them there, and not encrypted. */
export async function openProxyDispatcher(proxy: ProxyServer, instead?: TunnelTarget): Promise<Dispatcher> {
  const { Agent } = await import('undici')
  return new Agent({
    connect: (options, done) => {
      const isTls = options.protocol === 'https:' && !instead
      const port = Number(options.port) || (options.protocol === 'https:' ? 443 : 80)
      openTunnel(proxy, instead ?? { host: options.hostname, port }).then(
        (socket) => {
          if (!isTls) return done(null, socket)
          const encrypted = connectTls({ socket, servername: options.servername ?? options.hostname })
          const onError = (error: Error) => done(error, null)
          encrypted.once('error', onError)
          encrypted.once('secureConnect', () => {
            encrypted.off('error', onError)
            done(null, encrypted)
          })
        },
        (error: Error) => done(error, null),
      )
    },
  })
}
