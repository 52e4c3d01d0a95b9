import { z } from 'zod'
import type {
  AuthenticationCreds,
  BinaryNode,
  KeyPair,
  SignalRepositoryWithLIDStore,
} from '../../whatsapp/library/engine.ts'
import {
  Curve,
  DEFAULT_CONNECTION_CONFIG,
  encodeBigEndian,
  encodeWAMessage,
  generateSignalPubKey,
  getBinaryNodeChildUInt,
  initAuthCreds,
  proto,
  signedKeyPair,
  unpadRandomMax16,
  xmppPreKey,
  xmppSignedPreKey,
} from '../../whatsapp/library/engine.ts'
import { savedBytes, savedKeyPair } from '../saved/shapes.ts'
import type { KeyBundle } from '../world/account.ts'
import { bytes, child, node } from '../world/node.ts'
import { silentLogger } from '../world/silent-logger.ts'
import { memoryKeys } from './signal-keys.ts'

// One-time keys that were handed out and not used yet; the oldest are forgotten beyond that.
const MAX_OUTSTANDING_PRE_KEYS = 1_000

/** The Signal half of a phone as it is saved. */
export const savedSignal = z.object({
  /** The library's credentials, of which these members count. */
  creds: z.looseObject({
    registrationId: z.int().nonnegative(),
    signedPreKey: z.object({
      keyId: z.int().nonnegative(),
      keyPair: savedKeyPair,
      signature: savedBytes,
    }),
  }),
  /** The library's keys: rows from `type/id` to the value. */
  keys: z.record(z.string(), z.unknown()),
  lastPreKey: z.int().nonnegative(),
  /** Ids of the one-time keys that were handed out and not used yet, oldest first. */
  outstandingPreKeys: z.array(z.int().nonnegative()),
})

/** An `<enc>`: how its bytes are encrypted, and the bytes. */
export interface Ciphertext {
  type: 'pkmsg' | 'msg' | 'skmsg'
  bytes: Uint8Array
}

/**
 * The Signal half of a simulated phone: the client library's own repository with its own credentials, so that what
 * it encrypts and decrypts is what a real client would. Devices are named by their LID JID throughout, because
 * clients keep one session per device under its LID, whichever way a message is addressed.
 */
export class SignalEndpoint {
  #creds: AuthenticationCreds
  #rows = new Map<string, unknown>()
  #keys = memoryKeys(this.#rows)
  #repository: SignalRepositoryWithLIDStore
  readonly #outstanding: number[] = []
  readonly #lidJid: string
  #lastPreKey = 0

  /** `lidJid` is the endpoint's own device; `identity` its long-term key. */
  constructor(lidJid: string, identity: KeyPair, saved?: z.output<typeof savedSignal>) {
    this.#lidJid = lidJid
    this.#creds = { ...newCredentials(identity), ...saved?.creds, signedIdentityKey: identity }
    for (const [name, value] of Object.entries(saved?.keys ?? {})) this.#rows.set(name, value)
    this.#outstanding.push(...(saved?.outstandingPreKeys ?? []))
    this.#lastPreKey = saved?.lastPreKey ?? 0
    this.#repository = this.#newRepository()
  }

  toJson(): z.input<typeof savedSignal> {
    return {
      creds: { ...this.#creds },
      keys: Object.fromEntries(this.#rows),
      lastPreKey: this.#lastPreKey,
      outstandingPreKeys: [...this.#outstanding],
    }
  }

  /** Begins anew under another identity, with neither sessions nor keys. */
  reinstall(identity: KeyPair): void {
    this.#repository.close?.()
    this.#creds = newCredentials(identity)
    this.#rows = new Map()
    this.#keys = memoryKeys(this.#rows)
    this.#repository = this.#newRepository()
  }

  /** What others need to open a session; each call makes a one-time key of its own, so the stock never runs out. */
  takeBundle(): KeyBundle {
    const { registrationId, signedIdentityKey, signedPreKey } = this.#creds
    const preKey = this.#newPreKey()
    return {
      registrationId,
      identityKey: signedIdentityKey.public,
      signedPreKey: {
        id: signedPreKey.keyId,
        publicKey: signedPreKey.keyPair.public,
        signature: signedPreKey.signature,
      },
      preKey: { id: preKey.id, publicKey: preKey.pair.public },
    }
  }

  /** The children of a retry receipt that let the sender start a new session (`<registration>` and `<keys>`). */
  retryKeys(): BinaryNode[] {
    const { registrationId, signedIdentityKey, signedPreKey } = this.#creds
    const preKey = this.#newPreKey()
    return [
      node('registration', {}, encodeBigEndian(registrationId)),
      node('keys', {}, [
        // Without the type byte the sender ignores these keys and asks the service for others.
        node('type', {}, Buffer.from([5])),
        node('identity', {}, signedIdentityKey.public),
        xmppPreKey(preKey.pair, preKey.id),
        xmppSignedPreKey(signedPreKey),
      ]),
    ]
  }

  async hasSession(device: string): Promise<boolean> {
    return (await this.#repository.validateSession(device)).exists
  }

  /**
   * Opens a session from keys as they stand in a `<user>` of a key query's reply, or (`holder` then is the receipt and
   * `keys` its child) in a retry receipt.
   * @throws Error when a part is missing.
   */
  async openSession(device: string, holder: BinaryNode, keys: BinaryNode = holder): Promise<void> {
    const signed = child(keys, 'skey')
    const oneTime = child(keys, 'key')
    const identity = bytes(child(keys, 'identity'))
    const registrationId = getBinaryNodeChildUInt(holder, 'registration', 4)
    const signature = bytes(child(signed, 'signature'))
    if (!signed || !identity || registrationId === undefined || !signature) {
      throw new Error(`the key bundle of ${device} is incomplete`)
    }
    await this.#repository.injectE2ESession({
      jid: device,
      session: {
        registrationId,
        identityKey: generateSignalPubKey(identity),
        signedPreKey: { ...publicKey(signed), signature },
        preKey: oneTime && publicKey(oneTime),
      },
    })
  }

  /** Encrypts for one device, with which a session must exist. */
  async encrypt(device: string, message: proto.IMessage): Promise<Ciphertext> {
    const { type, ciphertext } = await this.#repository.encryptMessage({
      jid: device,
      data: encodeWAMessage(message),
    })
    return { type, bytes: ciphertext }
  }

