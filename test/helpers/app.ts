import { setTimeout as delay } from 'node:timers/promises'
import { type Parley, type ParleyOptions, startParley } from '../../src/app/parley.ts'
import { loadConfig } from '../../src/config/config.ts'
import type { StreamLimits } from '../../src/http/streams.ts'
import { type DatabaseKind, temporaryDatabase } from './database.ts'

/** Whatever a server answers: tests look into it freely. */
type Json = ReturnType<typeof JSON.parse>

export interface Answer {
  status: number
  headers: Headers
  text: string
  /** The body as JSON; undefined when it is not. */
  json: Json
}

export interface TestUser {
  id: string
  token: string
}

export interface LinkedUser extends TestUser {
  /** Number of the linked phone, digits. */
  phone: string
}

export const ADMIN_TOKEN = 'test-admin-token'

export interface AppOptions {
  database?: DatabaseKind
  /** Settings by their environment names. */
  env?: Record<string, string>
  streamLimits?: StreamLimits
  linking?: ParleyOptions['linking']
  /** Where the database of an earlier app is, to start another on it. */
  reuse?: { dataDir: string; databaseUrl?: string }
}

/** A real server on a free port with a database of its own and the simulated network inside, unless `env` says otherwise. */
export class TestApp {
  readonly parley: Parley
  readonly place: { dataDir: string; databaseUrl?: string }
  readonly #close: () => Promise<void>
  #phones = 0
  #stopped: Promise<void> | undefined

  private constructor(
    parley: Parley,
    place: { dataDir: string; databaseUrl?: string },
    close: () => Promise<void>,
  ) {
    this.parley = parley
    this.place = place
    this.#close = close
  }

  static async start(options: AppOptions = {}): Promise<TestApp> {
    const database = options.reuse ? undefined : await temporaryDatabase(options.database ?? 'sqlite')
    const place = options.reuse ?? database?.config
    if (!place) throw new Error('no database')
    const config = loadConfig({
      HOST: '127.0.0.1',
      PORT: '0',
      DATA_DIR: place.dataDir,
      DATABASE_URL: place.databaseUrl ?? '',
      ADMIN_TOKEN,
      WHATSAPP_NETWORK: 'sandbox',
      LOG_LEVEL: process.env.LOG_LEVEL ?? 'silent',
      // Tests try out many wrong tokens.
      AUTH_FAILURES_PER_MINUTE: '0',
      // Nor is there time for what makes a program look like a person.
      WHATSAPP_AUTO_TYPING_ENABLED: 'false',
      WHATSAPP_AUTO_PRESENCE_ENABLED: 'false',
      WHATSAPP_READ_RECEIPT_JITTER_ENABLED: 'false',
      ...options.env,
    })
    const parley = await startParley(config, {
      strictReplies: true,
      streamLimits: options.streamLimits,
      linking: options.linking,
    })
    return new TestApp(parley, place, async () => database?.close())
  }

  get url(): string {
    return this.parley.url
  }

  /** Sends a request as a client would; a string or bytes as body go out as they are, anything else as JSON. */
  async request(
    method: string,
    path: string,
    options: { token?: string; admin?: boolean; headers?: Record<string, string>; body?: unknown } = {},
  ): Promise<Answer> {
    const { body } = options
    const response = await fetch(`${this.url}${path}`, {
      method,
      headers: {
        ...(options.token === undefined ? {} : { token: options.token }),
        ...(options.admin ? { authorization: ADMIN_TOKEN } : {}),
        ...options.headers,
      },
      body:
        body === undefined || typeof body === 'string' || body instanceof Uint8Array
          ? (body as RequestInit['body'])
          : JSON.stringify(body),
      redirect: 'manual',
    })
    const text = await response.text()
    return { status: response.status, headers: response.headers, text, json: parsed(text) }
  }

  get(path: string, token: string): Promise<Answer> {
    return this.request('GET', path, { token })
  }

  post(path: string, token: string, body: unknown = {}): Promise<Answer> {
    return this.request('POST', path, { token, body })
  }

  /** Calls the simulated network's control plane; throws when it refuses. */
  async sandbox(method: string, path: string, body?: unknown): Promise<Json> {
    const answer = await this.request(method, `/sandbox${path}`, { admin: true, body })
    if (answer.status >= 300) throw new Error(`/sandbox${path} answered ${answer.status}: ${answer.text}`)
    return answer.json
  }

  async createUser(fields: Record<string, unknown> = {}): Promise<TestUser> {
    const token = `token-${crypto.randomUUID()}`
    const answer = await this.request('POST', '/admin/users', {
      admin: true,
      body: { name: 'Test', token, events: 'All', ...fields },
    })
    if (answer.status !== 201) throw new Error(`could not create a user: ${answer.status} ${answer.text}`)
    return { id: answer.json.data.id, token: String(fields.token ?? token) }
  }

  /** A user whose phone is linked and whose session is open. */
  async linkedUser(fields: Record<string, unknown> = {}): Promise<LinkedUser> {
    const user = await this.createUser(fields)
    return this.link(user)
  }

  /** Connects a user and scans the code with a new phone, or with one that has linked devices already. */
  async link(user: TestUser, phone = this.#newPhone()): Promise<LinkedUser> {
    await this.post('/session/connect', user.token, { Immediate: true })
    const code = await this.waitFor('a QR code', () => this.parley.services.sessions.find(user.id)?.status.qr)
    await this.sandbox('POST', '/scan', { qr: code, phone, name: 'Own phone' })
    await this.waitFor(
      'the session to open',
      () => this.parley.services.sessions.find(user.id)?.status.loggedIn,
    )
    return { ...user, phone }
  }

  #newPhone(): string {
    return `4477009${String(Math.floor(Math.random() * 90_000) + 10_000)}${this.#phones++}`
  }

  /** A contact of the simulated network. */
  async contact(
    phone: string,
    options: { name?: string; autoReply?: boolean | string; addressing?: 'lid' | 'pn' } = {},
  ): Promise<string> {
    await this.sandbox('POST', '/contacts', {
      phone,
      name: options.name ?? `Contact ${phone}`,
      autoReply: options.autoReply,
      addressing: options.addressing,
    })
    return phone
  }

  /** What a contact has decrypted, newest last. */
  async received(phone: string): Promise<Json[]> {
    const { messages } = await this.sandbox('GET', `/contacts/${phone}/messages`)
    return messages
  }

  /** Waits until `look` gives something; fails after half a minute with what was waited for. */
  async waitFor<Found>(
    what: string,
    look: () => Found | Promise<Found>,
    timeoutMs = 30_000,
  ): Promise<NonNullable<Found>> {
    const deadline = Date.now() + timeoutMs
    for (;;) {
      const found = await look()
      if (found) return found
      if (Date.now() > deadline) throw new Error(`waited ${timeoutMs} ms in vain for ${what}`)
      await delay(10)
    }
  }

  /** Stops the server and leaves its database for another one. */
  async stop(): Promise<void> {
    this.#stopped ??= this.parley.stop()
    await this.#stopped
  }

  /** Stops the server, if it runs, and removes its database. */
  async close(): Promise<void> {
    await this.stop()
    await this.#close()
  }
}

function parsed(text: string): Json {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
