import { getUser, type User } from '../../../src/store/users/users.ts'
import type { BinaryNode } from '../../../src/whatsapp/library/engine.ts'
import type { LiveSession } from '../../../src/whatsapp/session/session.ts'
import { ADMIN_TOKEN, type Answer, type AppOptions, TestApp } from '../../helpers/app.ts'
import { type ReceivedRequest, type Receiver, startReceiver } from '../../helpers/receiver.ts'

const BASE = '/multisession'

/** A device of a customer, and the phone it is linked to once it is. */
export interface Device {
  id: string
  token: string
  userId: string
  phone: string
}

/** What a webhook got: the words of the document and the headers they came with. */
export interface Told {
  event_type: string
  device_id: string
  timestamp: string
  data: Record<string, unknown>
}

/** A server with a customer of the dialect, and a receiver for the webhooks of its devices. */
export class DeviceBench {
  readonly app: TestApp
  readonly receiver: Receiver
  readonly #key: string

  private constructor(app: TestApp, receiver: Receiver, key: string) {
    this.app = app
    this.receiver = receiver
    this.#key = key
  }

  static async start(options: AppOptions = {}): Promise<DeviceBench> {
    const app = await TestApp.start(options)
    const receiver = await startReceiver()
    const created = await app.request('POST', `${BASE}/admin/api-keys`, {
      headers: { 'X-Admin-Secret': ADMIN_TOKEN, 'Content-Type': 'application/json' },
      body: {
        customer_name: 'Acme',
        customer_email: 'ops@example.com',
        customer_phone: '15550000000',
        max_devices: 100,
        rate_limit_per_hour: 100_000,
      },
    })
    return new DeviceBench(app, receiver, created.json.data.api_key)
  }

  async device(): Promise<Device> {
    const { json } = await this.app.request('POST', `${BASE}/devices`, {
      headers: { 'X-API-Key': this.#key, 'Content-Type': 'application/json' },
      body: { device_name: 'Desk' },
    })
    const { device_id: id, token } = json.data
    return { id, token, userId: id.replaceAll('-', ''), phone: '' }
  }

  /** Starts to link a device; gives the code to scan. */
  async beginLink(device: Device): Promise<string> {
    const { services } = this.app.parley
    await services.sessions.connect(await this.user(device))
    return this.app.waitFor('a QR code', () => services.sessions.find(device.userId)?.status.qr)
  }

  /** Links a device with the phone of this number. */
  async link(device: Device, phone: string, name = 'Ada'): Promise<Device> {
    const qr = await this.beginLink(device)
    await this.app.sandbox('POST', '/scan', { qr, phone, name })
    await this.app.waitFor('the session to open', () => this.#find(device)?.status.loggedIn)
    return { ...device, phone }
  }

  async user({ userId }: Device): Promise<User> {
    const { db, secrets } = this.app.parley.services
    const user = await getUser(db, secrets, userId)
    if (!user) throw new Error('there is no such device')
    return user
  }

  session(device: Device): LiveSession {
    const session = this.#find(device)
    if (!session) throw new Error('there is no session')
    return session
  }

  #find({ userId }: Device): LiveSession | undefined {
    return this.app.parley.services.sessions.find(userId)
  }

  /** Hands a device a stanza as if the server had sent it. */
  inject(device: Device, stanza: BinaryNode): void {
    const { ws } = this.session(device).socket()
    ws.emit(`CB:${stanza.tag}`, stanza)
    const [part] = Array.isArray(stanza.content) ? stanza.content : []
    if (stanza.tag === 'ib' && part) ws.emit(`CB:ib,,${part.tag}`, stanza)
  }

  /** Calls a route with the token of a device. */
  call(device: Pick<Device, 'token'>, method: string, path: string, body?: unknown): Promise<Answer> {
    return this.app.request(method, BASE + path, {
      headers: {
        Authorization: `Bearer ${device.token}`,
        ...(body !== undefined && { 'Content-Type': 'application/json' }),
      },
      body,
    })
  }

  /** Adds a webhook at this path of the receiver; gives its number and its secret. */
  async webhook(
    device: Device,
    name: string,
    events?: string[],
  ): Promise<{ webhook_id: number; secret: string }> {
    const { status, json, text } = await this.call(device, 'POST', '/webhooks', {
      url: `${this.receiver.url}/${name}`,
      events,
    })
    if (status !== 200) throw new Error(`no webhook: ${status} ${text}`)
    return json.data
  }

  /** What arrived at this path of the receiver so far, oldest first. */
  requests(name: string): ReceivedRequest[] {
    return this.receiver.requests.filter(({ path }) => path === `/webhook/${name}`)
  }

  told(name: string): Told[] {
    // The dialect posts nothing else.
    return this.requests(name).map(({ event }) => event as unknown as Told)
  }

  /** Waits for an event at this path; `members` are some of its data. */
  async event(name: string, type: string, members: object = {}): Promise<Told> {
    const wanted = { asymmetricMatch: (data: object) => includes(data, members) }
    return this.app.waitFor(`${type} ${JSON.stringify(members)}`, () =>
      this.told(name).findLast((one) => one.event_type === type && wanted.asymmetricMatch(one.data)),
    )
  }

  async stop(): Promise<void> {
    await this.app.close()
    await this.receiver.close()
  }
}

function includes(data: object, members: object): boolean {
  return Object.entries(members).every(
    ([key, value]) =>
      JSON.stringify(Object.entries(data).find(([own]) => own === key)?.[1]) === JSON.stringify(value),
  )
}
