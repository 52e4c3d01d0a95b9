import { request as httpRequest, type IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import { introduction, outcomeOf } from '../../cluster/internal.ts'
import { type Destination, endToEnd, limitConnecting, originalUrl, type Passed } from './proxy-request.ts'

/** The connection of a client that asks for a stream. */
interface Caller {
  socket: Duplex
  /** What it has sent beyond its request. */
  head: Buffer
}

/** Has another node answer a request for a stream, and connects the two for as long as both stay. */
export function proxyUpgrade(
  request: IncomingMessage,
  { socket, head }: Caller,
  { address, secret, client }: Omit<Destination, 'isThere'>,
): Promise<Passed> {
  return new Promise((resolve) => {
    const outgoing = httpRequest(address, {
      method: request.method,
      path: originalUrl(request),
      headers: [
        ...endToEnd(request.rawHeaders, request.headers.connection),
        ...introduction(secret, { client, id: String(request.id ?? '') }),
        ...['Connection', 'Upgrade', 'Upgrade', request.headers.upgrade ?? ''],
      ],
    })
    const clientGone = () => outgoing.destroy()
    const settle = (passed: Passed) => {
      socket.off('close', clientGone)
      resolve(passed)
    }
    socket.once('close', clientGone)
    limitConnecting(outgoing)

    outgoing.once('upgrade', (answer, far, farHead) => {
      socket.write(headOf(answer))
      socket.write(farHead)
      far.write(head)
      join(socket, far)
      settle('answered')
    })
    outgoing.once('response', (answer) => {
      const outcome = outcomeOf(answer) ?? 'answered'
      if (outcome === 'answered') {
        socket.write(headOf(answer))
        answer.pipe(socket)
      } else answer.resume()
      settle(outcome)
    })
    outgoing.on('error', () => settle(socket.destroyed ? 'answered' : 'unreachable'))
    outgoing.end()
  })
}

/** The beginning of an answer as it came, except what the nodes say to each other. */
function headOf(answer: IncomingMessage): string {
  const lines = [`HTTP/1.1 ${answer.statusCode} ${answer.statusMessage}`]
  const isStream = answer.statusCode === 101
  const raw = isStream ? endToEnd(answer.rawHeaders) : endToEnd(answer.rawHeaders, answer.headers.connection)
  for (let at = 0; at < raw.length; at += 2) lines.push(`${raw[at]}: ${raw[at + 1]}`)
  lines.push(isStream ? 'Connection: Upgrade' : 'Connection: close')
  return `${lines.join('\r\n')}\r\n\r\n`
}

function join(near: Duplex, far: Duplex): void {
  for (const [one, other] of [
    [near, far],
    [far, near],
  ] as const) {
    // Streams may be silent for hours; both ends have their own ways to find out whether the other is still there.
    if ('setTimeout' in one && typeof one.setTimeout === 'function') one.setTimeout(0)
    one.on('error', () => other.destroy())
    one.once('close', () => other.destroy())
    one.pipe(other)
  }
}
