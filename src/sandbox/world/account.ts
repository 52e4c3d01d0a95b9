import { createHash, randomBytes } from 'node:crypto'
import { z } from 'zod'
import { type BinaryNode, Curve, jidDecode, jidEncode, type KeyPair } from '../../whatsapp/library/engine.ts'
import { AccountPasskey, savedPasskey } from '../passkey/demand.ts'
import type { savedPhone } from '../peer/saved-phone.ts'
import {
  byReference,
  type FindAccount,
  references,
  savedBytes,
  savedKeyPair,
  savedPicture,
} from '../saved/shapes.ts'
import { type Business, businessShape } from './business.ts'
import { Catalog, savedCatalog } from './catalog.ts'

/** Public half of a one-time or signed key. Public keys are 32 raw bytes, without the 0x05 type byte. */
export interface PublicPreKey {
  id: number
  publicKey: Uint8Array
}

/** What another device needs to open a Signal session with this one. */
export interface KeyBundle {
  registrationId: number
  identityKey: Uint8Array
  /** The 64-byte signature covers the 33-byte form of the key. */
  signedPreKey: PublicPreKey & { signature: Uint8Array }
  /** Missing when the one-time keys are used up. */
  preKey?: PublicPreKey
}

/** One endpoint of an account: its phone (id 0) or a linked companion. */
export interface Device {
  readonly account: Account
  /** 0 is the phone. */
  readonly id: number
  /** Companions have one; a companion without it is skipped by clients. */
  readonly keyIndex?: number
  /** Encoded ADVSignedDeviceIdentity of a companion. */
  readonly deviceIdentity?: Uint8Array
  /** The bundle with a one-time key that is never handed out again; undefined before the first upload. */
  takeBundle(): KeyBundle | undefined
  /** Takes a stanza addressed to this device. A companion keeps messages, receipts, notifications and calls until it acknowledges them. */
  deliver(stanza: BinaryNode): void
  /** Phones only: a companion has logged in for the first time and can be sent keys and history. */
  companionReady?(companion: Device): void
  /** Companions only: somebody else took the device from the account; it is told and disconnected. */
  removed?(): void
  /** Phones that can be saved: resolves between two pieces of their work, and they go on when the result is called. */
  pause?(): Promise<() => void>
  phoneToJson?(): z.input<typeof savedPhone>
}

/** The two address families. Every account has one number and one LID. */
export type AddressServer = 's.whatsapp.net' | 'lid'

/** The address family of a person's JID. */
export function addressServer(jid: string | undefined): AddressServer {
  return jidDecode(jid)?.server === 'lid' ? 'lid' : 's.whatsapp.net'
}

/** A profile picture: bytes as uploaded, and the id clients compare. */
export interface Picture {
  id: string
  jpeg: Uint8Array
}

/** A trusted-contact token another account issued to this one. */
export interface ContactToken {
  token: Uint8Array
  /** Unix seconds. */
  timestamp: number
}

/** What the service allows an account towards people it does not know. */
export const limitsShape = z.object({
  /** How many chats it may begin until when (unix seconds), and what it is told. */
  newChats: z
    .object({ total: z.int(), used: z.int(), startsAt: z.int(), endsAt: z.int(), status: z.string() })
    .optional(),
  /** It may begin none, until when (unix seconds), and why. */
  reachOut: z.object({ endsAt: z.int(), reason: z.string() }).optional(),
})

const savedAbout = z.object({
  text: z.string(),
  setAt: z.number(),
  emoji: z.string().optional(),
  /** When it is taken back by itself. */
  endsAt: z.number().optional(),
})

/** What an account says about itself. Times are unix seconds. */
export type About = z.output<typeof savedAbout>

/** A choice of who sees an account's statuses. */
export interface StatusAudience {
  /** `contacts`, `blacklist` or `whitelist`; any other stands for what WhatsApp may add. */
  type: string
  list: Account[]
}

const DEFAULT_ABOUT: About = { text: 'Hey there! I am using WhatsApp.', setAt: 0 }

// Defaults of a new account as far as the application depends on them.
const DEFAULT_PRIVACY: [string, string][] = [
  ['readreceipts', 'all'],
  ['last', 'all'],
  ['online', 'all'],
  ['profile', 'all'],
  ['status', 'all'],
  ['groupadd', 'all'],
  ['calladd', 'all'],
  ['messages', 'all'],
  ['defense', 'off'],
  ['stickers', 'contacts'],
]

