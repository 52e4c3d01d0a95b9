import { getUser } from '../../../src/store/users/users.ts'
import { ADMIN_TOKEN, type Answer, type AppOptions, TestApp } from '../../helpers/app.ts'

const BASE = '/multisession'

/** A device of a customer. */
export interface Device {
  id: string
  jwt: string
  /** Number of the linked phone, digits; '' without one. */
  phone: string
}

/** A file in a form. */
interface FormFile {
  name: string
  bytes: Uint8Array
  type?: string
  fileName?: string
}

/** What a call may say besides its path. */
interface Said {
  body?: unknown
  jwt?: string
  headers?: Record<string, string>
  form?: { files?: FormFile[]; texts?: Record<string, string> }
}

/** A server with a customer, a linked device and somebody to write to. */
export class LinkedDevices {
  readonly app: TestApp
  /** Number of the contact, digits. */
  readonly contact: string
  #apiKey = ''
  #device: Device = { id: '', jwt: '', phone: '' }
  #phones = 0

  private constructor(app: TestApp, contact: string) {
    this.app = app
    this.contact = contact
  }

  static async start(options: AppOptions = {}): Promise<LinkedDevices> {
    const app = await TestApp.start(options)
    const devices = new LinkedDevices(app, await app.contact('15550003003', { name: 'Carol' }))
    const { json } = await app.request('POST', `${BASE}/admin/api-keys`, {
      headers: { 'x-admin-secret': ADMIN_TOKEN, 'content-type': 'application/json' },
      body: {
        customer_name: 'Test',
        customer_email: 'test@example.com',
        customer_phone: '15550009999',
        max_devices: 50,
        rate_limit_per_hour: 1000,
      },
    })
    devices.#apiKey = json.data.api_key
    devices.#device = await devices.linked()
    return devices
  }

  /** The device that calls unless another one is named. */
  get device(): Device {
    return this.#device
  }

  /** JID of the contact. */
  get contactJid(): string {
    return `${this.contact}@s.whatsapp.net`
  }

  /** A device that never was linked. */
  async unlinked(): Promise<Device> {
    const { json } = await this.app.request('POST', `${BASE}/devices`, {
      headers: { 'x-api-key': this.#apiKey, 'content-type': 'application/json' },
      body: { device_name: 'Test' },
    })
    return { id: json.data.device_id, jwt: json.data.token, phone: '' }
  }

  /** A device whose session is open. */
  async linked(phone = `1555000${1001 + this.#phones++}`): Promise<Device> {
    const device = await this.unlinked()
    const { db, secrets, sessions } = this.app.parley.services
    const user = await getUser(db, secrets, device.id.replaceAll('-', ''))
    if (!user) throw new Error(`no user for ${device.id}`)
    const session = await sessions.connect(user)
    const qr = await this.app.waitFor('a QR code', () => session.status.qr)
    await this.app.sandbox('POST', '/scan', { qr, phone, name: 'Ada' })
    await this.app.waitFor('the session to open', () => sessions.find(user.id)?.status.loggedIn)
    return { ...device, phone }
  }

  /** Calls the dialect; an object as body goes out as JSON. */
  async request(
    method: string,
    path: string,
    { body, jwt = this.device.jwt, headers, form }: Said = {},
  ): Promise<Answer> {
    const authorization: Record<string, string> = jwt === '' ? {} : { authorization: `Bearer ${jwt}` }
    const sent = form ? await formOf(form) : jsonOf(body)
    return this.app.request(method, BASE + path, {
      body: sent.body,
      headers: { ...authorization, ...sent.headers, ...headers },
    })
  }

  /** Calls, and yields the status, the sentence and what was found, if anything. */
  async call(method: string, path: string, said: Said = {}): Promise<[number, string, Answer['json']?]> {
    const { status, json } = await this.request(method, path, said)
    return json?.data === undefined ? [status, json?.message] : [status, json.message, json.data]
  }

  /** What the network knows of an account: its about, picture, privacy and blocked people. */
  account(phone = this.device.phone): Promise<Answer['json']> {
    return this.app.sandbox('GET', `/contacts/${phone}/account`)
  }

  /** What the network knows of a group. */
  group(jid: string): Promise<Answer['json']> {
    return this.app.sandbox('GET', `/groups/${jid}`)
  }

  /** A new group of the device with the contact in it; its JID. */
  async newGroup(name = 'Team', participants = [this.contact]): Promise<string> {
    const [status, message, group] = await this.call('POST', '/groups', { body: { name, participants } })
    if (status !== 200) throw new Error(`no group: ${status} ${message}`)
    return group.JID
  }

  /** The LID of somebody. */
  async lidOf(phone: string): Promise<string> {
    const { accounts } = await this.app.sandbox('GET', '/state')
    return accounts.find((one: { phone: string }) => one.phone === phone).lid
  }

  close(): Promise<void> {
    return this.app.close()
  }
}

interface Encoded {
  body: unknown
  headers: Record<string, string>
}

function jsonOf(body: unknown): Encoded {
  return { body, headers: typeof body === 'object' ? { 'content-type': 'application/json' } : {} }
}

async function formOf({ files = [], texts = {} }: NonNullable<Said['form']>): Promise<Encoded> {
  const parts = new FormData()
  for (const [name, value] of Object.entries(texts)) parts.append(name, value)
  for (const { name, bytes, type = 'image/jpeg', fileName = 'photo.jpg' } of files)
    parts.append(name, new Blob([Uint8Array.from(bytes)], { type }), fileName)
  const encoded = new Response(parts)
  return {
    body: new Uint8Array(await encoded.arrayBuffer()),
    headers: { 'content-type': encoded.headers.get('content-type') ?? '' },
  }
}

/** The answers of a route for whoever may not call it: no token, no device's token, a device that never was linked. */
export async function strangersOf(
  devices: LinkedDevices,
  call: (jwt: string) => Promise<unknown[]>,
): Promise<unknown[]> {
  const { jwt } = await devices.unlinked()
  return [await call(''), await call('wam_0123456789abcdef0123456789ab'), await call(jwt)]
}

/** What those are answered everywhere. */
export const turnedAway = [
  [401, 'Missing Authorization header'],
  [401, 'Invalid or expired token'],
  [500, 'WhatsApp Client is not Valid'],
]
