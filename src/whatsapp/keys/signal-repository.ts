import { createHash } from 'node:crypto'
import { BoundedCache } from '../../lib/flow/bounded-cache.ts'
import type { Logger } from '../../lib/process/logger.ts'
import type { InboxDraft, StanzaChild } from '../../store/messages/inbox.ts'
import {
  type BinaryNode,
  DEFAULT_CONNECTION_CONFIG,
  isHostedPnUser,
  isLidUser,
  isPnUser,
  type SignalCreds,
  type SignalDataTypeMap,
  type SignalKeyStoreWithTransaction,
  type SignalRepositoryWithLIDStore,
  type SocketConfig,
  unpadRandomMax16,
} from '../library/engine.ts'
import { InvalidSignatureError, runInRootContext } from '../library/patches/index.ts'
import { decryptWith, encryptWith } from '../library/session-cipher.ts'
import { AddressLocks } from './address-locks.ts'
import { type OwnJids, type SharedKeys, sharedKeysIn } from './app-state-keys.ts'
import type { DurableKeys, PairCache } from './key-store.ts'
import { rememberPairs } from './known-pairs.ts'

export interface RepositoryDeps {
  userId: string
  log: Logger
  /** Where the library remembers which LID and number are one person. */
  pairs: PairCache
  /** The stored ratchets, as libsignal writes them, by address; they are written with what belongs to them, in one commit. */
  sessions: {
    get: (address: string) => Promise<SignalDataTypeMap['session'] | undefined>
    set: (keys: DurableKeys) => Promise<void>
  }
  /** Stores a message that came without encryption. */
  record: (draft: InboxDraft) => Promise<void>
  /** The plaintext of a ciphertext decrypted before. */
  find: (digest: string) => Promise<Buffer | undefined>
  /** The account's own JIDs. */
  me: () => OwnJids
  /** Keys of shared settings were stored; the receipt of their message waits for what this begins. */
  shared: (newest: string) => void
  /** A part of this message could not be decrypted; the library goes on to ask for it again once this resolves. */
  failed: (stanza: BinaryNode) => Promise<void>
}

/** A ratchet nobody else works on. */
interface Locked {
  creds: SignalCreds
  /** `user.device`, as libsignal writes it. */
  address: string
}

/** The part of a stanza a ciphertext came in. */
interface Origin {
  stanza: BinaryNode
  child: BinaryNode
  index: number
}

/** The parts of libsignal's record of a device that say whether a session with it is open. */
interface StoredRecord {
  version?: string
  _sessions?: Record<string, { registrationId?: number; indexInfo: { closed: number } }>
}

/** When a session was closed that is open. */
const STILL_OPEN = -1

type MakeRepository = SocketConfig['makeSignalRepository']
type FindLids = Parameters<MakeRepository>[2]

const GROUP = /^[\w.-]{1,80}@(g\.us|broadcast)$/
const UNKNOWN_NUMBER_TTL_MS = 10 * 60 * 1000
const UNKNOWN_NUMBERS = 5_000

/**
 * The library's Signal repository, made safe for two things happening at once and for a crash at any moment:
 * - every operation runs outside the transaction of its caller, so a ratchet is committed before its ciphertext leaves;
 * - operations on one peer device exclude each other whatever form of its JID they were given;
 * - a decrypted message is stored in the commit of its ratchet, hence before the receipt, and a redelivery of a
 *   ciphertext that was decrypted before is answered from there.
 */
