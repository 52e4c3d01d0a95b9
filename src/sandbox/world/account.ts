import { createHash, randomBytes } from 'node:crypto'
import { type BinaryNode, Curve, jidDecode, jidEncode, type KeyPair } from '../../whatsapp/library/engine.ts'
import type { Catalog } from './catalog.ts'

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

/** What a business account shows. */
export interface Business {
  name: string
  description?: string
  email?: string
  website?: string
  address?: string
  category?: string
  /** `mon`, `tue`, ... -> when it opens and closes, in minutes after midnight. */
  hours?: Record<string, { open: number; close: number }>
  /** Further settings by WhatsApp's names. */
  options?: Record<string, string>
  /** Its link `wa.me/message/CODE`, and what that puts into the chat's input. */
  link?: { code: string; message: string }
}

/** What the service allows an account towards people it does not know. */
export interface AccountLimits {
  /** How many chats it may begin until when (unix seconds), and what it is told. */
  newChats?: { total: number; used: number; startsAt: number; endsAt: number; status: string }
  /** It may begin none, until when (unix seconds), and why. */
  reachOut?: { endsAt: number; reason: string }
}

/** What an account says about itself. Times are unix seconds. */
export interface About {
  text: string
  setAt: number
  emoji?: string
  /** When it is taken back by itself. */
  endsAt?: number
}

/** A choice of who sees an account's statuses. */
export interface StatusAudience {
  /** `contacts`, `blacklist` or `whitelist`; any other stands for what WhatsApp may add. */
  type: string
  list: Account[]
}

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
  readonly createdAt = Math.floor(Date.now() / 1000)
  readonly devices = new Map<number, Device>()
  /** Category name to value, e.g. `readreceipts` to `all`. */
  readonly privacy = new Map<string, string>(DEFAULT_PRIVACY)
  readonly blocklist = new Set<Account>()
  about: About = { text: 'Hey there! I am using WhatsApp.', setAt: 0 }
  picture: Picture | undefined
  /** What its contact link ends with. */
  contactCode = newContactCode()
  business: Business | undefined
  /** What it offers; undefined until it begins a catalogue. */
  catalog: Catalog | undefined
  /** What the service allows it towards people it does not know; nothing special by default. */
  limits: AccountLimits = {}
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

  constructor(phone: string, name: string) {
    this.phone = phone
    this.lid = lidForPhone(phone)
    this.name = name
  }

  /** The phone-number JID, with the device when it is not the phone. */
  jid(deviceId = 0): string {
    return this.address('s.whatsapp.net', deviceId)
  }

  /** The LID JID, with the device when it is not the phone. */
  lidJid(deviceId = 0): string {
    return this.address('lid', deviceId)
  }

  address(server: AddressServer, deviceId = 0): string {
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
