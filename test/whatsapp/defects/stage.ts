import { setTimeout as delay } from 'node:timers/promises'
import { type Sandbox, startSandbox } from '../../../src/sandbox/index.ts'
import { LinkedDevice } from '../../../src/sandbox/peer/linked-device.ts'
import { Peer } from '../../../src/sandbox/peer/peer.ts'
import { child, node } from '../../../src/sandbox/world/node.ts'
import type { BinaryNode } from '../../../src/whatsapp/library/engine.ts'
import { type LinkedUser, TestApp } from '../../helpers/app.ts'
import type { DatabaseKind } from '../../helpers/database.ts'
import { type Receiver, startReceiver } from '../../helpers/receiver.ts'
import { BareClient } from './bare-client.ts'

/** Long enough for what is on its way between three processes to arrive, where nothing shows that it has. */
const SETTLE_MS = 700

let numbers = 0

/** One simulated network with a server and bare clients on it: both are shown the same mishaps. */
export class Stage {
  readonly sandbox: Sandbox
  /** The server, since its last restart. */
  app: TestApp
  readonly #first: TestApp
  readonly #env: Record<string, string>
  /** Gets the server's webhooks. */
  readonly receiver: Receiver
  readonly #bare: BareClient[] = []

  private constructor(sandbox: Sandbox, app: TestApp, env: Record<string, string>, receiver: Receiver) {
    this.sandbox = sandbox
    this.app = app
    this.#first = app
    this.#env = env
    this.receiver = receiver
  }

  static async open(
    database: DatabaseKind = 'sqlite',
    settings: Record<string, string> = {},
  ): Promise<Stage> {
    const sandbox = await startSandbox()
    const env = { WHATSAPP_NETWORK: sandbox.url, WEBHOOK_FORMAT: 'json', ...settings }
    const app = await TestApp.start({ database, env })
    return new Stage(sandbox, app, env, await startReceiver())
  }

  /** A contact with a number of its own. */
  contact(): Peer {
    const account = this.sandbox.network.createAccount({ phone: newPhone(), name: 'Contact' })
    const phone = account.devices.get(0)
    if (!(phone instanceof Peer)) throw new Error('contacts are scripted phones')
    return phone
  }

  /** A device run by the unmodified library. */
  async bare(options: { pauseMs?: number } = {}): Promise<BareClient> {
    const client = await BareClient.linked(this.sandbox, { phone: newPhone(), ...options })
    this.#bare.push(client)
    return client
  }

  /** A user of the server with an open session. */
  async user(): Promise<LinkedUser> {
    const user = await this.app.createUser({ webhook: this.receiver.url })
    await this.app.post('/session/connect', user.token, { Immediate: true })
    const status = () => this.app.parley.services.sessions.find(user.id)?.status
    const qr = await this.app.waitFor('a code', () => status()?.qr)
    const phone = newPhone()
    const account = this.sandbox.network.createAccount({ phone, name: phone })
    await this.sandbox.server.pairing.scan(account, qr)
    await this.app.waitFor('the session to open', () => status()?.loggedIn)
    return { ...user, phone }
  }

  /** The device that is linked to a phone. */
  companionOf(phone: string): LinkedDevice {
    const devices = [...(this.sandbox.network.findAccount(phone)?.devices.values() ?? [])]
    const companion = devices.find((device) => device instanceof LinkedDevice)
    if (!companion) throw new Error(`${phone} has no companion`)
    return companion
  }

  /** The stanza with which a message left. */
  async messageStanza(id: string): Promise<BinaryNode> {
    const { stanza } = await this.sandbox.server.stanzas.find(
      ({ direction, stanza: { tag, attrs } }) =>
        direction === 'from-client' && tag === 'message' && attrs.id === id,
    )
    return stanza
  }

  /** Changes what is handed to a companion from now on, undefined leaves it out; returns what ends that. */
  meddle(phone: string, change: (stanza: BinaryNode) => BinaryNode | undefined): () => void {
    const companion = this.companionOf(phone)
    const deliver = companion.deliver.bind(companion)
    companion.deliver = (stanza) => {
      const changed = change(stanza)
      if (changed) deliver(changed)
    }
    return () => {
      companion.deliver = deliver
    }
  }

  /** Holds back stanzas of one kind that are meant for a companion until told to hand them over. */
  hold(phone: string, tag = 'message'): () => void {
    const held: BinaryNode[] = []
    const end = this.meddle(phone, (stanza) => {
      if (stanza.tag !== tag) return stanza
      held.push(stanza)
      return undefined
    })
    return () => {
      end()
      for (const stanza of held) this.companionOf(phone).deliver(stanza)
    }
  }