export class MessageRepository {
  readonly #deps: RepositoryDeps
  readonly #locks = new AddressLocks()
  readonly #origins = new WeakMap<Uint8Array, Origin>()
  readonly #unknownNumbers = new BoundedCache<string, true>({
    max: UNKNOWN_NUMBERS,
    ttl: UNKNOWN_NUMBER_TTL_MS,
  })

  constructor(deps: RepositoryDeps) {
    this.#deps = deps
  }

  /** The socket option `makeSignalRepository`. */
  readonly make: MakeRepository = (auth, logger, findLids) => {
    const inner = DEFAULT_CONNECTION_CONFIG.makeSignalRepository(
      auth,
      logger,
      this.#rememberUnknown(findLids),
    )
    rememberPairs(inner.lidMapping, this.#deps.pairs)
    // A socket hands over the store with its transactions added; the parameter type also allows the plain one.
    const keys = auth.keys as SignalKeyStoreWithTransaction
    const locked = <Result>(jid: string, work: (address: string) => Promise<Result>) =>
      runInRootContext(() => this.#atAddress(inner, jid, work))
    // The library's function joins this transaction, so ratchet and message reach the store in one call.
    const storing =
      (lock: string, decrypt: () => Promise<Uint8Array>) =>
      (meaning: (padded: Uint8Array) => DurableKeys): Promise<Uint8Array> =>
        keys.transaction(async () => {
          const padded = await decrypt()
          await keys.set(meaning(padded))
          return padded
        }, lock)
    const grouped = <Result>(group: string, work: () => Promise<Result>) =>
      runInRootContext(() => this.#locks.device(group, '', work))

    // The prototype carries what is not a function of its own, the phone/LID table above all.
    return Object.assign(Object.create(inner) as SignalRepositoryWithLIDStore, {
      encryptMessage: ({ jid, data }) =>
        locked(jid, (address) => this.#encrypt({ creds: auth.creds, address }, data)),
      decryptMessage: (options) =>
        locked(options.jid, (address) =>
          options.type === 'msg'
            ? this.#decryptDirectly({ creds: auth.creds, address }, options.ciphertext)
            : this.#decrypt(
                options.ciphertext,
                storing(options.jid, () => inner.decryptMessage(options)),
              ),
        ),
      injectE2ESession: (options) =>
        locked(options.jid, () => inner.injectE2ESession(options)).catch((error: unknown) => {
          if (!(error instanceof InvalidSignatureError)) throw error
          // One forged bundle must not stop a message to everybody else; this device just gets no session.
          this.#deps.log.warn({ jid: options.jid }, 'refused a key bundle with an invalid signature')
        }),
      // Asked for every device of every message. One that is there is there whatever waits for its turn.
      validateSession: async (jid) =>
        (await runInRootContext(() => this.#hasOpenSession(inner, jid)))
          ? { exists: true }
          : locked(jid, () => inner.validateSession(jid)),
      getSessionInfo: (jid) => locked(jid, () => inner.getSessionInfo(jid)),

      encryptGroupMessage: (options) => grouped(options.group, () => inner.encryptGroupMessage(options)),
      decryptGroupMessage: (options) =>
        grouped(options.group, () =>
          this.#decrypt(
            options.msg,
            storing(options.group, () => inner.decryptGroupMessage(options)),
          ),
        ),
      getSenderKeyDistributionMessage: (options) =>
        grouped(options.group, () => inner.getSenderKeyDistributionMessage(options)),
      hasSenderKey: (options) => grouped(options.group, () => inner.hasSenderKey(options)),
      processSenderKeyDistributionMessage: async (options) => {
        const group = options.item.groupId ?? ''
        // Whoever writes to us chooses this text; it becomes the name of a key.
        if (!GROUP.test(group)) throw new Error('a sender key for what is not a group')
        return grouped(group, () => inner.processSenderKeyDistributionMessage(options))
      },

      deleteSession: (jids) =>
        runInRootContext(async () => {
          const users = await Promise.all(
            jids.map(async (jid) => splitAddress(await addressOf(inner, jid)).user),
          )
          await this.#locks.users(users, () => inner.deleteSession(jids))
        }),
      migrateSession: (from, to) => {
        // Both names of the user: an operation that began before the mapping was known still holds the old one.
        const users = [from, to].map((jid) =>
          jid ? splitAddress(inner.jidToSignalProtocolAddress(jid)).user : '',
        )
        return runInRootContext(() => this.#locks.users(users, () => inner.migrateSession(from, to)))
      },
    } satisfies Partial<SignalRepositoryWithLIDStore>)
  }

  /** Notes where the ciphertexts of an incoming message come from; channel posts are stored here. */
  noteOrigin(stanza: BinaryNode): void {
    if (!Array.isArray(stanza.content)) return
    let index = 0
    for (const child of stanza.content) {
      if (!(child.content instanceof Uint8Array)) continue
      if (child.tag === 'enc') this.#origins.set(child.content, { stanza, child, index: index++ })
      if (child.tag === 'plaintext') {
        const draft = this.#draft({ stanza, child, index: 0 }, child.content)
        // A store that fails closes the session; nobody else waits for this write.
        this.#deps.record(draft).catch((error: unknown) => {
          this.#deps.log.error({ err: error, id: stanza.attrs.id }, 'could not store a channel post')
        })
      }
    }
  }

  /** Encrypts as the library does, with one write and without a transaction around it: the address is locked. */
  async #encrypt({ creds, address }: Locked, data: Uint8Array) {
    const { sessions } = this.#deps
    const ratchet = { creds, address, stored: await sessions.get(address) }
    const { type, ciphertext, changed } = await encryptWith(ratchet, data)
    await sessions.set({ session: { [address]: changed } })
    return { type, ciphertext }
  }

  /** The same for a message of a session that exists: ratchet and message reach the store in one call. */
  async #decryptDirectly({ creds, address }: Locked, ciphertext: Uint8Array): Promise<Uint8Array> {
    const { sessions } = this.#deps
    return this.#decrypt(ciphertext, async (meaning) => {
      const ratchet = { creds, address, stored: await sessions.get(address) }
      const { padded, changed } = await decryptWith(ratchet, ciphertext)
      await sessions.set({ session: { [address]: changed }, ...meaning(padded) })
      return padded
    })
  }

  /** `decrypt` stores what it is given for the decrypted message in one call with the ratchet. */
  async #decrypt(
    ciphertext: Uint8Array,
    decrypt: (meaning: (padded: Uint8Array) => DurableKeys) => Promise<Uint8Array>,
  ): Promise<Uint8Array> {
    const origin = this.#origins.get(ciphertext)
    if (!origin) return decrypt(() => ({}))
    let shared: SharedKeys | undefined
    try {
      const padded = await decrypt((padded) => {
        const draft = this.#draft(origin, unpadRandomMax16(padded))
        shared = sharedKeysIn(origin.stanza, draft.plaintext, this.#deps.me())
        return {
          inbox: { [draft.digest]: draft },
          ...(shared && { 'app-state-sync-key': shared.keys }),
        }
      })
      if (shared) this.#deps.shared(shared.newest)
      return padded
    } catch (error) {
      const plaintext = await this.#deps.find(digestOf(origin)).catch(() => undefined)
      if (!plaintext) {
        await this.#deps.failed(origin.stanza)
        throw error
      }
      this.#deps.log.info({ id: origin.stanza.attrs.id }, 'a message was delivered again')
      shared = sharedKeysIn(origin.stanza, plaintext, this.#deps.me())
      if (shared) this.#deps.shared(shared.newest)
      return Buffer.concat([plaintext, Buffer.of(1)])
    }
  }

  #draft(origin: Origin, plaintext: Uint8Array): InboxDraft {
    const { stanza, child, index } = origin
    const siblings = Array.isArray(stanza.content) ? stanza.content : []
    return {
      userId: this.#deps.userId,
      digest: digestOf(origin),
      attrs: stanza.attrs,
      meta: siblings.filter(({ tag }) => tag !== 'enc' && tag !== 'plaintext').map(plainChild),
      encIndex: index,
      encAttrs: child.tag === 'enc' ? child.attrs : { ...child.attrs, type: child.tag },
      plaintext,
      receivedAt: Date.now(),
    }
  }

  /**
   * Moves a session that was opened under a number to the LID of that number. The library does so only for devices it has
   * listed before, and then asks senders for everything again. What is at work under the number is waited for: it would
   * write its ratchet back, and the next message would use the same key.
   */
  async #adoptSession(inner: SignalRepositoryWithLIDStore, jid: string): Promise<void> {
    const seen = await this.#sessionToAdopt(inner, jid)
    if (!seen) return
    const users = [seen.former, seen.address].map((address) => splitAddress(address).user)
    await this.#locks.users(users, async () => {
      const found = await this.#sessionToAdopt(inner, jid)
      if (!found) return
      const { address, former, session } = found
      await this.#deps.sessions.set({ session: { [address]: session, [former]: null } })
    })
  }

  /** The session of a device that lies under its number alone, though its LID is known. */
  async #sessionToAdopt(inner: SignalRepositoryWithLIDStore, jid: string) {
    const { sessions } = this.#deps
    const lid = isLidUser(jid) ? jid : await lidOf(inner, jid)
    if (!lid) return undefined
    const address = inner.jidToSignalProtocolAddress(lid)
    if (await sessions.get(address)) return undefined
    const number = await inner.lidMapping.getPNForLID(lid)
    if (!number) return undefined
    const former = inner.jidToSignalProtocolAddress(number)
    const session = await sessions.get(former)
    return session && { address, former, session }
  }

  /** Whether a session is stored that the library can encrypt with. It would take the whole record apart to see. */
  async #hasOpenSession(inner: SignalRepositoryWithLIDStore, jid: string): Promise<boolean> {
    const record = await this.#deps.sessions.get(await addressOf(inner, jid))
    return record !== undefined && isOpen(record)
  }

  /** Does `work`, which is told the address of the ratchet, while nobody else works on that device. */
  async #atAddress<Result>(
    inner: SignalRepositoryWithLIDStore,
    jid: string,
    work: (address: string) => Promise<Result>,
  ): Promise<Result> {
    for (;;) {
      const address = await addressOf(inner, jid)
      const { user, device } = splitAddress(address)
      const outcome = await this.#locks.device(user, device, async () => {
        if (await this.#sessionToAdopt(inner, jid)) return undefined
        // While this waited for its turn, the number may have become known under a LID.
        if ((await addressOf(inner, jid)) !== address) return undefined
        return { result: await work(address) }
      })
      if (outcome) return outcome.result
      await this.#adoptSession(inner, jid)
    }
  }

  /** The server is asked for the LID of a number at every single operation unless somebody remembers that it has none. */
  #rememberUnknown(findLids: FindLids): FindLids {
    if (!findLids) return undefined
    return async (numbers) => {
      const asked = numbers.filter((number) => !this.#unknownNumbers.has(number))
      if (asked.length === 0) return []
      // The library would refuse a message because this question failed; the number alone opens it just as well.
      const found = await findLids(asked).catch((error: unknown) => {
        this.#deps.log.warn({ err: error }, 'could not ask for the LID of a number')
      })
      if (!found) return undefined
      const known = new Set(found.map(({ pn }) => pn))
      for (const number of asked) if (!known.has(number)) this.#unknownNumbers.set(number, true)
      return found
    }
  }
}

