import { createHmac, randomUUID } from 'node:crypto'
import { type Sandbox, startSandbox } from '../../../../src/sandbox/index.ts'
import { ADMIN_TOKEN, type Answer, TestApp } from '../../../helpers/app.ts'
import { type TemporaryDatabase, temporaryDatabase } from '../../../helpers/database.ts'
import { bytesOf } from './files.ts'
import { Bindings } from './placeholders.ts'
import type { Line, RecordedBody } from './recording.ts'

/** Signs the tokens of this run, so that the forged ones of the recording can be made. */
const JWT_KEY = 'a key that signs the tokens of this test'

/** Devices of the recording, by their letters, and their phones. */
export const PHONES: Record<string, { phone: string; name: string }> = {
  a: { phone: '15550001001', name: 'Ada' },
  b: { phone: '4915550002002', name: 'Bert' },
  d: { phone: '15550001001', name: 'Ada' },
  e: { phone: '15550008008', name: 'Eve' },
}

/** Who is there before anybody links a device, in the order of their creation. */
const CONTACTS: [phone: string, name: string][] = [
  ['15550003003', 'Carol'],
  ['15550004004', 'Dave'],
  ['4915550005005', 'Erin'],
  ['15550006006', 'Corner Shop'],
  ['15550007007', 'Fay'],
  ['4915550002002', 'Bert'],
  ['15550008008', 'Eve'],
]

/** A server of the dialect at the root, with the people of the recording on a network that outlives its restarts. */
export class Stage {
  readonly bindings = new Bindings()
  readonly sandbox: Sandbox
  readonly #database: TemporaryDatabase
  app: TestApp

  private constructor(sandbox: Sandbox, database: TemporaryDatabase, app: TestApp) {
    this.sandbox = sandbox
    this.#database = database
    this.app = app
    this.bindings.set('admin_secret', ADMIN_TOKEN)
    this.bindings.set('port', '8443')
  }

  static async start(): Promise<Stage> {
    const sandbox = await startSandbox()
    const database = await temporaryDatabase('sqlite')
    const stage = new Stage(sandbox, database, await Stage.#open(sandbox, database))
    // The recorded phones had not moved to LIDs.
    for (const [phone, name] of CONTACTS)
      await stage.control('POST', '/contacts', { phone, name, addressing: 'pn' })
    return stage
  }

  static #open(sandbox: Sandbox, { config }: TemporaryDatabase, env: Record<string, string> = {}) {
    return TestApp.start({
      reuse: { dataDir: config.dataDir, databaseUrl: config.databaseUrl },
      env: {
        DIALECTS: 'multisession:/',
        WHATSAPP_NETWORK: sandbox.url,
        JWT_SECRET_KEY: JWT_KEY,
        // The recorded server stores the limit and does not hold anybody to it.
        CUSTOMER_RATE_LIMIT_ENABLED: 'false',
        WHATSAPP_APPSTATE_WEBHOOK_ENABLED: 'true',
        WEBHOOK_ALLOWED_NETWORKS: 'public',
        WEBHOOK_MAX_PER_DEVICE: '20',
        WEBHOOK_TIMEOUT_MS: '10000',
        ...env,
      },
    })
  }

  /** The same server with other settings; everybody who was linked comes back. */
  async restart(env: Record<string, string>): Promise<void> {
    await this.app.stop()
    this.app = await Stage.#open(this.sandbox, this.#database, env)
    const { sessions } = this.app.parley.services
    await this.app
      .waitFor(
        'the sessions',
        () => [...sessions.statuses().values()].every(({ loggedIn }) => loggedIn),
        5_000,
      )
      .catch(() => {})
  }

  async close(): Promise<void> {
    await this.app.close()
    await this.#database.close()
    await this.sandbox.stop()
  }

