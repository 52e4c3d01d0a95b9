import { LRUCache } from 'lru-cache'
import { ApiError } from '../../lib/errors.ts'
import type { Logger } from '../../lib/process/logger.ts'
import type { Secrets } from '../../lib/secrets/secrets.ts'
import { type Database, isAboutValue } from '../../store/database/database.ts'
import { storable } from '../../store/database/storable.ts'
import { eraseKeys, type KeyValue, readKeys } from '../../store/keys/auth.ts'
import type { KeyWriter } from '../../store/keys/key-writer.ts'
import type { InboxDraft } from '../../store/messages/inbox.ts'
import type { Lease } from '../../store/nodes/leases.ts'
import {
  type AuthenticationCreds,
  type BinaryNode,
  BufferJSON,
  type SignalDataSet,
} from '../library/engine.ts'
import { type KeyKind, type KeyValues, keyFromText, keyText, trimOwnSenderKey } from './key-text.ts'

/** Clear texts of recently used keys of all sessions; '' remembers that a key does not exist. */
export type KeyCache = LRUCache<string, string>

/** What the key stores of all sessions share. */
export interface AuthDeps {
  db: Database
  secrets: Secrets
  writer: KeyWriter
  cache: KeyCache
  log: Logger
  /** Called after a commit that put decrypted messages of this user into the inbox. */
  onInbox: (userId: string) => void
  /** Called when a part of a message could not be decrypted; what it does is done before WhatsApp hears of it. */
  onUndecryptable?: (userId: string, stanza: BinaryNode) => Promise<void>
  /** What every commit for this user must prove; throws when this node does not own the session. */
  leaseOf?: (userId: string) => Lease | undefined
}

/** The cache all key stores share, bounded by the memory its texts take. */
export function createKeyCache(maxBytes = 64 * 1024 * 1024): KeyCache {
  // Texts are ASCII: one byte a character; the constant is what an entry costs besides.
  return new LRUCache({ maxSize: maxBytes, sizeCalculation: (text, key) => text.length + key.length + 100 })
}

/** Keys of a socket, and messages as an additional kind that shares the transaction of their ratchet. */
export type DurableKeys = SignalDataSet & {
  inbox?: Record<string, InboxDraft>
  /** Under '' the ids of pre-keys that were used, oldest first. */
  'used-pre-keys'?: Record<string, string[]>
}

/** What the library keeps its pairs of LIDs and numbers in. */
export interface PairCache {
  get(name: string): string | undefined
  set(name: string, user: string): void
  clear(): void
}

let incarnations = 0

/**
 * The keys of one session on top of SQL. Reads come from a cache that is filled after the commit. What fails closes the
 * store: after a write the library's memory is ahead of the disk, and after a read the library takes a message it
 * could not look up for a broken one and refuses it, so that WhatsApp never offers it again.
 */
export class KeyStore {
  readonly #deps: AuthDeps
  readonly #userId: string
  readonly #creds: AuthenticationCreds
  readonly #lease: Lease | undefined
  readonly #onFailure: (error: unknown) => void
  // Cached texts are valid only while this object is the one that writes them.
  readonly #incarnation = ++incarnations
  readonly #writing = new Map<string, number>()
  readonly #reads = new Set<Set<string>>()
  readonly #pending = new Set<Promise<void>>()
  readonly #answers = new Set<Promise<void>>()
  #saving: Promise<void> | undefined
  #credsChanged = false
  #closed: unknown
  #erased = false

  constructor(
    deps: AuthDeps,
    userId: string,
    creds: AuthenticationCreds,
    onFailure: (error: unknown) => void,
  ) {
    this.#deps = deps
    this.#userId = userId
    this.#creds = creds
    this.#lease = deps.leaseOf?.(userId)
    this.#onFailure = onFailure
  }