/** The same of a record as libsignal stores it; false where only libsignal can tell, in one of a former version. */
function isOpen(record: unknown): boolean {
  const { version, _sessions: sessions = {} } = record as StoredRecord
  const open = Object.values(sessions).find(({ indexInfo }) => indexInfo.closed === STILL_OPEN)
  return version === 'v1' && typeof open?.registrationId === 'number'
}

/** The LID of a number with the same device, undefined where it is not known. */
async function lidOf(inner: SignalRepositoryWithLIDStore, jid: string): Promise<string | undefined> {
  if (!isPnUser(jid) && !isHostedPnUser(jid)) return undefined
  // Without an answer the library falls back to the number as well.
  return (await inner.lidMapping.getLIDForPN(jid).catch(() => null)) ?? undefined
}

/** The address under which the library stores the session of this JID, `user.device`: the LID's where it is known. */
async function addressOf(inner: SignalRepositoryWithLIDStore, jid: string): Promise<string> {
  return inner.jidToSignalProtocolAddress((await lidOf(inner, jid)) ?? jid)
}

function splitAddress(address: string): { user: string; device: string } {
  const [user = '', device = ''] = address.split('.')
  return { user, device }
}

function digestOf({ stanza, child }: Origin): string {
  const { from = '', participant = '', id = '' } = stanza.attrs
  const hash = createHash('sha256').update([from, participant, id, child.tag].join('\0')).update('\0')
  // Only children with bytes become origins.
  return hash.update(child.content as Uint8Array).digest('base64url')
}

function plainChild({ tag, attrs, content }: BinaryNode): StanzaChild {
  if (Array.isArray(content)) return { tag, attrs, content: content.map(plainChild) }
  if (content === undefined) return { tag, attrs, content: null }
  return { tag, attrs, content: Buffer.from(content as Uint8Array | string).toString('base64') }
}
