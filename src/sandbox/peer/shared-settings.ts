import { randomBytes } from 'node:crypto'
import { gzipSync } from 'node:zlib'
import { z } from 'zod'
import { proto } from '../../whatsapp/library/engine.ts'
import { savedBytes } from '../saved/shapes.ts'
import type { Account, Device } from '../world/account.ts'
import { appendPatch, patchesOf } from '../world/app-state-store.ts'
import type { Network } from '../world/network.ts'
import {
  AppStateKey,
  plainText,
  type SharedCollection,
  type SharedSetting,
  savedAppStateKey,
} from './app-state-key.ts'
import { encodeMessage } from './wire-encoding.ts'

/** Field number in `SyncActionValue`, unknown to the library (whatsmeow 2026-09-21). */
const NCT_SALT_SYNC_ACTION = 80

/** What a phone needs to read its shared settings; the settings themselves lie with the service. */
export const savedSettings = z.object({ appStateKey: savedAppStateKey, nctSalt: savedBytes.optional() })

/** The settings a phone shares with its companions, as it files and reads them. */
export class SharedSettings {
  readonly key: AppStateKey
  /** What companions seal their messages to strangers with, beside a token or instead of one. */
  readonly nctSalt: Uint8Array
  readonly #network: Network
  readonly #account: Account

  constructor(network: Network, account: Account, saved?: z.output<typeof savedSettings>) {
    this.#network = network
    this.#account = account
    this.key = new AppStateKey(saved?.appStateKey)
    this.nctSalt = saved?.nctSalt ?? randomBytes(32)
  }

  toJson(): z.input<typeof savedSettings> {
    return { appStateKey: this.key.toJson(), nctSalt: this.nctSalt }
  }

  /** All of them, in every collection. */
  async all(): Promise<SharedSetting[]> {
    const collections = await Promise.all([...this.#account.appState.keys()].map((name) => this.#read(name)))
    return collections.flatMap(({ settings }) => settings)
  }

  /**
   * Files what a phone has filed before a companion asks for the first time: the owner's name and language, and the
   * address book. Those of an earlier link stay; what is new or has changed is added. Companions that were there
   * before are told; the new one reads all of it anyway.
   */
  async fileFor(newcomer: Device, contacts: readonly Account[]): Promise<void> {
    await this.#file('critical_block', ownSettings(this.#account), newcomer)
    await this.#file('regular_high', [saltSetting(this.nctSalt)], newcomer)
    await this.#file(
      'critical_unblock_low',
      contacts.flatMap((contact) => (contact === this.#account ? [] : contactSetting(contact))),
      newcomer,
    )
  }

  /**
   * A whole collection in plain text, for a companion that can no longer read it
   * (`COMPANION_SYNCD_SNAPSHOT_FATAL_RECOVERY`); undefined for one that nobody has written to.
   */
  async snapshot(collection: string): Promise<Uint8Array | undefined> {
    if (!this.#account.appState.has(collection)) return undefined
    const { settings, state } = await this.#read(collection)
    // SyncdSnapshotRecovery: the library does not know this message (whatsmeow 2026-09-21 does).
    const records = settings.flatMap((setting) =>
      setting.mac ? [encodeMessage({ 1: plainText(setting), 2: this.key.id, 3: setting.mac })] : [],
    )
    const version = encodeMessage({ 1: state.version })
    return gzipSync(encodeMessage({ 1: version, 2: Buffer.from(collection), 3: records, 4: state.hash }))
  }

  /** The owner puts a chat away on the phone, or brings it back; all companions are told. */
  archive(chat: string, archived: boolean): Promise<void> {
    const archiveChatAction = { archived, messageRange: {} }
    return this.#file('regular_low', [setting(['archive', chat], 3, { archiveChatAction })])
  }

  async #file(collection: string, wanted: SharedSetting[], newcomer?: Device): Promise<void> {
    const written = patchesOf(this.#account, collection)
    let version: number
    let stands: SharedCollection
    do {
      version = written.length
      stands = await this.#read(collection)
      // A companion may have written while this was being decrypted.
    } while (version !== written.length)
    const { settings, state } = stands
    const known = new Map(settings.map((setting) => [String(setting.index), setting]))
    const changed = wanted.filter((setting) => !isSame(known.get(String(setting.index)), setting))
    if (changed.length === 0) return
    const patch = this.key.write(collection, state, changed)
    const told = [...this.#account.devices.values()].filter(({ id }) => id !== 0 && id !== newcomer?.id)
    appendPatch(this.#network, this.#account, { collection, patch, told })
  }

  #read(collection: string): Promise<SharedCollection> {
    return this.key.read(collection, patchesOf(this.#account, collection))
  }
}

function ownSettings({ name }: Account): SharedSetting[] {
  return [
    ...(name ? [setting(['setting_pushName'], 1, { pushNameSetting: { name } })] : []),
    setting(['setting_locale'], 3, { localeSetting: { locale: 'en_US' } }),
  ]
}

/** Somebody without a name is not in the address book. */
function contactSetting(contact: Account): SharedSetting[] {
  const { name, phone } = contact
  if (!name || name === phone) return []
  const [firstName = name] = name.split(' ')
  const contactAction = {
    fullName: name,
    firstName,
    lidJid: contact.lidJid(),
    saveOnPrimaryAddressbook: true,
  }
  return [setting(['contact', contact.jid()], 2, { contactAction })]
}

function saltSetting(salt: Uint8Array): SharedSetting {
  const untyped = encodeMessage({ [NCT_SALT_SYNC_ACTION]: encodeMessage({ 1: salt }) })
  return { ...setting(['nct_salt_sync'], 1, {}), untyped }
}

function setting(index: string[], version: number, value: proto.ISyncActionValue): SharedSetting {
  return { index, version, value: { timestamp: Date.now(), ...value } }
}

/** Whether a setting says what it said before, whenever that was. */
function isSame(before: SharedSetting | undefined, now: SharedSetting): boolean {
  if (!before?.mac) return false
  const said = ({ value }: SharedSetting) =>
    Buffer.from(proto.SyncActionValue.encode({ ...value, timestamp: undefined }).finish())
  return said(before).equals(said(now))
}
