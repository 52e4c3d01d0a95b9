import type { Socket } from 'node:net'
import { Connection } from 'rabbitmq-client'
import { contain } from '../lib/process/contain.ts'

/** Frames are as large as both ends agree on, and this end asks for 8 KB; brokers offer no more than this. */
const LONGEST_FRAME_BYTES = 128 * 1024
/** A broker's first frame is a method (1) on channel 0 (AMQP 0-9-1, section 4.2.3). */
const FIRST_BYTES = Buffer.from([1, 0, 0])
/** A broker that speaks another version answers with the header of its own (section 4.2.2). */
const OTHER_VERSION = Buffer.from('AMQP')

/** Why a connection ended that the library has no reason of its own for. */
class BrokerError extends Error {
  override readonly name = 'BrokerError'
  readonly code: 'NOT_A_BROKER' | 'CONN_CLOSE'

  constructor(code: 'NOT_A_BROKER' | 'CONN_CLOSE', message: string) {
    super(message)
    this.code = code
  }
}

interface Opening {
  _connect(this: Connection): Socket
}

// The types leave it out. The library calls it for the first connection and for each one after a loss.
const openSocket = (Connection.prototype as unknown as Opening)._connect

/**
 * The library's connection, with a look at what it reads before it does. The library asks its socket for as many bytes
 * as the other end announces: a web server's answer announces more than a gigabyte, which a socket refuses by throwing
 * in an event that nobody can listen to, and anything below that would be gathered in memory.
 */
export class BrokerConnection extends Connection {
  /** Hears why each attempt to connect, and each connection, ended; the library tells of the first one only. */
  onEnd: (error: Error) => void = () => {}

  _connect(): Socket {
    const socket = contain(onlyFrames(openSocket.call(this)))
    let reason: Error | undefined
    socket.once('error', (error) => {
      reason = error
    })
    socket.once('close', () =>
      this.onEnd(reason ?? new BrokerError('CONN_CLOSE', 'the other end closed the connection')),
    )
    return socket
  }
}

function onlyFrames(socket: Socket): Socket {
  const read = socket.read
  let isFirst = true
  const refuse = (message: string) => {
    socket.destroy(new BrokerError('NOT_A_BROKER', message))
    return null
  }
  socket.read = (sizeBytes?: number) => {
    if (sizeBytes !== undefined && sizeBytes > LONGEST_FRAME_BYTES)
      return refuse(`a frame of ${sizeBytes} bytes was announced`)
    const bytes: Buffer | null = read.call(socket, sizeBytes)
    if (!bytes || !isFirst) return bytes
    isFirst = false
    return startsLikeBroker(bytes) ? bytes : refuse('what answers does not speak AMQP 0-9-1')
  }
  return socket
}

function startsLikeBroker(bytes: Buffer): boolean {
  return [FIRST_BYTES, OTHER_VERSION].some((expected) => bytes.subarray(0, expected.length).equals(expected))
}
