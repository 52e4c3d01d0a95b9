import type { IncomingMessage } from 'node:http'
import type { Socket } from 'node:net'
import type { WASocket } from './engine.ts'
import { rawSocketOf, type SendFrame } from './raw-socket.ts'

/**
 * Writes frames that are made without waiting for anything in between at once: the acks of the receipts that follow a
 * message, the answers to a burst. Nothing leaves later than it would have, and in another order neither.
 */
export function joinWrites(socket: WASocket): void {
  const raw = rawSocketOf(socket)
  if (!raw) return
  const send: SendFrame = raw.send.bind(raw)
  let connection: Socket | undefined
  let isHeld = false
  socket.ws.once('upgrade', (answer: IncomingMessage) => {
    connection = answer.socket
  })

  raw.send = (data, callback) => {
    if (connection && !isHeld) hold(connection)
    send(data, callback)
  }

  function hold(held: Socket): void {
    isHeld = true
    held.cork()
    // Runs once no promise is left that goes on by itself.
    process.nextTick(() => {
      isHeld = false
      held.uncork()
    })
  }
}