  /** Calls the control plane of the simulated network. */
  async control(method: string, path: string, body?: unknown): Promise<Record<string, unknown>> {
    const response = await fetch(`${this.sandbox.controlUrl}/sandbox${path}`, {
      method,
      body: body === undefined ? undefined : JSON.stringify(body),
    })
    const text = await response.text()
    if (!response.ok) throw new Error(`/sandbox${path} answered ${response.status}: ${text}`)
    return JSON.parse(text)
  }

  /** Sends what was recorded, with what is known in place of its placeholders. */
  async send({ route, request }: Line): Promise<Answer> {
    const method = route.split(' ')[0] ?? 'GET'
    const query = request.query ? `?${new URLSearchParams(this.#filled(request.query))}` : ''
    const headers = this.#filled(request.headers ?? {})
    if (headers['X-Long']) headers['X-Long'] = 'x'.repeat(9_000)
    // Nothing of it is read before it is refused.
    if (route === 'POST (body limit)' && request.body === undefined)
      return this.app.request(method, request.path, { body: new Uint8Array(8 * 1024 * 1024 + 1), headers })
    const { body, type } = await this.#body(request.body)
    if (type && !headers['Content-Type']) headers['Content-Type'] = type
    return this.app.request(method, this.bindings.fill(request.path) + query, { body, headers })
  }

  #filled(texts: Record<string, string>): Record<string, string> {
    return Object.fromEntries(
      Object.entries(texts).map(([name, text]) => [name, this.#token(text) ?? this.bindings.fill(text)]),
    )
  }

  async #body(recorded: unknown): Promise<{ body?: string | Uint8Array; type?: string }> {
    if (recorded === undefined) return {}
    const { raw, form, multipart } = (recorded ?? {}) as RecordedBody
    if (raw !== undefined)
      return { body: /^\d+ bytes$/.test(raw) ? 'x'.repeat(Number.parseInt(raw, 10)) : raw }
    if (form) {
      const fields = new URLSearchParams(this.#filled(form))
      return { body: String(fields), type: 'application/x-www-form-urlencoded' }
    }
    if (!multipart) return { body: JSON.stringify(this.bindings.fillAll(recorded)), type: 'application/json' }
    const data = new FormData()
    for (const { name, value, filename, type, content } of multipart) {
      if (content === undefined) data.append(name, this.bindings.fill(value ?? ''))
      else data.append(name, new Blob([await bytesOf(content)], { type }), filename)
    }
    const encoded = new Response(data)
    return {
      body: new Uint8Array(await encoded.arrayBuffer()),
      type: encoded.headers.get('content-type') ?? '',
    }
  }

  /** Tokens that no server has issued. */
  #token(header: string): string | undefined {
    const name = /<jwt_(\w+)>/.exec(header)?.[1] ?? ''
    const deviceId = this.bindings.get('device_a')
    const now = Math.floor(Date.now() / 1000)
    const own = {
      device_id: deviceId,
      api_key_id: 1,
      version: 1,
      sub: deviceId,
      nbf: now - 10,
      iat: now - 10,
    }
    const claims: Record<string, [claims: object, key?: string]> = {
      forged_key: [own, 'another key of the same length as ours'],
      alg_none: [own, ''],
      unknown_device: [{ ...own, device_id: randomUUID() }],
      no_device: [{ ...own, device_id: undefined }],
      version_7: [{ ...own, version: 7 }],
      expired: [{ ...own, exp: now - 5 }],
      not_yet: [{ ...own, nbf: now + 3_600 }],
      other_key_id: [{ ...own, api_key_id: 2 }],
    }
    const made = claims[name]
    return made && header.replace(/<jwt_\w+>/, signedToken(...made))
  }
}

/** A token with these claims; an empty key makes one that says it needs no signature. */
export function signedToken(claims: object, key = JWT_KEY): string {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')
  const signed = `${part({ alg: key === '' ? 'none' : 'HS256', typ: 'JWT' })}.${part(claims)}`
  return `${signed}.${key === '' ? '' : createHmac('sha256', key).update(signed).digest('base64url')}`
}
