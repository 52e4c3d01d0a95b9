import { type BinaryNode, jidDecode, jidEncode } from '../../whatsapp/library/engine.ts'
import type { SignalEndpoint } from '../peer/signal-endpoint.ts'
import { type AddressServer, addressServer, type Device } from './account.ts'
import type { Network } from './network.ts'
import { child, children, node, SERVICE } from './node.ts'

/** A device somebody can encrypt to. */
export interface Addressee {
  /** The form the stanza uses: phone number or LID, as the chat is addressed. */
  jid: string
  /** The form the Signal session is kept under. */
  lid: string
}

/** What a phone asks the service before it can encrypt: devices, key bundles and group members. */
export class DeviceDirectory {
  readonly #network: Network
  readonly #self: Device
  readonly #signal: SignalEndpoint
  #lastQuery = 0

  constructor(network: Network, self: Device, signal: SignalEndpoint) {
    this.#network = network
    this.#self = self
    this.#signal = signal
  }

  /** All devices of the given users except the asking one, through a usync query as before every real send. */
  async devicesOf(users: string[]): Promise<Addressee[]> {
    const usync = { context: 'message', mode: 'query', sid: this.#nextId(), last: 'true', index: 0 }
    const list = users.map((jid) => node('user', { jid }))
    const reply = await this.#query('get', 'usync', [
      node('usync', usync, [
        node('query', {}, [node('devices', { version: 2 }), node('lid')]),
        node('list', {}, list),
      ]),
    ])
    const ownLid = this.#self.account.lidJid(this.#self.id)
    return children(child(child(reply, 'usync'), 'list'))
      .flatMap(addressees)
      .filter(({ lid }) => lid !== ownLid)
  }

  /** Fetches key bundles for the devices without a session; those the service has no keys for are left out of the result. */
  async withSessions(devices: Addressee[]): Promise<Addressee[]> {
    const strangers: Addressee[] = []
    for (const device of devices) if (!(await this.#signal.hasSession(device.lid))) strangers.push(device)
    const opened = await this.renewSessions(strangers)
    return devices.filter((device) => !strangers.includes(device) || opened.has(device.lid))
  }

  /** Replaces the sessions with these devices by new ones; returns the LIDs of those the service had keys for. */
  async renewSessions(devices: Addressee[]): Promise<Set<string>> {
    const opened = new Set<string>()
    if (devices.length === 0) return opened
    const users = devices.map(({ lid }) => node('user', { jid: lid, reason: 'identity' }))
    const reply = await this.#query('get', 'encrypt', [node('key', {}, users)])
    for (const user of children(child(reply, 'list'))) {
      const lid = user.attrs.jid ?? ''
      await this.#signal.openSession(lid, user)
      opened.add(lid)
    }
    return opened
  }

  /** Members and addressing of a group. Throws when the service does not show the group to this account. */
  async group(jid: string): Promise<{ members: string[]; addressing: AddressServer }> {
    const reply = await this.#query('get', 'w:g2', [node('query', { request: 'interactive' })], jid)
    const group = child(reply, 'group')
    const members = children(group).flatMap(({ tag, attrs }) =>
      tag === 'participant' && attrs.jid ? [attrs.jid] : [],
    )
    return { members, addressing: group?.attrs.addressing_mode === 'lid' ? 'lid' : 's.whatsapp.net' }
  }

  async #query(type: 'get' | 'set', xmlns: string, content: BinaryNode[], to = SERVICE): Promise<BinaryNode> {
    const request = node('iq', { id: this.#nextId(), to, type, xmlns }, content)
    const reply = await this.#network.iq(this.#self, request)
    const error = reply.attrs.type === 'error' ? child(reply, 'error') : undefined
    if (error) throw new Error(`${xmlns} query refused: ${error.attrs.code} ${error.attrs.text}`)
    return reply
  }

  #nextId(): string {
    this.#lastQuery += 1
    return `peer-${this.#lastQuery}`
  }
}

function addressees(user: BinaryNode): Addressee[] {
  const asked = jidDecode(user.attrs.jid)
  const lid = asked?.server === 'lid' ? asked : jidDecode(child(user, 'lid')?.attrs.val)
  if (!asked || !lid) return []
  const server = addressServer(user.attrs.jid)
  return children(child(child(user, 'devices'), 'device-list')).map(({ attrs }) => {
    const device = Number(attrs.id)
    return { jid: jidEncode(asked.user, server, device), lid: jidEncode(lid.user, 'lid', device) }
  })
}