  /** The keys that exist among these ids. */
  async get<Kind extends KeyKind>(kind: Kind, ids: string[]): Promise<{ [id: string]: KeyValues[Kind] }> {
    // Without a prototype: the library looks up ids that others have chosen, and `constructor` is none of its keys.
    const found: { [id: string]: KeyValues[Kind] } = Object.create(null)
    const missing: string[] = []
    for (const id of ids) {
      const text = this.#deps.cache.get(this.#name(kind, id))
      if (text === undefined) missing.push(id)
      else if (text !== '') found[id] = keyFromText(kind, text)
    }
    if (missing.length > 0) {
      for (const [id, text] of await this.#read(kind, missing)) found[id] = keyFromText(kind, text)
    }
    return found
  }

  /** Writes everything in one commit. */
  async set(keys: DurableKeys): Promise<void> {
    const { inbox = {}, ...kinds } = keys
    // Keys of the object are the kinds of its type.
    const values = Object.entries(kinds).flatMap(([kind, entries]) => this.#values(kind as KeyKind, entries))
    const drafts = Object.values(inbox)
    await this.#write(
      values.filter((value) => this.#changes(value)),
      drafts,
    )
    if (drafts.length > 0) this.#deps.onInbox(this.#userId)
  }

  /** Stores a message that came without encryption; what is sent meanwhile waits for it. */
  async recordMessage(draft: InboxDraft): Promise<void> {
    const write = this.set({ inbox: { [draft.digest]: draft } })
    this.#answers.add(write)
    await write.finally(() => this.#answers.delete(write))
  }

  /** Writes the credentials; while one write is under way, all later ones become a single second one. */
  saveCreds(): Promise<void> {
    // The library goes on changing credentials for a moment after the phone was unlinked.
    if (this.#erased) return Promise.resolve()
    this.#credsChanged = true
    this.#saving ??= this.#saveLatest().finally(() => {
      this.#saving = undefined
    })
    return this.#saving
  }

  /** What an answer to the server must wait for, undefined when nothing; rejected once the store has failed. */
  pendingAnswer(): Promise<void> | undefined {
    if (this.hasFailed) return Promise.reject(this.#closed)
    if (this.#answers.size === 0) return this.#saving
    return Promise.all([this.#saving, ...this.#answers]).then(() => {})
  }

  /** Resolves when nothing waits to be written. */
  async flush(): Promise<void> {
    await this.#saving?.catch(() => {})
    // Who asked for a write hears of its failure; here only its end matters.
    while (this.#pending.size > 0) await Promise.allSettled(this.#pending)
  }

  /** Deletes all keys and refuses every later write. */
  async erase(): Promise<void> {
    this.#erased = true
    this.#closed = new Error('the keys of this session were erased')
    await this.flush()
    await eraseKeys(this.#deps.db, this.#userId, this.#lease)
  }

  /** Refuses every later write: the session belongs to another node. */
  abandon(): void {
    this.#closed ??= new ApiError('lease_lost')
  }

  /** Refuses every later write, and every answer to the server: what the library knows may not be stored. */
  fail(error: unknown): void {
    if (this.#closed) return
    this.#closed = error
    this.#onFailure(error)
  }

  /**
   * Where the library remembers pairs. Its own map has no bound and a timer for each entry: a history with 50,000
   * contacts would leave 100,000 of both in every socket.
   */
  readonly pairs: PairCache = {
    get: (name) => this.#deps.cache.get(this.#name('pair', name)),
    set: (name, user) => void this.#deps.cache.set(this.#name('pair', name), user),
    // Nobody else has entries of this incarnation; they go as others need the room.
    clear: () => {},
  }

  /** Whether answers to the server are refused. */
  get hasFailed(): boolean {
    return this.#closed !== undefined && !this.#erased
  }

  async #saveLatest(): Promise<void> {
    while (this.#credsChanged) {
      this.#credsChanged = false
      const text = JSON.stringify(this.#creds, BufferJSON.replacer)
      const value = { userId: this.#userId, kind: 'creds', id: '', text }
      if (this.#changes(value)) await this.#write([value], [])
    }
  }

  #values(kind: KeyKind, entries: { [id: string]: unknown } = {}): KeyValue[] {
    return Object.entries(entries).map(([id, value]) => ({
      userId: this.#userId,
      kind,
      id,
      text: value === null || value === undefined ? null : keyText(kind, this.#trimmed(kind, id, value)),
    }))
  }

  #trimmed(kind: KeyKind, id: string, value: unknown): unknown {
    // Values of this kind are bytes by the library's contract.
    return kind === 'sender-key' ? trimOwnSenderKey(id, value as Uint8Array, this.#creds.me) : value
  }

  /** False for a key that is stored just so: the library rewrites a group's recipients with every message. */
  #changes({ kind, id, text }: KeyValue): boolean {
    const name = this.#name(kind, id)
    return this.#writing.has(name) || this.#deps.cache.get(name) !== (text ?? '')
  }

  async #read(kind: KeyKind, ids: string[]): Promise<Map<string, string>> {
    const { db, secrets, cache } = this.#deps
    // A text that is replaced while it is read must not enter the cache.
    const stale = new Set(this.#writing.keys())
    this.#reads.add(stale)
    try {
      const texts = await readKeys(db, secrets, { userId: this.#userId, kind, ids })
      for (const id of ids) {
        const name = this.#name(kind, id)
        if (!stale.has(name)) cache.set(name, texts.get(id) ?? '')
      }
      return texts
    } catch (error) {
      // A name no key can have is not the database's failure, and asking again would not help.
      if (!isAboutValue(error)) this.fail(error)
      throw error
    } finally {
      this.#reads.delete(stale)
    }
  }

  async #write(values: KeyValue[], inbox: InboxDraft[]): Promise<void> {
    if (this.#closed) throw this.#closed
    if (values.length === 0 && inbox.length === 0) return
    const { writer, cache } = this.#deps
    const names = values.map(({ kind, id }) => this.#name(kind, id))
    for (const name of names) this.#begin(name)
    const write = writer.write({ values, inbox, ...(this.#lease && { lease: this.#lease }) })
    this.#pending.add(write)
    try {
      await write
      values.forEach(({ kind, id, text }) => {
        cache.set(this.#name(kind, id), text ?? '')
      })
    } catch (error) {
      // Whether a commit that broke off reached the disk is unknown.
      for (const name of names) cache.delete(name)
      this.fail(error)
      throw error
    } finally {
      this.#pending.delete(write)
      for (const name of names) this.#end(name)
    }
  }

  #begin(name: string): void {
    this.#writing.set(name, (this.#writing.get(name) ?? 0) + 1)
    for (const stale of this.#reads) stale.add(name)
  }

  #end(name: string): void {
    const others = (this.#writing.get(name) ?? 1) - 1
    if (others > 0) this.#writing.set(name, others)
    else this.#writing.delete(name)
  }

  #name(kind: string, id: string): string {
    return storable(`${this.#incarnation}/${kind}/${id}`)
  }
}
