import { userIdOf } from '../../../src/lib/device-id.ts'
import { ADMIN_TOKEN, type Answer, type AppOptions, TestApp } from '../../helpers/app.ts'

const BASE = '/multisession'

/** A customer and its key. */
export interface TestCustomer {
  id: number
  key: string
}

/** A device with what its programs have. */
export interface TestDevice {
  deviceId: string
  /** Id of its user. */
  userId: string
  secret: string
  token: string
}

/** Signs tokens in these tests. */
export const JWT_KEY = 'the key that signs the tokens of these tests'

/** A server of the multi-session dialect. */
export class Multisession {
  readonly app: TestApp

  private constructor(app: TestApp) {
    this.app = app
  }

  static async start(options: AppOptions = {}): Promise<Multisession> {
    return new Multisession(
      await TestApp.start({ ...options, env: { JWT_SECRET_KEY: JWT_KEY, ...options.env } }),
    )
  }

  /** The same on a server that runs already, with `JWT_KEY`. */
  static of(app: TestApp): Multisession {
    return new Multisession(app)
  }

  request(
    method: string,
    path: string,
    { body, headers = {} }: { body?: unknown; headers?: Record<string, string> } = {},
  ): Promise<Answer> {
    const type: Record<string, string> = body === undefined ? {} : { 'Content-Type': 'application/json' }
    return this.app.request(method, BASE + path, { body, headers: { ...type, ...headers } })
  }

  /** As the administrator. */
  admin(method: string, path: string, body?: unknown): Promise<Answer> {
    return this.request(method, path, { body, headers: { 'X-Admin-Secret': ADMIN_TOKEN } })
  }

  /** As a device. */
  device(method: string, path: string, token: string, body?: unknown): Promise<Answer> {
    return this.request(method, path, { body, headers: { Authorization: `Bearer ${token}` } })
  }

  async customer(settings: object = {}): Promise<TestCustomer> {
    const { json } = await this.admin('POST', '/admin/api-keys', {
      customer_name: 'Customer',
      customer_email: 'customer@example.com',
      customer_phone: '15550100100',
      max_devices: 10,
      rate_limit_per_hour: 100_000,
      ...settings,
    })
    return { id: json.data.id, key: json.data.api_key }
  }

  create({ key }: TestCustomer, name = 'Device'): Promise<Answer> {
    return this.request('POST', '/devices', { body: { device_name: name }, headers: { 'X-API-Key': key } })
  }

  async newDevice(customer: TestCustomer): Promise<TestDevice> {
    const { json } = await this.create(customer)
    const { device_id: deviceId, device_secret: secret, token } = json.data
    return { deviceId, userId: userIdOf(deviceId) ?? '', secret, token }
  }

  /** Links a device by scanning its code with a phone. */
  async link({ userId, token }: TestDevice, phone: string, name = 'Ada'): Promise<void> {
    const { sessions } = this.app.parley.services
    await this.device('POST', '/devices/me/login?output=json', token)
    const qr = await this.app.waitFor('the code', () => sessions.find(userId)?.status.qr)
    await this.app.sandbox('POST', '/scan', { qr, phone, name })
    await this.app.waitFor('the session to open', () => sessions.find(userId)?.status.loggedIn)
  }

  async close(): Promise<void> {
    await this.app.close()
  }
}

/** What a refusal looks like. */
export function refusal(code: number, sentence: string): object {
  return { status: false, code, message: sentence, error: sentence }
}
