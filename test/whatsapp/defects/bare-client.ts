import { type ChildProcess, fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { Sandbox } from '../../../src/sandbox/index.ts'

/** What a bare client can be told to do. */
export type Order =
  | { order: 'connect' }
  | { order: 'close' }
  | { order: 'send'; to: string; content: object }
  /** Fetches new keys of a device and opens a new session with it. */
  | { order: 'rekey'; jid: string }
  /** The size of the largest stored key of a kind, in characters. */
  | { order: 'size'; kind: string }
  /** The names of the stored keys of a kind, as `kind id`. */
  | { order: 'names'; kind: string }
  | { order: 'forget'; name: string }
  /** Lets so many of the next lookups of keys fail, as they do when a database is restarted. */
  | { order: 'failLookups'; times: number }
  /** Archives a chat, which changes the settings the account's devices share. */
  | { order: 'archive'; jid: string }
  /** The decrypted file of a received message, as base64. */
  | { order: 'download'; id: string }

/** A message as the library gave it to the program. */
export interface Upserted {
  id: string
  fromMe: boolean
  text: string
  /** Why the message has no content, '' when it has. */
  stub: string
}

/** What the process of a bare client says. */
export type Told =
  | { event: 'ready' }
  | { event: 'qr'; qr: string }
  | { event: 'upsert'; type: string; messages: Upserted[] }
  | { event: 'update'; updates: { id: string; update: string }[] }
  /** A change of chats was handled, and a key of this name was written meanwhile. */
  | { event: 'handled'; note: string; isInTransaction: boolean }
  | { event: 'done'; number: number; result?: unknown }
  | { event: 'failed'; number: number; reason: string }

type Upsert = Extract<Told, { event: 'upsert' }>

const program = fileURLToPath(new URL('./bare-process.ts', import.meta.url))

/**
 * A linked device driven by the unmodified library. It lives in a process of its own because in this one the library
 * is repaired as soon as anything of the server or of the simulated network is imported.
 */
export class BareClient {
  readonly upserts: Upsert[] = []
  readonly updates: { id: string; update: string }[] = []
  /** The changes of chats its program handled. */
  readonly handled: { note: string; isInTransaction: boolean }[] = []
  jid = ''
  readonly phone: string
  readonly #child: ChildProcess
  readonly #pending = new Map<
    number,
    { resolve: (result: unknown) => void; reject: (error: Error) => void }
  >()
  #number = 0

  private constructor(phone: string, child: ChildProcess) {
    this.phone = phone
    this.#child = child
  }

  /** Starts the process and links its device to `phone`; `pauseMs` slows every access to its keys. */
  static async linked(
    sandbox: Sandbox,
    { phone, pauseMs = 0 }: { phone: string; pauseMs?: number },
  ): Promise<BareClient> {
    const child = fork(program, [sandbox.url, String(pauseMs)], {
      execArgv: ['--import', 'tsx'],
      serialization: 'advanced',
    })
    const client = new BareClient(phone, child)
    const account = sandbox.network.createAccount({ phone, name: phone })
    let hasScanned = false
    await new Promise<void>((resolve) => {
      child.on('message', (told: Told) => {
        if (told.event === 'ready') resolve()
        else if (told.event === 'qr' && !hasScanned) {
          hasScanned = true
          void sandbox.server.pairing.scan(account, told.qr)
        } else client.#hear(told)
      })
    })
    await client.connect()
    return client
  }

  /** Every text it was given, in the order it came, or only those given with one type. */
  texts(type?: string): string[] {
    return this.upserts
      .filter((upsert) => type === undefined || upsert.type === type)
      .flatMap(({ messages }) => messages.map(({ text }) => text))
      .filter((text) => text !== '')
  }

  /** The reasons of all messages that came without content. */
  get stubs(): string[] {
    return this.upserts.flatMap(({ messages }) => messages.map(({ stub }) => stub)).filter(Boolean)
  }

  /** Whether it was given this message. */
  has(id: string): boolean {
    return this.upserts.some(({ messages }) => messages.some((message) => message.id === id))
  }

  /** Connects, again and again if the server wants that, until the connection is open. */
  async connect(): Promise<void> {
    this.jid = String(await this.order({ order: 'connect' }))
  }

  /** The id of the message, once the library calls it sent. */
  async sendText(to: string, text: string): Promise<string> {
    return String(await this.order({ order: 'send', to, content: { text } }))
  }

  order(order: Order): Promise<unknown> {
    const number = ++this.#number
    return new Promise((resolve, reject) => {
      this.#pending.set(number, { resolve, reject })
      this.#child.send({ number, ...order })
    })
  }

  /** Ends the process without giving it a chance to finish anything. */
  async kill(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return
    const gone = new Promise((resolve) => this.#child.once('exit', resolve))
    this.#child.kill('SIGKILL')
    await gone
  }

  #hear(told: Told): void {
    if (told.event === 'upsert') this.upserts.push(told)
    if (told.event === 'handled') this.handled.push(told)
    if (told.event === 'update') this.updates.push(...told.updates)
    if (told.event !== 'done' && told.event !== 'failed') return
    const waiting = this.#pending.get(told.number)
    this.#pending.delete(told.number)
    if (told.event === 'done') waiting?.resolve(told.result)
    else waiting?.reject(new Error(told.reason))
  }
}
