import type { Attack } from './attack.ts'
import { httpServer } from './rude-servers.ts'

/** The server's broker turns out to speak HTTP: every connection is taken, and answered with something else. */
export const noBroker: Attack = {
  name: 'a broker that is none',
  async settings() {
    const listener = await httpServer((_, response) => response.writeHead(400).end())
    return { env: { RABBITMQ_URL: `amqp://guest:guest@127.0.0.1:${listener.port}` }, stop: listener.stop }
  },
  async start() {
    // The server's own events are enough.
    return async () => {}
  },
}
