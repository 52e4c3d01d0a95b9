import { createServer } from 'node:net'

// Below the ports that systems give to outgoing connections (32768 and up on Linux): one of those could take the port
// of a server that is being restarted.
const FIRST = 20_000
const LAST = 32_000
const ATTEMPTS = 50

/** A port nobody listens on at this moment, and that stays free while a server on it is restarted. */
export async function freePort(): Promise<number> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const port = FIRST + Math.floor(Math.random() * (LAST - FIRST))
    if (await isFree(port)) return port
  }
  throw new Error(`no free port between ${FIRST} and ${LAST}`)
}

function isFree(port: number): Promise<boolean> {
  const probe = createServer()
  return new Promise((resolve) => {
    probe.once('error', () => resolve(false))
    probe.listen(port, '127.0.0.1', () => probe.close(() => resolve(true)))
  })
}