/** What is saved of an account as it stands. Others are named by their references. */
const savedMembers = z.object({
  addressing: z.enum(['lid', 's.whatsapp.net']).default('lid'),
  identity: savedKeyPair,
  hidesNumber: z.boolean().default(false),
  about: savedAbout.default(DEFAULT_ABOUT),
  picture: savedPicture.optional(),
  contactCode: z.string().default(newContactCode),
  business: businessShape.optional(),
  limits: limitsShape.default(() => ({})),
  ban: z.object({ code: z.number(), until: z.number() }).optional(),
  disappearingMode: z
    .object({ durationSeconds: z.number(), setAt: z.number() })
    .default(() => ({ durationSeconds: 0, setAt: 0 })),
  lastSeen: z.number().optional(),
})

const savedReferences = z.array(z.string()).default([])

/** An account as it is saved, without its devices. */
export const savedAccount = savedMembers.extend({
  phone: z.string().regex(/^\d{5,15}$/),
  lid: z.string().regex(/^\d+$/),
  name: z.string(),
  createdAt: z.number(),
  privacy: z.record(z.string(), z.string()).default({}),
  blocklist: savedReferences,
  statusAudiences: z.array(z.object({ type: z.string(), list: savedReferences })).default([]),
  tokens: z.record(z.string(), z.object({ token: savedBytes, timestamp: z.number() })).default({}),
  appState: z.record(z.string(), z.array(savedBytes)).default({}),
  catalog: savedCatalog.optional(),
  passkey: savedPasskey.optional(),
  deviceListReaders: savedReferences,
  deviceListReadersBy: z
    .object({ 's.whatsapp.net': savedReferences, lid: savedReferences })
    .default({ 's.whatsapp.net': [], lid: [] }),
  lastDeviceId: z.int().nonnegative().default(0),
})

/** A WhatsApp user in the simulated world: one number, one LID, a phone and its companions. */
export class Account {
  readonly phone: string
  /** User part of the LID. */
  readonly lid: string
  /** Push name, sent as `notify` with everything the account says. */
  name: string
  /**
   * How its phone addresses people in chats of two: by LID as phones do since 2026, by number where it has not moved. Where
   * a JID says how, that counts.
   */
  addressing: AddressServer = 'lid'
  /** Identity of the account: the phone (device 0) must use it, and it signs the identities of companions. */
  identity: KeyPair = Curve.generateKeyPair()
  readonly createdAt: number
  /** The service tells its number to nobody: its LID alone names it. For contacts without companions. */
  hidesNumber = false
  readonly devices = new Map<number, Device>()
  /** Category name to value, e.g. `readreceipts` to `all`. */
  readonly privacy = new Map<string, string>(DEFAULT_PRIVACY)
  readonly blocklist = new Set<Account>()
  about: About = DEFAULT_ABOUT
  picture: Picture | undefined
  /** What its contact link ends with. */
  contactCode = newContactCode()
  business: Business | undefined
  /** What it offers; undefined until it begins a catalogue. */
  catalog: Catalog | undefined
  /** Its passkeys, and whether one is demanded where it is linked; undefined until somebody set that. */
  passkey: AccountPasskey | undefined
  /** What the service allows it towards people it does not know; nothing special by default. */
  limits: z.output<typeof limitsShape> = {}
  /** A temporary ban: its code (101 = too many messages to strangers) and its end (unix seconds). */
  ban: { code: number; until: number } | undefined
  /** Its choices of who sees its statuses, the one in force first; empty before the first choice. */
  statusAudiences: StatusAudience[] = []
  /** Seconds after which new chats disappear (0 = never), and when that was set. */
  disappearingMode = { durationSeconds: 0, setAt: 0 }
  /** Tokens this account has been given, by the account that issued them. */
  readonly tokens = new Map<Account, ContactToken>()
  /** Encrypted changes of the shared settings, by collection, oldest first. */
  readonly appState = new Map<string, Uint8Array[]>()
  /** Devices of this account that announced themselves as available. */
  readonly available = new Set<Device>()
  /** Unix seconds of the moment the last available device went away. */
  lastSeen: number | undefined
  /** Accounts that asked for this one's device list and are told when it changes. */
  readonly deviceListReaders = new Set<Account>()
  /** The same by the address they named: clients keep a list for each. */
  readonly deviceListReadersBy: Record<AddressServer, Set<Account>> = {
    's.whatsapp.net': new Set(),
    lid: new Set(),
  }
  #lastDeviceId = 0

