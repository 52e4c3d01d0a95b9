import {
  ADMIN_TOKEN,
  type Answer,
  type AppOptions,
  type LinkedUser,
  TestApp,
  type TestUser,
} from '../../helpers/app.ts'

const BASE = '/wago'

/** A linked session of the dialect WaGo and somebody to write to. */
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

  static async start(options: AppOptions = {}): Promise<Wago> {
    const app = await TestApp.start(options)
    const user = await app.linkedUser({ name: 'Main', events: '' })
    return new Wago(app, user, await app.contact('5511987654321', { name: 'Maria' }))
  }

  /** JID of the contact. */
  get contactJid(): string {
    return `${this.contact}@s.whatsapp.net`
  }

  /** JID of the session's own account. */
  get ownJid(): string {
    return `${this.user.phone}@s.whatsapp.net`
  }

  /** GET below the dialect's base with the token of a session; '' sends none. */
  get(path: string, token = this.user.token): Promise<Answer> {
    return this.request('GET', path, { token })
  }

  /** POST, the same; a text as body goes out as it is. */
  post(path: string, body?: unknown, token = this.user.token): Promise<Answer> {
    return this.request('POST', path, { token, body })
  }

  /** POST, its status and what it answered. */
  async call(path: string, body?: unknown, token = this.user.token): Promise<[number, Answer['json']]> {
    const { status, json } = await this.post(path, body, token)
    return [status, json]
  }

  /** As the administrator, of the session with this token where one is given. */
  admin(method: string, path: string, { token = '', body }: { token?: string; body?: unknown } = {}) {
    return this.request(method, path, { token, body, headers: { admintoken: ADMIN_TOKEN } })
  }

  request(
    method: string,
    path: string,
    { token = '', body, headers }: { token?: string; body?: unknown; headers?: Record<string, string> } = {},
  ): Promise<Answer> {
    return this.app.request(method, BASE + path, {
      body,
      headers: { ...(token !== '' && { token }), ...headers },
    })
  }

  /** A session that nobody has connected. */
  unlinked(): Promise<TestUser> {
    return this.app.createUser({ events: '' })
  }

  /** A session that has connected and waits for a phone. */
  async waiting(): Promise<TestUser> {
    const user = await this.unlinked()
    await this.post('/session/connect', { Immediate: true }, user.token)
    await this.app.waitFor('a code', () => this.app.parley.services.sessions.find(user.id)?.status.qr)
    return user
  }

  /** Sends as the session does, and yields what the contact decrypted. */
  async arrives(path: string, body: object, phone = this.contact): Promise<Answer['json']> {
    const [status, json] = await this.call(path, { Phone: phone, ...body })
    if (status !== 200) throw new Error(`${path} answered ${status}: ${JSON.stringify(json)}`)
    return this.arrived(json.data.Id, phone)
  }

  /** What somebody decrypted of the message with this id. */
  async arrived(id: string, phone = this.contact): Promise<Answer['json']> {
    return this.app.waitFor(`message ${id}`, async () =>
      (await this.app.received(phone)).find((message) => message.id === id),
    )
  }

  /** The first message about another one (a reaction, an edit, …) whose content passes. */
  async change(matches: (message: Answer['json']) => boolean, phone = this.contact): Promise<Answer['json']> {
    const found = await this.app.waitFor('a message about another', async () =>
      (await this.app.received(phone)).find(({ message }) => matches(message)),
    )
    return found.message
  }

  /** The contact writes to a session; yields the message's id. */
  async says(content: object, to: LinkedUser = this.user): Promise<string> {
    const { id } = await this.app.sandbox('POST', `/contacts/${this.contact}/send`, {
      ...(!('group' in content) && { to: to.phone }),
      ...content,
    })
    return id
  }

  /** The same, of a message that the session has stored then. */
  async hears(content: object, to: LinkedUser = this.user): Promise<string> {
    const id = await this.says(content, to)
    const { db } = this.app.parley.services
    await this.app.waitFor('the message', () => db('messages').where({ user_id: to.id, id }).first())
    return id
  }

  /** What the phone knows of the settings it shares with its companions: the value at this index. */
  async setting(...index: string[]): Promise<Answer['json']> {
    const { settings } = await this.app.sandbox('GET', `/contacts/${this.user.phone}/settings`)
    return settings.find((one: { index: string[] }) => one.index.join() === index.join())?.value
  }

  /** Waits for a stanza that the contact has got and `matches` likes. */
  async observed(
    matches: (stanza: Answer['json']) => boolean,
    phone = this.contact,
  ): Promise<Answer['json']> {
    return this.app.waitFor('a stanza', async () => {
      const { observations } = await this.app.sandbox('GET', `/contacts/${phone}/observations`)
      return observations.findLast(matches)
    })
  }

  /** What the network knows of an account: its about, picture, privacy and blocked people. */
  account(phone = this.user.phone): Promise<Answer['json']> {
    return this.app.sandbox('GET', `/contacts/${phone}/account`)
  }

  /** What the network knows of a group. */
  group(jid: string): Promise<Answer['json']> {
    return this.app.sandbox('GET', `/groups/${jid}`)
  }

  /** A new group with the contact in it; its JID. */
  async newGroup(GroupName = 'Family Group', Participants = [this.contact]): Promise<string> {
    const [status, json] = await this.call('/group/create', { GroupName, Participants })
    if (status !== 200) throw new Error(`no group: ${JSON.stringify(json)}`)
    return json.data.JID
  }

  close(): Promise<void> {
    return this.app.close()
  }
}

/** What an instant looks like: RFC 3339, whole seconds. */
export const RFC3339 = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(Z|[+-]\d\d:\d\d)$/

/** What a success looks like. */
export function success(data: unknown): object {
  return { code: 200, data, success: true }
}

/** What a failure looks like. */
export function failure(code: number, error: unknown): object {
  return { code, error, success: false }
}

/** The whole answer of a request that is refused because of what it says. */
export function refused(error: unknown): [number, object] {
  return [400, failure(400, error)]
}

/** The whole answer of what has no result but a sentence. */
export function done(Details: string): [number, object] {
  return [200, success({ Details })]
}
