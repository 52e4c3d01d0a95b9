import type { WASocket } from './engine.ts'

/** Writes a frame; `callback` hears when the network has taken it, or that it did not. */
export type SendFrame = (data: unknown, callback?: (error?: Error) => void) => void

/** The WebSocket below a socket of the library. */
export interface RawSocket {
  send: SendFrame
  terminate(): void
}

/** The WebSocket below: a plain public member that the library's types leave out. Undefined before it is made. */
export function rawSocketOf(socket: WASocket): RawSocket | undefined {
  return (socket.ws as unknown as { socket: RawSocket | null }).socket ?? undefined
}
