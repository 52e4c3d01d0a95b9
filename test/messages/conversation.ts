import { DEVICE_NAME, Multisession } from '../dialects/multisession/messaging.ts'
import { API_KEY } from '../dialects/wago-api/wago.ts'
import type { DatabaseKind } from '../helpers/database.ts'
import { type Receiver, startReceiver } from '../helpers/receiver.ts'
import type { Earlier, ReceivedKind } from './received-kinds.ts'

/** Whatever the server tells: tests look into it freely. */
type Json = ReturnType<typeof JSON.parse>

export const dialects = ['wuzapi', 'wago-api', 'wsgo', 'wago', 'multisession'] as const
export type Dialect = (typeof dialects)[number]

/** One linked phone, a webhook of every dialect, and a contact that has said everything there is. */
export class Talk {
  readonly device: Multisession
  readonly #receivers: Record<Dialect, Receiver>
  /** The id of what was said, by the name of its kind. */
  readonly #ids = new Map<string, string>()

  private constructor(device: Multisession, receivers: Record<Dialect, Receiver>) {
    this.device = device
    this.#receivers = receivers
  }

  static async start(database: DatabaseKind, kinds: readonly ReceivedKind[]): Promise<Talk> {
    const receivers: Record<string, Receiver> = {}
    for (const dialect of dialects) receivers[dialect] = await startReceiver()
    const talk = await Talk.#linked(database, receivers as Record<Dialect, Receiver>)
    const earlier = await talk.#before()
    for (const kind of kinds) {
      const { id, items } = await talk.say(kind.says(earlier)).catch((error: unknown) => {
        throw new Error(`${kind.name} cannot be said`, { cause: error })
      })
      talk.#ids.set(kind.name, kind.isItem ? items[0] : id)
    }
    return talk
  }

  static async #linked(database: DatabaseKind, receivers: Record<Dialect, Receiver>): Promise<Talk> {
    const env = { API_KEY, WEBHOOK_FORMAT: 'json', BASE_WEBHOOK_URL: receivers['wago-api'].url }
    const device = await Multisession.start({ database, env })
    const talk = new Talk(device, receivers)
    const { app, device: linked } = device
    const { token } = linked.user
    await app.post('/wuzapi/webhook', token, { webhookURL: receivers.wuzapi.url, events: ['Message'] })
    await app.post('/wuzapi/session/history', token, { history: 500 })
    await app.request('POST', '/wsgo/api/webhook', {
      headers: { 'X-API-Key': token },
      body: { url: receivers.wsgo.url },
    })
    await app.post('/wago/webhook', token, { WebhookURL: receivers.wago.url })
    await device.call('POST /webhooks', { url: receivers.multisession.url, events: ['message.received'] })
    return talk
  }

  async #before(): Promise<Earlier> {
    const { app, contact } = this.device
    const ask = async (content: object): Promise<string> => (await this.say(content)).id
    const friend = await app.contact('447900000499')
    const { jid: ownGroup } = await app.sandbox('POST', '/groups', {
      subject: 'Sailors',
      participants: [friend],
      creator: contact,
    })
    const { jid: channel } = await app.sandbox('POST', `/contacts/${contact}/channels`, { name: 'News' })
    return {
      text: await ask({ text: 'The first' }),
      poll: await ask({ poll: { name: 'Lunch?', options: ['yes', 'no'], version: 6, extensible: true } }),
      event: await ask({ event: { name: 'Fair', start: 1_800_000_000 } }),
      status: await ask({ to: 'status@broadcast', text: 'My day' }),
      friend,
      ownGroup,
      channel,
    }
  }

  say(content: object): Promise<Json> {
    const { app, contact, device } = this.device
    return app.sandbox('POST', `/contacts/${contact}/send`, { to: device.user.phone, ...content })
  }

  idOf({ name }: ReceivedKind): string {
    return this.#ids.get(name) ?? ''
  }

  /** What the webhook of a dialect was told of a kind, once it is there. */
  told(dialect: Dialect, kind: ReceivedKind): Promise<Json> {
    const id = this.idOf(kind)
    return this.device.app.waitFor(`${kind.name} in ${dialect}`, () => this.find(dialect, id))
  }

  find(dialect: Dialect, id: string): Json {
    return this.#receivers[dialect].requests.find(({ event }) => idIn(dialect, event) === id)?.event
  }

  /** Everything in wuzapi's history of the chat, by message id. */
  async history(): Promise<Map<string, Json>> {
    const { app, device, contact } = this.device
    const lid = (await app.sandbox('GET', '/contacts')).find(({ phone }: Json) => phone === contact)?.lid
    const { json } = await app.get(`/wuzapi/chat/history?chat_jid=${lid}&limit=500`, device.user.token)
    return new Map(json.data.map((entry: Json) => [entry.message_id, entry]))
  }

  /** The newest messages of the chat as multisession lists them, by id. */
  async list(): Promise<Map<string, Json>> {
    const [, { data }] = await this.device.call(`GET /chats/${this.device.contact}/messages?limit=100`)
    return new Map(data.messages.map((message: Json) => [message.message_id, message]))
  }

  /** A request of wago-api's session. */
  async call(path: string, body: object): Promise<Json> {
    const { app } = this.device
    const headers = { 'x-api-key': API_KEY }
    const { json } = await app.request('POST', `/wago-api${path}/${DEVICE_NAME}`, { headers, body })
    return json
  }

  async close(): Promise<void> {
    await this.device.app.close()
    for (const receiver of Object.values(this.#receivers)) await receiver.close()
  }
}

function idIn(dialect: Dialect, event: Json): string | undefined {
  switch (dialect) {
    case 'wuzapi':
    case 'wago':
      return event.event?.Info?.ID
    case 'wago-api':
      return event.data?.id
    case 'wsgo':
      return event.data?.messageID
    case 'multisession':
      return event.data?.message_id
  }
}
