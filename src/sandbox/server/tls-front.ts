import { type AddressInfo, connect } from 'node:net'
import { createServer, type TLSSocket } from 'node:tls'
import type { Certificate } from './self-signed.ts'

/** A running TLS front. */
export interface TlsFront {
  port: number
  stop(): Promise<void>
}

/** Takes TLS connections on one port and passes their content to a plain port of this machine. */
export async function startTlsFront(options: {
  host: string
  port: number
  certificate: Certificate
  target: { host: string; port: number }
}): Promise<TlsFront> {
  const open = new Set<TLSSocket>()
  const server = createServer(options.certificate, (outer) => {
    const inner = connect(options.target.port, options.target.host)
    const close = () => {
      open.delete(outer)
      outer.destroy()
      inner.destroy()
    }
    open.add(outer)
    outer.on('error', close).on('close', close)
    inner.on('error', close).on('close', close)
    outer.pipe(inner).pipe(outer)
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(options.port, options.host, resolve)
  })
  return {
    // A listening TCP server's address is always an object.
    port: (server.address() as AddressInfo).port,
    async stop() {
      for (const socket of open) socket.destroy()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
