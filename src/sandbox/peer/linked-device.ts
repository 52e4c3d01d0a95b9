import { z } from 'zod'
import { STATUS_JID } from '../../lib/jid.ts'
import type { BinaryNode } from '../../whatsapp/library/engine.ts'
import { savedBytes, savedKey, savedNode, savedPreKey } from '../saved/shapes.ts'
import type { Account, Device, KeyBundle, PublicPreKey } from '../world/account.ts'
import { children, node, SERVICE, unixSeconds } from '../world/node.ts'

/** A companion's open connection, as far as its device needs it. */
export interface Link {
  send(stanza: BinaryNode): void
  /** Sends a last stanza, after which the connection is over. */
  end(reason: BinaryNode): void
}

/** What a companion handed over when it registered. */
export interface Registration {
  registrationId: number
  identityKey: Uint8Array
  signedPreKey: PublicPreKey & { signature: Uint8Array }
  /** The client's static Noise key: later logins must use it. */
  noiseKey: Uint8Array
  /** `DeviceProps.PlatformType`: the kind of companion. */
  deviceType: number
  /** Name the companion gave itself, shown in the phone's list of linked devices. */
  label: string
  /** Name of the account's owner, from clients that send one before they are linked. */
  pushName: string | undefined
}

/** Kept for a device until it acknowledges them; everything else is for those present. */
const KEPT = new Set(['message', 'status', 'receipt', 'notification', 'call'])
/** Stanzas kept for an absent companion; the oldest give way. */
const QUEUE_LIMIT = 10_000
/** The client uploads more keys when told about fewer than five. */
const LOW_PRE_KEYS = 5

/** A companion as it is saved: what the service knows of it, and what it has not acknowledged, oldest first. */
export const savedCompanion = z.object({
  id: z.int().positive(),
  keyIndex: z.int().nonnegative(),
  deviceIdentity: savedBytes,
  noiseKey: savedKey,
  label: z.string().default('Companion'),
  registrationId: z.int().nonnegative(),
  identityKey: savedKey,
  signedPreKey: savedPreKey.extend({ signature: savedBytes }),
  /** The stock of one-time keys; missing before the first upload. */
  preKeys: z.array(savedPreKey).optional(),
  waiting: z.array(savedNode).default([]),
  /** Which of them is a status that it refused. */
  refusedStatus: z.string().default(''),
})

/** A companion: its public keys, the stanzas it has not acknowledged, and its connection while there is one. */
export class LinkedDevice implements Device {
  readonly account: Account
  readonly id: number
  readonly keyIndex: number
  readonly deviceIdentity: Uint8Array
  readonly noiseKey: Uint8Array
  readonly label: string
  readonly registrationId: number
  readonly identityKey: Uint8Array
  signedPreKey: PublicPreKey & { signature: Uint8Array }
  readonly #preKeys = new Map<number, Uint8Array>()
  readonly #unacknowledged = new Map<string, BinaryNode>()
  #refusedStatus = ''
  #link: Link | undefined
  #hasUploaded = false
  /** Nothing to complain about before the first upload, nor twice about the same shortage. */
  #toldLow = true

  constructor(
    account: Account,
    options: {
      id: number
      keyIndex: number
      deviceIdentity: Uint8Array
      registration: Omit<Registration, 'deviceType' | 'pushName'>
    },
  ) {
    const { registration } = options
    this.account = account
    this.id = options.id
    this.keyIndex = options.keyIndex
    this.deviceIdentity = options.deviceIdentity
    this.noiseKey = registration.noiseKey
    this.label = registration.label
    this.registrationId = registration.registrationId
    this.identityKey = registration.identityKey
    this.signedPreKey = registration.signedPreKey
  }

  toJson(): z.input<typeof savedCompanion> {
    const { id, keyIndex, deviceIdentity, noiseKey, label, registrationId, identityKey, signedPreKey } = this
    return {
      id,
      keyIndex,
      deviceIdentity,
      noiseKey,
      label,
      registrationId,
      identityKey,
      signedPreKey,
      preKeys: this.preKeys,
      waiting: this.unacknowledged,
      refusedStatus: this.#refusedStatus,
    }
  }

  static fromJson(account: Account, saved: z.output<typeof savedCompanion>): LinkedDevice {
    const device = new LinkedDevice(account, { ...saved, registration: saved })
    if (saved.preKeys) device.storePreKeys(saved.preKeys)
    for (const stanza of saved.waiting) device.deliver(stanza)
    device.#refusedStatus = saved.refusedStatus
    return device
  }

  get jid(): string {
    return this.account.jid(this.id)
  }

  get isConnected(): boolean {
    return this.#link !== undefined
  }

