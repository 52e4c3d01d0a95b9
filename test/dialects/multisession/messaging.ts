import { userIdOf } from '../../../src/lib/device-id.ts'
import { getUser } from '../../../src/store/users/users.ts'
import { ADMIN_TOKEN, type Answer, type AppOptions, type LinkedUser, TestApp } from '../../helpers/app.ts'

const BASE = '/multisession'
/** Name of every device, and so what other dialects call its session. */
export const DEVICE_NAME = 'Bot'

/** A device as a customer has it. */
export interface TestDevice {
  deviceId: string
  /** What its programs send as `Authorization: Bearer`. */
  jwt: string
  user: LinkedUser
}

/** One part of a form: a text, or a file. */
export type Part = string | { bytes: Uint8Array; name: string; type: string }

/** Nothing waits for the sake of looking like a person. */
const AT_ONCE = {
  WHATSAPP_AUTO_TYPING_ENABLED: 'false',
  WHATSAPP_AUTO_PRESENCE_ENABLED: 'false',
  WHATSAPP_READ_RECEIPT_JITTER_ENABLED: 'false',
}

/** A customer with a linked device, and somebody to write to. */
export class Multisession {
  readonly app: TestApp
  readonly apiKey: string
  readonly device: TestDevice
  /** Number of the contact, digits. */
  readonly contact: string

  private constructor(app: TestApp, apiKey: string, device: TestDevice, contact: string) {
    this.app = app
    this.apiKey = apiKey
    this.device = device
    this.contact = contact
  }

  static async start({ env, ...options }: AppOptions = {}): Promise<Multisession> {
    const app = await TestApp.start({ ...options, env: { ...AT_ONCE, ...env } })
    const apiKey = await newCustomer(app)
    const device = await linkedDevice(app, apiKey)
    return new Multisession(app, apiKey, device, await app.contact('15550003003', { name: 'Carol' }))
  }

  get contactJid(): string {
    return `${this.contact}@s.whatsapp.net`
  }

  get ownJid(): string {
    return `${this.device.user.phone}@s.whatsapp.net`
  }

  /** Another device of the customer that nobody has linked; its token. */
  async unlinked(): Promise<string> {
    return (await newDevice(this.app, this.apiKey)).jwt
  }

  /** Another device, linked to a phone of its own. */
  another(): Promise<TestDevice> {
    return linkedDevice(this.app, this.apiKey)
  }

  /** A request of a device below the dialect's base; '' as token sends none. */
  async call(
    route: string,
    body?: unknown,
    { jwt = this.device.jwt, headers = {} }: { jwt?: string; headers?: Record<string, string> } = {},
  ): Promise<[number, Answer['json']]> {
    const [method = '', path = ''] = route.split(' ')
    const { status, json } = await this.app.request(method, BASE + path, {
      body,
      headers: {
        ...(jwt !== '' && { Authorization: `Bearer ${jwt}` }),
        ...(body !== undefined && { 'Content-Type': 'application/json' }),
        ...headers,
      },
    })
    return [status, json]
  }

  /** The same with a form with files. */
  async upload(route: string, parts: Record<string, Part>, jwt?: string): Promise<[number, Answer['json']]> {
    const form = new FormData()
    for (const [name, part] of Object.entries(parts)) {
      if (typeof part === 'string') form.append(name, part)
      else form.append(name, new Blob([new Uint8Array(part.bytes)], { type: part.type }), part.name)
    }
    const encoded = new Response(form)
    return this.call(route, new Uint8Array(await encoded.arrayBuffer()), {
      jwt,
      headers: { 'Content-Type': encoded.headers.get('content-type') ?? '' },
    })
  }

  /** Sends to the contact, and yields what it decrypted. */
  async arrives(
    path: string,
    body: object | Record<string, Part>,
    chat = this.contact,
  ): Promise<Answer['json']> {
    const isForm = 'file' in body
    const route = `POST /chats/${chat}/${path}`
    const [status, json] = isForm
      ? await this.upload(route, body as Record<string, Part>)
      : await this.call(route, body)
    if (status !== 200) throw new Error(`${route} answered ${status}: ${JSON.stringify(json)}`)
    return (await this.arrived(json.data.message_id)).message
  }

