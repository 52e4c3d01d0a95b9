import type { Answer, AppOptions, TestApp } from '../../helpers/app.ts'
import { DEVICE_NAME, Multisession, type Part } from '../multisession/messaging.ts'
import { API_KEY } from '../wago-api/wago.ts'

type Json = Answer['json']

/** One linked phone that is spoken to in all dialects, somebody to write to, and a group of both and a third one. */
export class Dialects {
  readonly app: TestApp
  /** Numbers, digits. */
  readonly contact: string
  readonly third = '15550004004'
  /** JID of the group. */
  readonly group: string
  readonly #device: Multisession

  private constructor(device: Multisession, group: string) {
    this.#device = device
    this.app = device.app
    this.contact = device.contact
    this.group = group
  }

  static async start({ env, ...options }: AppOptions = {}): Promise<Dialects> {
    const device = await Multisession.start({
      ...options,
      env: { API_KEY, WUZAPI_PROFILE: 'current', ...env },
    })
    const { app, contact } = device
    const third = await app.contact('15550004004', { name: 'Dan' })
    const participants = [device.device.user.phone, contact, third]
    const { jid } = await app.sandbox('POST', '/groups', { subject: 'Team', participants })
    return new Dialects(device, jid)
  }

  get contactJid(): string {
    return `${this.contact}@s.whatsapp.net`
  }

  /** Number of the linked phone, digits. */
  get phone(): string {
    return this.#device.device.user.phone
  }

  get token(): string {
    return this.#device.device.user.token
  }

  async wuzapi(path: string, body: unknown): Promise<[number, Json]> {
    return answerOf(await this.app.post(`/wuzapi${path}`, this.token, body))
  }

  async wago(path: string, body: unknown): Promise<[number, Json]> {
    return answerOf(await this.app.post(`/wago${path}`, this.token, body))
  }

  async wagoApi(path: string, body: unknown): Promise<[number, Json]> {
    const headers = { 'x-api-key': API_KEY }
    return answerOf(await this.app.request('POST', `/wago-api${path}/${DEVICE_NAME}`, { headers, body }))
  }

  async wsgo(path: string, body: unknown): Promise<[number, Json]> {
    const headers = { 'X-API-Key': this.token }
    return answerOf(await this.app.request('POST', `/wsgo${path}`, { headers, body }))
  }

  multisession(route: string, body: object): Promise<[number, Json]> {
    return 'file' in body
      ? this.#device.upload(route, body as Record<string, Part>)
      : this.#device.call(route, body)
  }

  /** The same for what the contact says; yields the id of the message once it is stored. */
  hears(content: object): Promise<string> {
    return this.#device.hears(content)
  }

  /** What somebody's phone has of the message that such an answer is about; it must show it. */
  async shown([status, json]: [number, Json], phone = this.contact): Promise<Json> {
    if (status !== 200) throw new Error(`answered ${status}: ${JSON.stringify(json)}`)
    return this.shownWith(json.data?.Id ?? json.data?.message_id ?? json.messageId ?? json.messageID, phone)
  }

  /** The same by the id of the message. */
  async shownWith(id: string, phone = this.contact): Promise<Json> {
    const { message, shown, hiddenBecause } = await this.#device.arrived(id, phone)
    if (!shown) throw new Error(`the phone does not show it: ${hiddenBecause}`)
    return message
  }

  /** How a group of today names somebody. */
  async lidOf(phone: string): Promise<string> {
    const { accounts } = await this.app.sandbox('GET', '/state')
    return accounts.find((account: Json) => account.phone === phone).lid
  }

  /** The file that somebody's phone downloads for a message. */
  async file(id: string, phone = this.contact): Promise<Buffer> {
    const response = await fetch(`${this.app.url}/sandbox/contacts/${phone}/messages/${id}/file`, {
      headers: { authorization: this.app.parley.adminToken },
    })
    return Buffer.from(await response.arrayBuffer())
  }

  close(): Promise<void> {
    return this.app.close()
  }
}

function answerOf({ status, json }: Answer): [number, Json] {
  return [status, json]
}

/** What a refusal says, whatever it looks like. */
export function sentenceOf(json: Json): string {
  return json.error ?? json.message
}
