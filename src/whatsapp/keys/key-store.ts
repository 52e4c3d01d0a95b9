import { ApiError } from '../../lib/errors.ts'
import type { Logger } from '../../lib/process/logger.ts'
import type { Secrets } from '../../lib/secrets/secrets.ts'
import { type Committed, NOTHING_COMMITTED } from '../../store/commit/change.ts'
import type { GroupCommit } from '../../store/commit/group-commit.ts'
import { type Database, isAboutValue, isRefused } from '../../store/database/database.ts'
import { storable } from '../../store/database/storable.ts'
import { eraseKeys, type KeyValue, readKeys } from '../../store/keys/auth.ts'
import type { InboxDraft } from '../../store/messages/inbox.ts'
import type { Lease } from '../../store/nodes/leases.ts'
import type { CommitReceived, ReceivedPart } from '../inbound/receive-at-once.ts'
import {
  type AuthenticationCreds,
  type BinaryNode,
  BufferJSON,
  type SignalDataSet,
} from '../library/engine.ts'
import type { KeyCache } from './key-cache.ts'
import { type KeyKind, type KeyValues, keyFromText, keyText } from './key-text.ts'

/** What the key stores of all sessions share. */
export interface AuthDeps {
  db: Database
  secrets: Secrets
  writer: GroupCommit
  cache: KeyCache
  log: Logger
  /** Stores decrypted messages of this user, with whatever belongs to them, by one call of `commit`. */
  receive: (userId: string, drafts: InboxDraft[], commit: CommitReceived) => Promise<void>
  /** Called when a part of a message could not be decrypted; what it does is done before WhatsApp hears of it. */
  onUndecryptable?: (userId: string, stanza: BinaryNode) => Promise<void>
  /** What every commit for this user must prove; throws when this node does not own the session. */
  leaseOf?: (userId: string) => Lease | undefined
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
  readonly #pending = new Set<Promise<unknown>>()
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
      else if (text !== '') found[id] = this.#parsed(kind, id, text)
    }
    if (missing.length > 0) {
      for (const [id, text] of await this.#read(kind, missing)) found[id] = this.#parsed(kind, id, text)
    }
    return found
  }

  /** Writes everything in one commit. */
  async set(keys: DurableKeys): Promise<void> {
    const { inbox = {}, ...kinds } = keys
    // Keys of the object are the kinds of its type.
    const values = Object.entries(kinds).flatMap(([kind, entries]) => this.#values(kind as KeyKind, entries))
    const changed = values.filter((value) => this.#changes(value))
    const drafts = Object.values(inbox)
    if (drafts.length === 0) await this.#write({ values: changed })
    else await this.#receive(drafts, changed)
    this.#keepParsed(kinds.session, values)
  }

  async #receive(drafts: InboxDraft[], values: KeyValue[]): Promise<void> {
    try {
      await this.#deps.receive(this.#userId, drafts, (part) => this.#write({ values, ...part }))
    } catch (error) {
      this.fail(error)
      throw error
    }
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
      if (this.#changes(value)) await this.#write({ values: [value] })
    }
  }

  #values(kind: KeyKind, entries: { [id: string]: unknown } = {}): KeyValue[] {
    return Object.entries(entries).map(([id, value]) => ({
      userId: this.#userId,
      kind,
      id,
      text: value === null || value === undefined ? null : keyText(kind, value),
    }))
  }

  /**
   * What a text says. Sessions are asked for several times with each message, and the library only copies from them; other
   * values it changes.
   */
  #parsed<Kind extends KeyKind>(kind: Kind, id: string, text: string): KeyValues[Kind] {
    if (kind !== 'session') return keyFromText(kind, text)
    return this.#deps.cache.parsed(this.#name(kind, id), text, (unknown) => keyFromText(kind, unknown))
  }

  #keepParsed(sessions: SignalDataSet['session'], written: KeyValue[]): void {
    if (!sessions) return
    for (const { kind, id, text } of written) {
      if (kind === 'session' && text !== null)
        this.#deps.cache.keepParsed(this.#name(kind, id), text, sessions[id])
    }
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

  async #write({ values, ...part }: ReceivedPart & { values: KeyValue[] }): Promise<Committed> {
    if (this.#closed) throw this.#closed
    if (values.length === 0 && Object.keys(part).length === 0) return NOTHING_COMMITTED
    const { writer, cache } = this.#deps
    const names = values.map(({ kind, id }) => this.#name(kind, id))
    for (const name of names) this.#begin(name)
    const write = writer.write({ values, ...part, ...(this.#lease && { lease: this.#lease }) })
    this.#pending.add(write)
    try {
      const committed = await write
      values.forEach(({ kind, id, text }) => {
        cache.set(this.#name(kind, id), text ?? '')
      })
      return committed
    } catch (error) {
      // Whether a commit that broke off reached the disk is unknown.
      for (const name of names) cache.delete(name)
      // What a message means may be to blame, and not the keys: whoever brought it can still store it as it came.
      if (!part.received || !isRefused(error)) this.fail(error)
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
