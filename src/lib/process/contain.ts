import type { Duplex } from 'node:stream'

/** The events in which a client library reads what the other end has sent. */
const READING = new Set<string | symbol>(['data', 'readable'])

/** What the other end sent made a client library fail; `cause` is the library's own error. */
export class UnreadableAnswer extends Error {
  override readonly name = 'UnreadableAnswer'

  constructor(cause: unknown) {
    super('the other end answers what its protocol does not have', { cause })
  }
}

/**
 * Makes a client library's failure to understand the other end cost the connection and not the process: what its
 * listeners throw while they read ends the socket, as any other error of a connection does. Parsers throw there when
 * what answers is not what they were written for, and no caller of theirs could catch it.
 */
export function contain<Socket extends Duplex>(socket: Socket): Socket {
  const emit = socket.emit
  socket.emit = function contained(this: Socket, event: string | symbol, ...args: unknown[]): boolean {
    if (!READING.has(event)) return Reflect.apply(emit, this, [event, ...args])
    try {
      return Reflect.apply(emit, this, [event, ...args])
    } catch (error) {
      this.destroy(new UnreadableAnswer(error))
      return true
    }
  }
  return socket
}