  constructor(phone: string, name: string, fixed: { lid?: string; createdAt?: number } = {}) {
    this.phone = phone
    this.lid = fixed.lid ?? lidForPhone(phone)
    this.name = name
    this.createdAt = fixed.createdAt ?? Math.floor(Date.now() / 1000)
  }

  /** What it is called in saved state. */
  get reference(): string {
    return this.phone
  }

  toJson(): z.input<typeof savedAccount> {
    const { phone, lid, name, createdAt } = this
    return {
      phone,
      lid,
      name,
      createdAt,
      ...savedMembers.parse(this),
      privacy: Object.fromEntries(this.privacy),
      blocklist: references(this.blocklist),
      statusAudiences: this.statusAudiences.map(({ type, list }) => ({ type, list: references(list) })),
      tokens: byReference(this.tokens),
      appState: Object.fromEntries(this.appState),
      catalog: this.catalog?.toJson(),
      passkey: this.passkey?.toJson(),
      deviceListReaders: references(this.deviceListReaders),
      deviceListReadersBy: {
        's.whatsapp.net': references(this.deviceListReadersBy['s.whatsapp.net']),
        lid: references(this.deviceListReadersBy.lid),
      },
      lastDeviceId: this.#lastDeviceId,
    }
  }

  /** The account without what refers to others, which may not be there yet. */
  static fromJson(saved: z.output<typeof savedAccount>): Account {
    const account = new this(saved.phone, saved.name, saved)
    const members: Partial<Account> = savedMembers.parse(saved)
    Object.assign(account, members)
    for (const [category, value] of Object.entries(saved.privacy)) account.privacy.set(category, value)
    for (const [name, patches] of Object.entries(saved.appState)) account.appState.set(name, patches)
    account.catalog = saved.catalog && Catalog.fromJson(saved.catalog)
    account.passkey = saved.passkey && new AccountPasskey(saved.passkey)
    account.#lastDeviceId = saved.lastDeviceId
    return account
  }

  /** Adds what refers to others. */
  refer(saved: z.output<typeof savedAccount>, find: FindAccount): void {
    for (const one of saved.blocklist) this.blocklist.add(find(one))
    this.statusAudiences = saved.statusAudiences.map(({ type, list }) => ({ type, list: list.map(find) }))
    for (const [one, token] of Object.entries(saved.tokens)) this.tokens.set(find(one), token)
    for (const one of saved.deviceListReaders) this.deviceListReaders.add(find(one))
    for (const family of ['s.whatsapp.net', 'lid'] as const) {
      for (const one of saved.deviceListReadersBy[family]) this.deviceListReadersBy[family].add(find(one))
    }
  }

  /** Adds a companion that it has already. */
  keepCompanion(device: Device): void {
    this.devices.set(device.id, device)
    this.#lastDeviceId = Math.max(this.#lastDeviceId, device.id)
  }

  /** The phone-number JID, with the device when it is not the phone; the LID where the number is told to nobody. */
  jid(deviceId = 0): string {
    return this.address('s.whatsapp.net', deviceId)
  }

  /** The LID JID, with the device when it is not the phone. */
  lidJid(deviceId = 0): string {
    return this.address('lid', deviceId)
  }

  /** What names the number beside the LID; undefined where nobody is told. */
  get numberJid(): string | undefined {
    return this.hidesNumber ? undefined : this.jid()
  }

  address(family: AddressServer, deviceId = 0): string {
    const server = this.hidesNumber ? 'lid' : family
    return jidEncode(server === 'lid' ? this.lid : this.phone, server, deviceId)
  }

  /** A companion number never used before: numbers of removed companions do not come back. */
  nextDeviceId(): number {
    this.#lastDeviceId += 1
    return this.#lastDeviceId
  }
}

/** One of the service's own AI characters: it has one address, with neither number nor LID. */
export class BotAccount extends Account {
  override get reference(): string {
    return this.address()
  }

  override address(): string {
    return `${this.phone}@bot`
  }
}

/** A fresh code for a contact link, 14 characters like the real ones. */
export function newContactCode(): string {
  return randomBytes(7).toString('hex').toUpperCase()
}

/** Fifteen digits derived from the number: stable across runs, and never equal to a number's digits. */
function lidForPhone(phone: string): string {
  const digest = createHash('sha256').update(`lid:${phone}`).digest()
  return String(100_000_000_000_000n + (digest.readBigUInt64BE() % 900_000_000_000_000n))
}