  /** Stanzas handed out or waiting that the companion has not acknowledged, oldest first. */
  get unacknowledged(): BinaryNode[] {
    return [...this.#unacknowledged.values()]
  }

  get preKeyIds(): number[] {
    return [...this.#preKeys.keys()]
  }

  /** The one-time keys in stock, oldest first; undefined before the first upload. */
  get preKeys(): PublicPreKey[] | undefined {
    if (!this.#hasUploaded) return undefined
    return [...this.#preKeys].map(([id, publicKey]) => ({ id, publicKey }))
  }

  /** Adds uploaded one-time keys to the stock; true when they are the device's first. */
  storePreKeys(keys: PublicPreKey[]): boolean {
    const isFirst = !this.#hasUploaded
    this.#hasUploaded = true
    for (const { id, publicKey } of keys) this.#preKeys.set(id, publicKey)
    this.#toldLow = this.#preKeys.size < LOW_PRE_KEYS
    return isFirst
  }

  takeBundle(): KeyBundle {
    const { registrationId, identityKey, signedPreKey } = this
    const [first] = this.#preKeys
    if (!first) return { registrationId, identityKey, signedPreKey }

    const [id, publicKey] = first
    this.#preKeys.delete(id)
    this.#tellWhenLow()
    return { registrationId, identityKey, signedPreKey, preKey: { id, publicKey } }
  }

  deliver(stanza: BinaryNode): void {
    if (KEPT.has(stanza.tag)) {
      const key = stanzaKey(stanza.tag, stanza.attrs, stanza.attrs.from)
      // A repeated message takes the place of the one that could not be read, at the end of the queue.
      this.#unacknowledged.delete(key)
      this.#unacknowledged.set(key, stanza)
      if (this.#unacknowledged.size > QUEUE_LIMIT) this.#dropOldest()
    }
    this.#link?.send(stanza)
  }

  /** Notes what the companion has dealt with: receipts settle messages, acks the rest. */
  settle(stanza: BinaryNode): void {
    const { attrs } = stanza
    if (stanza.tag === 'ack') {
      const key = stanzaKey(attrs.class ?? '', attrs, attrs.to)
      if (attrs.error && this.#unacknowledged.get(key)?.attrs.from === STATUS_JID) this.#refusedStatus = key
      else this.#unacknowledged.delete(key)
      return
    }
    // A request to repeat is followed by an ack with an error; until then the copy stays.
    if (stanza.tag !== 'receipt' || attrs.type === 'retry') return
    this.#unacknowledged.delete(stanzaKey('message', attrs, undefined))
    for (const list of children(stanza)) {
      for (const item of children(list))
        this.#unacknowledged.delete(stanzaKey('message', item.attrs, undefined))
    }
  }

  /** Connects the device and hands it what it missed, oldest first, framed the way the client expects. */
  attach(link: Link): void {
    this.#link = link
    // As the real service does: whoever refuses a status gets it again, and nothing else before that is settled.
    const refused = this.#unacknowledged.get(this.#refusedStatus)
    const missed = refused ? [refused] : this.unacknowledged
    if (missed.length > 0) link.send(node('ib', { from: SERVICE }, [offlinePreview(missed)]))
    for (const [index, stanza] of missed.entries()) {
      link.send({ ...stanza, attrs: { ...stanza.attrs, offline: String(index) } })
    }
    link.send(node('ib', { from: SERVICE }, [node('offline', { count: missed.length })]))
  }

  /** Forgets the connection, unless another has taken its place; says whether it was the current one. */
  detach(link: Link): boolean {
    if (this.#link !== link) return false
    this.#link = undefined
    return true
  }

  removed(): void {
    this.#link?.end(node('stream:error', { code: 401 }, [node('conflict', { type: 'device_removed' })]))
  }

  #tellWhenLow(): void {
    if (this.#toldLow || this.#preKeys.size >= LOW_PRE_KEYS) return
    this.#toldLow = true
    this.deliver(
      node(
        'notification',
        {
          from: SERVICE,
          type: 'encrypt',
          id: `prekeys-${this.#preKeys.size}-${Date.now()}`,
          t: unixSeconds(),
        },
        [node('count', { value: this.#preKeys.size })],
      ),
    )
  }

  #dropOldest(): void {
    const [oldest] = this.#unacknowledged.keys()
    if (oldest !== undefined) this.#unacknowledged.delete(oldest)
  }
}

/** Message and notification ids are unique; receipts of several readers share the id of the message. */
function stanzaKey(tag: string, attrs: BinaryNode['attrs'], peer: string | undefined): string {
  if (tag !== 'receipt') return `${tag} ${attrs.id}`
  return `receipt ${attrs.id} ${peer} ${attrs.participant} ${attrs.recipient} ${attrs.type}`
}

function offlinePreview(missed: BinaryNode[]): BinaryNode {
  const count = (tag: string) => missed.filter((stanza) => stanza.tag === tag).length
  return node('offline_preview', {
    count: missed.length,
    message: count('message'),
    receipt: count('receipt'),
    notification: count('notification'),
    call: count('call'),
    appdata: 0,
  })
}
