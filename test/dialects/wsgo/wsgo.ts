import { type Answer, type AppOptions, type LinkedUser, TestApp, type TestUser } from '../../helpers/app.ts'

/** A linked user of the dialect wsgo and somebody to write to. */
export class Wsgo {
  readonly app: TestApp
  readonly user: LinkedUser
  /** Number of the contact, digits. */
  readonly contact: string
  /** Where the dialect is served: '' at the root. */
  readonly base: string

  private constructor(
    app: TestApp,
    { user, contact, base }: { user: LinkedUser; contact: string; base: string },
  ) {
    this.app = app
    this.user = user
    this.contact = contact
    this.base = base
  }

  static async start(options: AppOptions = {}): Promise<Wsgo> {
    const app = await TestApp.start(options)
    const user = await app.linkedUser({ name: 'John', events: '' })
    const contact = await app.contact('573001234567', { name: 'Jane' })
    return new Wsgo(app, { user, contact, base: '/wsgo' })
  }

  get contactJid(): string {
    return `${this.contact}@s.whatsapp.net`
  }

  /** GET below the dialect's base with the key of a user; '' sends none. */
  get(path: string, key = this.user.token): Promise<Answer> {
    return this.request('GET', path, { key })
  }

  /** POST, the same; a text as body goes out as it is. */
  post(path: string, body?: unknown, key = this.user.token): Promise<Answer> {
    return this.request('POST', path, { key, body })
  }

  request(
    method: string,
    path: string,
    {
      key = this.user.token,
      body,
      headers,
    }: { key?: string; body?: unknown; headers?: Record<string, string> } = {},
  ): Promise<Answer> {
    return this.app.request(method, this.base + path, {
      body,
      headers: { ...(key !== '' && { 'X-API-Key': key }), ...headers },
    })
  }

  /** What the contact decrypted of the message with this id. */
  async arrived(id: string) {
    return this.app.waitFor(`message ${id}`, async () =>
      (await this.app.received(this.contact)).find((message) => message.id === id),
    )
  }

  /** The contact writes to a user; yields the message's id. */
  async hears(content: object, to: LinkedUser = this.user): Promise<string> {
    const { id } = await this.app.sandbox('POST', `/contacts/${this.contact}/send`, {
      to: to.phone,
      ...content,
    })
    return id
  }

  unlinked(): Promise<TestUser> {
    return this.app.createUser({ events: '' })
  }

  close(): Promise<void> {
    return this.app.close()
  }
}

/** What an instant looks like: RFC 3339, UTC, whole seconds. */
export const RFC3339 = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/

/** What a failure looks like. */
export function failure(error: string): object {
  return { error }
}