  /** Encrypts once for everybody in a group who holds the sender key; `distribution` gives the key to others. */
  async encryptForGroup(group: string, message: proto.IMessage) {
    const { ciphertext, senderKeyDistributionMessage } = await this.#repository.encryptGroupMessage({
      group,
      meId: this.#lidJid,
      data: encodeWAMessage(message),
    })
    return { ciphertext, distribution: distributionOf(group, senderKeyDistributionMessage) }
  }

  /** The message that gives somebody the sender key of a group as it stands. */
  async senderKey(group: string): Promise<proto.IMessage> {
    const key = await this.#repository.getSenderKeyDistributionMessage({ group, meId: this.#lidJid })
    return distributionOf(group, key)
  }

  /** Decrypts and takes in any sender key found inside. Throws the library's error when the ciphertext does not fit. */
  async decrypt(chat: string, author: string, ciphertext: Ciphertext): Promise<proto.Message> {
    const padded = await this.#decryptBytes(chat, author, ciphertext)
    const message = proto.Message.decode(unpadRandomMax16(padded))
    const senderKey = message.senderKeyDistributionMessage
    if (senderKey) {
      await this.#repository.processSenderKeyDistributionMessage({ authorJid: author, item: senderKey })
    }
    return message
  }

  stop(): void {
    this.#repository.close?.()
  }

  #decryptBytes(chat: string, author: string, { type, bytes }: Ciphertext): Promise<Uint8Array> {
    if (type !== 'skmsg') return this.#repository.decryptMessage({ jid: author, type, ciphertext: bytes })
    return this.#repository.decryptGroupMessage({ group: chat, authorJid: author, msg: bytes })
  }

  #newRepository(): SignalRepositoryWithLIDStore {
    const auth = { creds: this.#creds, keys: this.#keys }
    return DEFAULT_CONNECTION_CONFIG.makeSignalRepository(auth, silentLogger)
  }

  #newPreKey(): { id: number; pair: KeyPair } {
    this.#lastPreKey += 1
    const id = this.#lastPreKey
    const pair = Curve.generateKeyPair()
    this.#outstanding.push(id)
    const forgotten =
      this.#outstanding.length > MAX_OUTSTANDING_PRE_KEYS ? this.#outstanding.shift() : undefined
    // Memory is written before `set` returns its promise; there is nothing to wait for.
    void this.#keys.set({
      'pre-key': { [id]: pair, ...(forgotten === undefined ? {} : { [forgotten]: null }) },
    })
    return { id, pair }
  }
}

function newCredentials(identity: KeyPair): AuthenticationCreds {
  return { ...initAuthCreds(), signedIdentityKey: identity, signedPreKey: signedKeyPair(identity, 1) }
}

function distributionOf(groupId: string, key: Uint8Array): proto.IMessage {
  return { senderKeyDistributionMessage: { groupId, axolotlSenderKeyDistributionMessage: key } }
}

function publicKey(key: BinaryNode): { keyId: number; publicKey: Uint8Array } {
  const keyId = getBinaryNodeChildUInt(key, 'id', 3)
  const value = bytes(child(key, 'value'))
  if (keyId === undefined || !value) throw new Error('a public key without id or value')
  return { keyId, publicKey: generateSignalPubKey(value) }
}
