import { TestApp } from '../../helpers/app.ts'

/** Whatever a server answers: tests look into it freely. */
type Json = ReturnType<typeof JSON.parse>

export interface Reply {
  status: number
  headers: Headers
  text: string
  json: Json
}

export interface CallOptions {
  token?: string
  admin?: boolean
  headers?: Record<string, string>
  /** Text goes out as it is, anything else as JSON. */
  body?: unknown
}

/** A server that speaks wuzapi: one started for the test, or the one `WUZAPI_URL` names. */
export class Target {
  readonly #url: string
  readonly #adminToken: string
  readonly #stop: () => Promise<void>

  private constructor(url: string, adminToken: string, stop: () => Promise<void>) {
    this.#url = url
    this.#adminToken = adminToken
    this.#stop = stop
  }

  /** A server elsewhere must run with the profile the tests expect; its admin token is `WUZAPI_ADMIN_TOKEN`. */
  static async start(profile: 'reference' | 'current'): Promise<Target> {
    const { WUZAPI_URL: url, WUZAPI_ADMIN_TOKEN: adminToken = '' } = process.env
    if (url) return new Target(url, adminToken, async () => {})
    const app = await TestApp.start({ env: { WUZAPI_PROFILE: profile } })
    return new Target(app.url, app.parley.adminToken, () => app.close())
  }

  async call(method: string, path: string, options: CallOptions = {}): Promise<Reply> {
    const { token, admin, headers, body } = options
    const response = await fetch(this.#url + path, {
      method,
      headers: {
        ...(token !== undefined && { Token: token }),
        ...(admin && { Authorization: this.#adminToken }),
        ...headers,
      },
      ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    })
    const text = await response.text()
    return { status: response.status, headers: response.headers, text, json: parsed(text) }
  }

  admin(method: string, path: string, body?: unknown): Promise<Reply> {
    return this.call(method, `/admin/users${path}`, { admin: true, body })
  }

  /** A new user; answers its id and token. */
  async createUser(fields: Record<string, unknown> = {}): Promise<{ id: string; token: string }> {
    const token = crypto.randomUUID()
    const { status, text, json } = await this.admin('POST', '', { name: 'Test', token, ...fields })
    if (status !== 201) throw new Error(`could not create a user: ${status} ${text}`)
    return { id: json.data.id, token }
  }

  stop(): Promise<void> {
    return this.#stop()
  }
}

/** What a failure looks like. */
export function failure(code: number, error: string): object {
  return { code, error, success: false }
}

function parsed(text: string): Json {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
