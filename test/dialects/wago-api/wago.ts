import { type Answer, type AppOptions, type LinkedUser, TestApp } from '../../helpers/app.ts'

export const API_KEY = 'test-api-key'
export const BASE = '/wago-api'
/** Name of the session that `Wago` links, and so its id in paths. */
export const SESSION = 'main'

/** A linked session of the dialect wago-api and somebody to write to. */
export class Wago {
  readonly app: TestApp
  readonly user: LinkedUser
  /** Number of the contact, digits. */
  readonly contact: string

  private constructor(app: TestApp, user: LinkedUser, contact: string) {
    this.app = app
    this.user = user
    this.contact = contact
  }

  /** Starts a server whose `API_KEY` is the test's, links the session `main` and adds the contact. */
  static async start(options: AppOptions = {}, contact = '491711234567'): Promise<Wago> {
    const app = await TestApp.start({ ...options, env: { API_KEY, ...options.env } })
    const user = await app.linkedUser({ name: SESSION })
    return new Wago(app, user, await app.contact(contact, { name: 'Ann' }))
  }

  /** The same for a user that is linked already. */
  static of(app: TestApp, user: LinkedUser, contact: string): Wago {
    return new Wago(app, user, contact)
  }

  /** JID of the contact. */
  get contactJid(): string {
    return `${this.contact}@s.whatsapp.net`
  }

  /** JID of the session's own account. */
  get ownJid(): string {
    return `${this.user.phone}@s.whatsapp.net`
  }

  /** POST below the dialect's base, with the key of all sessions unless another one is given; '' sends none. */
  call(path: string, body?: unknown, key = API_KEY): Promise<Answer> {
    return this.request('POST', path, { body, key })
  }

  /** GET below the dialect's base. */
  get(path: string, key = API_KEY): Promise<Answer> {
    return this.request('GET', path, { key })
  }

  request(
    method: string,
    path: string,
    { key = API_KEY, body, headers }: { key?: string; body?: unknown; headers?: Record<string, string> } = {},
  ): Promise<Answer> {
    return this.app.request(method, BASE + path, {
      body,
      headers: { ...(key !== '' && { 'x-api-key': key }), ...headers },
    })
  }

  async stop(): Promise<void> {
    await this.app.close()
  }
}

/** What a failure looks like. */
export function failure(error: string): object {
  return { success: false, error }
}
