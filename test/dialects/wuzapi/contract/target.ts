import { TestApp } from '../../../helpers/app.ts'
import { type DatabaseKind, databaseKinds } from '../../../helpers/database.ts'

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

export type Profile = 'reference' | 'current'

/**
 * For `describe.each`: both profiles on both databases. A server elsewhere has one database and, as `WUZAPI_PROFILE`
 * says, one profile.
 */
export const combinations = process.env.WUZAPI_URL
  ? [{ database: databaseKinds[0], profile: elsewhere() }]
  : databaseKinds.flatMap((database) => [
      { database, profile: 'reference' as const },
      { database, profile: 'current' as const },
    ])

/** Somebody who is linked, and somebody to write to. */
export interface LinkedPair {
  token: string
  /** Number of a contact, digits. */
  contact: string
}

/** A server that speaks wuzapi: one started for the test, or the one `WUZAPI_URL` names. */
export class Target {
  readonly #url: string
  readonly #adminToken: string
  readonly #app: TestApp | undefined

  private constructor(url: string, adminToken: string, app?: TestApp) {
    this.#url = url
    this.#adminToken = adminToken
    this.#app = app
  }

  /** A server elsewhere must run with the profile the tests expect; its admin token is `WUZAPI_ADMIN_TOKEN`. */
  static async start(profile: Profile, database: DatabaseKind = 'sqlite'): Promise<Target> {
    const { WUZAPI_URL: url, WUZAPI_ADMIN_TOKEN: adminToken = '' } = process.env
    if (url) return new Target(url, adminToken)
    const app = await TestApp.start({ database, env: { WUZAPI_PROFILE: profile } })
    return new Target(app.url, app.parley.adminToken, app)
  }

  /** A user with an open session; at a server elsewhere, the one `WUZAPI_TOKEN` and `WUZAPI_CONTACT` name. */
  async linkedPair(contact: string): Promise<LinkedPair> {
    const { WUZAPI_TOKEN: token, WUZAPI_CONTACT: number } = process.env
    if (!this.#app) {
      if (!token || !number) throw new Error('WUZAPI_URL needs WUZAPI_TOKEN and WUZAPI_CONTACT beside it')
      return { token, contact: number }
    }
    const user = await this.#app.linkedUser()
    return { token: user.token, contact: await this.#app.contact(contact) }
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

  async stop(): Promise<void> {
    await this.#app?.close()
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

function elsewhere(): Profile {
  return process.env.WUZAPI_PROFILE === 'reference' ? 'reference' : 'current'
}
