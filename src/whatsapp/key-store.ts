import { LRUCache } from 'lru-cache'
import type { Logger } from '../lib/logger.ts'
import type { Secrets } from '../lib/secrets.ts'
import { eraseKeys, type KeyValue, readKeys } from '../store/auth.ts'
import type { Database, Transaction } from '../store/database.ts'
import type { InboxDraft } from '../store/inbox.ts'
import type { KeyWriter } from '../store/key-writer.ts'
import {
  type AuthenticationCreds,
  type BinaryNode,
  BufferJSON,
  type SignalDataSet,
  type SignalDataTypeMap,
} from './engine.ts'
import { type KeyKind, keyFromText, keyText, trimOwnSenderKey } from './key-text.ts'

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
  /** First statement of every commit: throws when another node owns the session. */
  fence?: (trx: Transaction, userId: string) => Promise<void>
}

/** The cache all key stores share, bounded by the memory its texts take. */
export function createKeyCache(maxBytes = 64 * 1024 * 1024): KeyCache {
  // Texts are ASCII: one byte a character; the constant is what an entry costs besides.
  return new LRUCache({ maxSize: maxBytes, sizeCalculation: (text, key) => text.length + key.length + 100 })
}

/** Keys of a socket, and messages as an additional kind that shares the transaction of their ratchet. */
export type DurableKeys = SignalDataSet & { inbox?: Record<string, InboxDraft> }

let incarnations = 0

/**
 * The keys of one session on top of SQL. Reads come from a cache that is filled after the commit; a write that fails
 * closes the store, because from then on the library's memory is ahead of the disk.
 */
export class KeyStore {
  readonly #deps: AuthDeps
  readonly #userId: string
  readonly #creds: AuthenticationCreds
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
    this.#onFailure = onFailure
  }

  /** The keys that exist among these ids. */
  async get<Kind extends KeyKind>(
    kind: Kind,
    ids: string[],
  ): Promise<{ [id: string]: SignalDataTypeMap[Kind] }> {
    const found: { [id: string]: SignalDataTypeMap[Kind] } = {}
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

  /** What an answer to the server must wait for, undefined when nothing. */
  pendingAnswer(): Promise<void> | undefined {
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
    await eraseKeys(this.#deps.db, this.#userId)
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
    } finally {
      this.#reads.delete(stale)
    }
  }

  async #write(values: KeyValue[], inbox: InboxDraft[]): Promise<void> {
    if (this.#closed) throw this.#closed
    if (values.length === 0 && inbox.length === 0) return
    const { writer, fence, cache } = this.#deps
    const names = values.map(({ kind, id }) => this.#name(kind, id))
    for (const name of names) this.#begin(name)
    const write = writer.write({
      values,
      inbox,
      ...(fence ? { fence: (trx: Transaction) => fence(trx, this.#userId) } : {}),
    })
    this.#pending.add(write)
    try {
      await write
      values.forEach(({ kind, id, text }) => {
        cache.set(this.#name(kind, id), text ?? '')
      })
    } catch (error) {
      // Whether a commit that broke off reached the disk is unknown.
      for (const name of names) cache.delete(name)
      this.#fail(error)
      throw error
    } finally {
      this.#pending.delete(write)
      for (const name of names) this.#end(name)
    }
  }

  #fail(error: unknown): void {
    if (this.#closed) return
    this.#closed = error
    this.#onFailure(error)
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
    return `${this.#incarnation}/${kind}/${id}`
  }
}