  /** What somebody decrypted of the message with this id. */
  arrived(id: string, phone = this.contact): Promise<Answer['json']> {
    return this.app.waitFor(`message ${id}`, async () =>
      (await this.app.received(phone)).find((message) => message.id === id),
    )
  }

  /** The first message that the contact got whose content passes. */
  async change(matches: (message: Answer['json']) => boolean): Promise<Answer['json']> {
    const found = await this.app.waitFor('a message about another', async () =>
      (await this.app.received(this.contact)).find(({ message }) => matches(message)),
    )
    return found.message
  }

  /** The contact says something, which is stored then; yields the message's id. */
  async hears(content: object, to: LinkedUser = this.device.user): Promise<string> {
    const { id } = await this.app.sandbox('POST', `/contacts/${this.contact}/send`, {
      ...(!('group' in content) && { to: to.phone }),
      ...content,
    })
    const { db } = this.app.parley.services
    await this.app.waitFor('the message', () => db('messages').where({ user_id: to.id, id }).first())
    return id
  }

  /** A new group of the contact with the device in it; its JID. */
  async newGroup(subject = 'Team'): Promise<string> {
    const participants = [this.device.user.phone, this.contact]
    return (await this.app.sandbox('POST', '/groups', { subject, participants })).jid
  }

  /** What the phone knows of a setting that it shares with its companions. */
  async setting(...index: string[]): Promise<Answer['json']> {
    const { settings } = await this.app.sandbox('GET', `/contacts/${this.device.user.phone}/settings`)
    return settings.findLast((one: { index: string[] }) => one.index.join() === index.join())?.value
  }

  /** Waits for a stanza that the contact has got and `matches` likes. */
  observed(matches: (stanza: Answer['json']) => boolean): Promise<Answer['json']> {
    return this.app.waitFor('a stanza', async () => {
      const { observations } = await this.app.sandbox('GET', `/contacts/${this.contact}/observations`)
      return observations.findLast(matches)
    })
  }

  close(): Promise<void> {
    return this.app.close()
  }
}

async function newCustomer(app: TestApp): Promise<string> {
  const { json } = await app.request('POST', `${BASE}/admin/api-keys`, {
    headers: { 'X-Admin-Secret': ADMIN_TOKEN, 'Content-Type': 'application/json' },
    body: {
      customer_name: 'Acme',
      customer_email: 'ops@example.com',
      customer_phone: '15550009009',
      max_devices: 10,
      rate_limit_per_hour: 1000,
    },
  })
  return json.data.api_key
}

async function newDevice(app: TestApp, apiKey: string): Promise<{ deviceId: string; jwt: string }> {
  const { json } = await app.request('POST', `${BASE}/devices`, {
    headers: { 'X-API-Key': apiKey, 'Content-Type': 'application/json' },
    body: { device_name: DEVICE_NAME },
  })
  return { deviceId: json.data.device_id, jwt: json.data.token }
}

async function linkedDevice(app: TestApp, apiKey: string): Promise<TestDevice> {
  const device = await newDevice(app, apiKey)
  const { db, secrets } = app.parley.services
  const stored = await getUser(db, secrets, userIdOf(device.deviceId) ?? '')
  if (!stored) throw new Error('no device')
  return { ...device, user: await app.link({ id: stored.id, token: stored.token }) }
}

/** The whole answer of a success. */
export function success(message: string, data?: unknown): [number, object] {
  return [200, { status: true, code: 200, message, ...(data !== undefined && { data }) }]
}

/** The whole answer of a failure. */
export function failure(code: number, message: string): [number, object] {
  return [code, { status: false, code, message, error: message }]
}

/** The whole answer of what was sent. */
export function sentAs(message: string, id: unknown): [number, object] {
  return success(message, { message_id: id })
}
