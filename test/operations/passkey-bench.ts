import { type Answer, type AppOptions, TestApp, type TestUser } from '../helpers/app.ts'
import type { DatabaseKind } from '../helpers/database.ts'
import { type Receiver, startReceiver } from '../helpers/receiver.ts'

/** Whatever the server answers: tests look into it freely. */
export type Json = ReturnType<typeof JSON.parse>

/** Somebody whose phone belongs to an account that demands a passkey. */
export interface Owner extends TestUser {
  phone: string
}

/** A server on the simulated network, and people who link with passkeys. */
export class PasskeyBench {
  readonly app: TestApp
  readonly receiver: Receiver
  #phones = 0

  private constructor(app: TestApp, receiver: Receiver) {
    this.app = app
    this.receiver = receiver
  }

  static async start(database: DatabaseKind, options: AppOptions = {}): Promise<PasskeyBench> {
    const env = { WEBHOOK_FORMAT: 'json', ...options.env }
    return new PasskeyBench(await TestApp.start({ ...options, database, env }), await startReceiver())
  }

  async close(): Promise<void> {
    await this.app.close()
    await this.receiver.close()
  }

  /** A user whose code is shown, and a phone whose account demands a passkey. */
  async owner(particulars: object | true = true): Promise<Owner> {
    const user = await this.app.createUser({ webhook: this.receiver.url, events: 'All' })
    const phone = `4479003${String(++this.#phones).padStart(5, '0')}`
    await this.demand({ ...user, phone }, particulars)
    await this.app.post('/session/connect', user.token, { Immediate: false })
    return { ...user, phone }
  }

  demand({ phone }: Owner, particulars: object | boolean): Promise<Json> {
    return this.app.sandbox('POST', `/accounts/${phone}`, { passkey: particulars })
  }

  /** The phone scans the code that is shown; gives what the server is asked. */
  async scan(owner: Owner): Promise<Json> {
    const qr = await this.app.waitFor('a code', async () => this.session(owner)?.status.qr)
    await this.app.sandbox('POST', '/scan', { qr, phone: owner.phone })
    return this.question(owner)
  }

  /** The same for a new user, in one go. */
  async demanded(particulars: object | true = true): Promise<Owner> {
    const owner = await this.owner(particulars)
    await this.scan(owner)
    return owner
  }

  async question(owner: Owner): Promise<Json> {
    return this.app.waitFor('the question', async () => (await this.pending(owner)).publicKey)
  }

  session({ id }: TestUser) {
    return this.app.parley.services.sessions.find(id)
  }

  async pending({ token }: TestUser): Promise<Json> {
    return (await this.app.get('/session/passkey-status', token)).json.data
  }

  async status({ token }: TestUser): Promise<Json> {
    return (await this.app.get('/session/status', token)).json.data
  }

  /** The owner uses the passkey in the browser. */
  async assert(owner: Owner, deviations: object = {}): Promise<Json> {
    const { publicKey } = await this.pending(owner)
    return this.app.sandbox('POST', `/accounts/${owner.phone}/assert`, { options: publicKey, ...deviations })
  }

  respond({ token }: TestUser, response: unknown): Promise<Answer> {
    return this.app.post('/session/passkey-response', token, { response })
  }

  /** Uses the passkey and sends the answer. */
  async answer(owner: Owner, deviations: object = {}): Promise<Answer> {
    return this.respond(owner, await this.assert(owner, deviations))
  }

  confirm({ token }: TestUser): Promise<Answer> {
    return this.app.post('/session/passkey-confirm', token)
  }

  linked(owner: Owner): Promise<unknown> {
    return this.app.waitFor('the link', async () => (await this.status(owner)).loggedIn)
  }

  /** What the service and the phone have seen of the latest linking. */
  seen({ phone }: Owner): Promise<Json> {
    return this.app.sandbox('GET', `/accounts/${phone}/passkey`)
  }

  /** Resolves when the linking has failed and a code with other keys is shown. */
  async beganAnew(owner: Owner): Promise<void> {
    await this.app.waitFor('a new code', async () => {
      const { passkeyPending, qrcode } = await this.status(owner)
      return !passkeyPending && qrcode
    })
  }

  /** The events of a type that one user was told. */
  told({ id }: TestUser, type: string): Json[] {
    return this.receiver.requests
      .map(({ event }) => event as Json)
      .filter((event) => event.type === type && event.userID === id)
  }

  async tells(owner: TestUser, type: string): Promise<Json> {
    return this.app.waitFor(type, () => this.told(owner, type).at(0))
  }

  /** A request of the page of a linking. */
  page(key: string, method: string, path: string, body?: unknown): Promise<Answer> {
    return this.app.request(method, `/link${path}`, { headers: { 'Linking-Key': key }, body })
  }

  async keyOf(owner: Owner): Promise<string> {
    return (await this.pending(owner)).passkeyPage.replace('/link/#', '')
  }
}
