import pino from 'pino'
import { type Sandbox, startSandbox } from '../../src/sandbox/index.ts'
import { clientOptions } from '../../src/sandbox/server/client-options.ts'
import type { Account } from '../../src/sandbox/world/account.ts'
import { node } from '../../src/sandbox/world/node.ts'
import {
  type AuthenticationCreds,
  type BaileysEventMap,
  type BinaryNode,
  BufferJSON,
  initAuthCreds,
  makeWASocket,
  proto,
  type SignalDataSet,
  type SignalDataTypeMap,
  type UserFacingSocketConfig,
  WA_CERT_DETAILS,
  type WAMessage,
  type WASocket,
} from '../../src/whatsapp/library/engine.ts'
import { Waiting } from './waiting.ts'

/** A real client with its keys in memory, able to connect again and again with the same credentials. */
export class Companion {
  readonly creds: AuthenticationCreds = initAuthCreds()
  readonly #keys = new Map<string, string>()
  readonly #options: Partial<UserFacingSocketConfig>
  readonly #sandbox: Sandbox
  readonly #messages: WAMessage[] = []
  readonly #updates: Partial<BaileysEventMap>[] = []
  readonly #waiting = new Waiting()
  #socket: WASocket | undefined

  constructor(sandbox: Sandbox, options: Partial<UserFacingSocketConfig> = {}) {
    this.#sandbox = sandbox
    this.#options = options
  }

  get socket(): WASocket {
    if (!this.#socket) throw new Error('the companion has not connected')
    return this.#socket
  }

  get jid(): string {
    return this.creds.me?.id ?? ''
  }

  get messages(): readonly WAMessage[] {
    return this.#messages
  }

  /** Opens a socket; earlier events are forgotten. */
  connect(): WASocket {
    this.#updates.length = 0
    this.#socket = makeWASocket({
      ...clientOptions(this.#sandbox.url),
      logger: pino({ level: process.env.CLIENT_LOG ?? 'silent' }),
      auth: {
        creds: this.creds,
        keys: { get: async (type, ids) => this.#get(type, ids), set: async (data) => this.#set(data) },
      },
      getMessage: async ({ id }) => this.#messages.find(({ key }) => key.id === id)?.message ?? undefined,
      ...this.#options,
    })
    this.#socket.ev.process((events) => {
      if (events['creds.update']) Object.assign(this.creds, events['creds.update'])
      this.#updates.push(events)
      this.#messages.push(...(events['messages.upsert']?.messages ?? []))
      this.#waiting.look()
    })
    return this.#socket
  }

  async close(): Promise<void> {
    await this.#socket?.end(undefined)
  }

  /** The first event, past or future of this connection, from which `pick` gets something. */
  event<T>(what: string, pick: (events: Partial<BaileysEventMap>) => T | undefined): Promise<T> {
    return this.#waiting.until(what, () => {
      for (const events of this.#updates) {
        const found = pick(events)
        if (found !== undefined) return found
      }
      return undefined
    })
  }

  open(): Promise<string> {
    return this.event('connection open', (events) =>
      events['connection.update']?.connection === 'open' ? 'open' : undefined,
    )
  }

  /** The status code with which the connection ended. */
  closed(): Promise<number> {
    return this.event('connection closed', (events) => {
      const update = events['connection.update']
      // The library's errors are Boom objects, whose type it does not export.
      const error = update?.lastDisconnect?.error as { output?: { statusCode: number } } | undefined
      return update?.connection === 'close' ? (error?.output?.statusCode ?? 0) : undefined
    })
  }

  qr(): Promise<string> {
    return this.event('QR code', (events) => events['connection.update']?.qr)
  }

  /** The message with that text, whenever it comes. */
  message(text: string): Promise<WAMessage> {
    return this.#waiting.until(`message "${text}"`, () =>
      this.#messages.find((message) => textOf(message) === text),
    )
  }

  async #get<T extends keyof SignalDataTypeMap>(type: T, ids: string[]) {
    const found: Record<string, SignalDataTypeMap[T]> = {}
    for (const id of ids) {
      const stored = this.#keys.get(`${type} ${id}`)
      if (stored === undefined) continue
      const value = JSON.parse(stored, BufferJSON.reviver)
      // The library's own stores do the same: as JSON, the bytes of these are base64.
      const isSyncKey = type === 'app-state-sync-key'
      found[id] = isSyncKey ? proto.Message.AppStateSyncKeyData.fromObject(value) : value
    }
    return found
  }

  async #set(data: SignalDataSet): Promise<void> {
    for (const [type, values] of Object.entries(data)) {
      for (const [id, value] of Object.entries(values ?? {})) {
        if (value === null) this.#keys.delete(`${type} ${id}`)
        else this.#keys.set(`${type} ${id}`, JSON.stringify(value, BufferJSON.replacer))
      }
    }
  }
}

export function textOf({ message }: WAMessage): string | undefined {
  return message?.conversation ?? message?.extendedTextMessage?.text ?? undefined
}

/** Links a companion to the account by QR code and logs it in. */
export async function link(
  sandbox: Sandbox,
  account: { phone: string; name: string },
  options: Partial<UserFacingSocketConfig> = {},
): Promise<Companion> {
  const companion = new Companion(sandbox, options)
  companion.connect()
  const qr = await companion.qr()
  await sandbox.server.pairing.scan(sandbox.network.createAccount(account), qr)
  await companion.closed()
  companion.connect()
  await companion.open()
  return companion
}

/** Two people with a linked device each, on a network of their own. */
export interface Pair {
  sandbox: Sandbox
  ann: Companion
  ben: Companion
  annAccount: Account
  benAccount: Account
  close(): Promise<void>
}

/** Starts a network and links Ann and Ben, whose numbers begin with `prefix` and end in 1 and 2. */
export async function startPair(prefix: string): Promise<Pair> {
  const sandbox = await startSandbox()
  WA_CERT_DETAILS.PUBLIC_KEY = sandbox.rootKey
  const [annOwner, benOwner] = [
    { phone: `${prefix}1`, name: 'Ann' },
    { phone: `${prefix}2`, name: 'Ben' },
  ] as const
  const ann = await link(sandbox, annOwner)
  const ben = await link(sandbox, benOwner)
  return {
    sandbox,
    ann,
    ben,
    annAccount: sandbox.network.createAccount(annOwner),
    benAccount: sandbox.network.createAccount(benOwner),
    async close() {
      await ann.close()
      await ben.close()
      await sandbox.stop()
    },
  }
}

/** Asks the service for groups. */
export function askGroups(
  companion: Companion,
  type: 'get' | 'set',
  to: string,
  what: BinaryNode,
): Promise<BinaryNode> {
  return companion.socket.query(node('iq', { to, type, xmlns: 'w:g2' }, [what]))
}
