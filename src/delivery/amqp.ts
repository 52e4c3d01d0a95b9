import { withTimeout } from '../lib/flow/with-timeout.ts'
import type { Logger } from '../lib/process/logger.ts'
import { BrokerConnection } from './broker-connection.ts'

/** A connection to a message broker that comes back by itself. */
export interface MessageQueue {
  /** Whether messages can be published now. */
  readonly isReady: boolean
  /** Resolves when the broker has the message safely in the queue, rejects when that is not certain. */
  publish(queue: string, message: QueueMessage): Promise<void>
  /** Calls `listener` whenever publishing becomes possible; returns what ends the calls. */
  onReady(listener: () => void): () => void
  close(): Promise<void>
}

export interface QueueMessage {
  /** Stays the same when a message is published again; receivers recognise repetitions by it. */
  id: string
  /** JSON text. */
  body: string
}

// Two missed heartbeats end a connection whose other end is gone without a word.
const HEARTBEAT_SECONDS = 20
const RECONNECT_FIRST_MS = 500
const RECONNECT_LONGEST_MS = 15_000
/** How long a broker may take to say goodbye; one that has gone silent would hold up the end of the process. */
const CLOSE_MS = 5_000

/** Connects to RabbitMQ at `url`, as guest when it names nobody; returns at once and keeps trying until it is closed. */
export function connectQueue({ url, log }: { url: string; log: Logger }): MessageQueue {
  return new RabbitQueue(url, log)
}

class RabbitQueue implements MessageQueue {
  readonly #log: Logger
  readonly #connection: BrokerConnection
  readonly #publisher
  readonly #listeners = new Set<() => void>()
  /** Queues known to exist, until the connection is lost. */
  readonly #declared = new Map<string, Promise<void>>()
  /** Ids of messages the broker had no queue for. */
  readonly #returned = new Set<string>()
  /** Why there is no connection, as far as the log says it already. */
  readonly #said = new Set<string>()

  constructor(url: string, log: Logger) {
    this.#log = log
    this.#connection = new BrokerConnection({
      url: withUser(url),
      connectionName: 'parley',
      heartbeat: HEARTBEAT_SECONDS,
      retryLow: RECONNECT_FIRST_MS,
      retryHigh: RECONNECT_LONGEST_MS,
    })
    this.#publisher = this.#connection.createPublisher({ confirm: true })
    this.#publisher.on('basic.return', ({ messageId }) => this.#returned.add(messageId ?? ''))
    this.#connection
      .on('connection', () => {
        this.#said.clear()
        log.info('connected to RabbitMQ')
        this.#announce()
      })
      .on('connection.blocked', (reason) => log.warn({ reason }, 'RabbitMQ takes no messages'))
      .on('connection.unblocked', () => this.#announce())
      // Of a channel as well: what was declared on it may be gone.
      .on('error', (error: unknown) => this.#lost(error))
    this.#connection.onEnd = (error) => this.#lost(error)
  }

  get isReady(): boolean {
    return this.#connection.ready
  }

  onReady(listener: () => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  async publish(queue: string, { id, body }: QueueMessage): Promise<void> {
    if (!this.isReady) throw new Error('RabbitMQ is not connected')
    await this.#declare(queue)
    await this.#publisher.send(
      { routingKey: queue, durable: true, mandatory: true, contentType: 'application/json', messageId: id },
      // The library gives a string a content type of its own.
      Buffer.from(body),
    )
    // The broker confirms a message without a queue as well. It says before that there was none, but the library
    // passes that on one turn later than the confirmation.
    await new Promise(setImmediate)
    if (!this.#returned.delete(id)) return
    this.#declared.delete(queue)
    throw new Error(`RabbitMQ has no queue ${queue} any more`)
  }

  async close(): Promise<void> {
    this.#listeners.clear()
    this.#connection.onEnd = () => {}
    try {
      await withTimeout(this.#sayGoodbye(), CLOSE_MS)
    } catch {
      // Nothing is on its way any more that somebody waits for.
      this.#connection.unsafeDestroy()
    }
  }

  async #sayGoodbye(): Promise<void> {
    if (this.isReady) await this.#publisher.close()
    await this.#connection.close()
  }

  #lost(error: unknown): void {
    this.#declared.clear()
    // Each reason is said once, not at every attempt to come back.
    const reason = reasonOf(error)
    if (this.#said.has(reason)) return
    this.#said.add(reason)
    this.#log.warn({ err: error }, 'no connection to RabbitMQ; events wait in the database')
  }

  #declare(queue: string): Promise<void> {
    let declared = this.#declared.get(queue)
    if (!declared) {
      declared = this.#create(queue)
      this.#declared.set(queue, declared)
      declared.catch(() => this.#declared.delete(queue))
    }
    return declared
  }

  /** A queue that exists is taken as it is: an operator may have made it of another type or with a limit. */
  async #create(queue: string): Promise<void> {
    try {
      await this.#connection.queueDeclare({ queue, passive: true })
    } catch (error) {
      this.#log.debug({ err: error, queue }, 'a queue is created')
      await this.#connection.queueDeclare({ queue, durable: true })
    }
  }

  #announce(): void {
    for (const listener of this.#listeners) listener()
  }
}

/** What errors of one kind have in common. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  return 'code' in error ? String(error.code) : error.message
}

/**
 * An address without a user stands for RabbitMQ's own default user, to its clients in other languages, too. The library
 * would log in with an empty name and an empty password.
 */
function withUser(address: string): string {
  const url = new URL(address)
  if (url.username === '' && url.password === '') url.password = 'guest'
  if (url.username === '') url.username = 'guest'
  return url.href
}