  /** Lets the service know nobody's LID in what it tells an account meanwhile. */
  async withoutLids(phone: string, meanwhile: () => Promise<void>): Promise<void> {
    const account = this.sandbox.network.findAccount(phone)
    if (!account) throw new Error(`nobody has the number ${phone}`)
    const { faults } = this.sandbox.network
    const fault = faults.inject({ kind: 'refuse-query', xmlns: 'usync', code: 500 }, { account })
    const end = this.meddle(phone, (stanza) => {
      const { sender_lid: _, ...attrs } = stanza.attrs
      return { ...stanza, attrs }
    })
    await meanwhile()
    end()
    fault.remove()
  }

  /** A group that somebody creates with others in it. */
  async group(creator: Peer, ...phones: string[]): Promise<string> {
    const participants = phones.map((phone) => node('participant', { jid: `${phone}@s.whatsapp.net` }))
    const request = node('iq', { id: 'new-group', to: '@g.us', type: 'set', xmlns: 'w:g2' }, [
      node('create', { subject: 'Group', key: `group-${newPhone()}` }, participants),
    ])
    const reply = await this.sandbox.network.iq(creator, request)
    const group = this.sandbox.network.findGroup(child(reply, 'group')?.attrs.id ?? '')
    if (!group) throw new Error('the group was not created')
    return group.jid
  }

  /** The ids of a user's stored keys of a kind. */
  async keys(user: LinkedUser, kind: string): Promise<string[]> {
    const rows: { id: string }[] = await this.app.parley.services
      .db('auth')
      .where({ user_id: user.id, kind })
      .select('id')
    return rows.map(({ id }) => id)
  }

  /** How often the webhook was told of a message that could not be decrypted. */
  undecryptable(): number {
    return this.receiver.requests.filter(({ event }) => event.type === 'UndecryptableMessage').length
  }

  /** Ends the connection of a user's session and keeps it away while `meanwhile` happens. */
  async away(user: LinkedUser, meanwhile: () => Promise<void>): Promise<void> {
    const { sessions } = this.app.parley.services
    await sessions.drain()
    await meanwhile()
    await sessions.restore()
    await this.app.waitFor('the session to open', () => sessions.find(user.id)?.status.loggedIn)
  }

  /** Stops the server, and starts another on its database after `meanwhile`. */
  async restart(user: LinkedUser, meanwhile: () => Promise<void> = async () => {}): Promise<void> {
    await this.app.stop()
    await meanwhile()
    this.app = await TestApp.start({ reuse: this.#first.place, env: this.#env })
    const { sessions } = this.app.parley.services
    await this.app.waitFor('the session to open', () => sessions.find(user.id)?.status.loggedIn)
  }

  /** The texts of messages that reached the webhook, in order, repeated deliveries included. */
  delivered(): string[] {
    return this.receiver.requests.flatMap(
      ({ body }) => /"(?:text|conversation)":"([^"]*)"/.exec(body)?.[1] ?? [],
    )
  }

  /** Waits until a text is at the webhook. */
  async arrives(text: string): Promise<void> {
    await this.app.waitFor(`"${text}" at the webhook`, () => this.delivered().includes(text))
  }

  /** Sends a text through the server, as its users do. */
  sendText(user: LinkedUser, to: string, Body: string) {
    return this.app.post('/chat/send/text', user.token, { Phone: to, Body })
  }

  /** Lets everything that is on its way arrive. */
  async settles(): Promise<void> {
    await delay(SETTLE_MS)
  }

  /** How many stanzas a device sent that look as wanted. */
  sentBy(device: string, matches: (stanza: BinaryNode) => boolean): number {
    return this.sandbox.server.stanzas.list(
      (entry) => entry.direction === 'from-client' && entry.device === device && matches(entry.stanza),
    ).length
  }

  async close(): Promise<void> {
    await Promise.all(this.#bare.map((client) => client.kill()))
    await this.app.stop()
    await this.#first.close()
    await this.receiver.close()
    await this.sandbox.stop()
  }
}

/** What a contact has decrypted. */
export function readBy(contact: Peer): string[] {
  return contact.messages.flatMap(({ text }) => text ?? [])
}

function newPhone(): string {
  numbers += 1
  return `4479030${String(process.pid % 1000).padStart(3, '0')}${String(numbers).padStart(2, '0')}`
}
