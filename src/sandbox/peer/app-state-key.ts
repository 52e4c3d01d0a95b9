import { createCipheriv, createHmac, hkdfSync, randomBytes } from 'node:crypto'
import { z } from 'zod'
import {
  decodePatches,
  type LTHashState,
  makeLtHashGenerator,
  newLTHashState,
  proto,
  type WAPatchName,
} from '../../whatsapp/library/engine.ts'
import { savedBytes } from '../saved/shapes.ts'
import { encodeMessage } from './wire-encoding.ts'

const { APP_STATE_SYNC_KEY_SHARE } = proto.Message.ProtocolMessage.Type
const { SET } = proto.SyncdMutation.SyncdOperation

/** A setting that a phone shares with its companions, e.g. `['archive', '<chat>']`. */
export interface SharedSetting {
  index: string[]
  /** Its newest value. */
  value: proto.ISyncActionValue
  /** Version of its kind; each has its own. */
  version: number
  /** What of its value the library has no type for, encoded. */
  untyped?: Uint8Array
  /** What the sum over the collection holds of it; undefined once it was removed. */
  mac?: Uint8Array
}

/** A collection as it stands: its settings, its version and the sum over them. */
export interface SharedCollection {
  settings: SharedSetting[]
  state: LTHashState
}

export const savedAppStateKey = z.object({ keyId: savedBytes, keyData: savedBytes })

/** The key under which a phone and its companions keep their shared settings (archived chats, labels...). */
export class AppStateKey {
  readonly id: Buffer
  readonly #data: Buffer
  readonly #keys: ReturnType<typeof keysFrom>

  constructor({ keyId, keyData }: z.output<typeof savedAppStateKey> = newKey()) {
    this.id = Buffer.from(keyId)
    this.#data = Buffer.from(keyData)
    this.#keys = keysFrom(this.#data)
  }

  toJson(): z.input<typeof savedAppStateKey> {
    return { keyId: this.id, keyData: this.#data }
  }

  /** The peer message that gives a companion the key; without it every change of a chat fails at the companion. */
  shareMessage(): proto.IMessage {
    const keyData = {
      keyData: this.#data,
      fingerprint: { rawId: 1, currentIndex: 0, deviceIndexes: [0] },
      timestamp: Date.now(),
    }
    return shareOf([{ keyId: { keyId: this.id }, keyData }])
  }

  /** The answer to a companion that asks for keys: those the phone has, and an empty entry for each it never had. */
  answerRequest({ keyIds }: proto.Message.IAppStateSyncKeyRequest): proto.IMessage {
    const keys = (keyIds ?? []).map((keyId) => {
      if (!this.id.equals(keyId.keyId ?? new Uint8Array())) return { keyId }
      return this.shareMessage().protocolMessage?.appStateSyncKeyShare?.keys?.[0] ?? { keyId }
    })
    return shareOf(keys)
  }

  /** Decrypts the changes of one collection, oldest first; a change whose seal is wrong ends it, as on a phone. */
  async read(collection: string, changes: readonly Uint8Array[]): Promise<SharedCollection> {
    const { mutationMap, state } = await decodePatches(
      // The service keeps whatever collection a companion names; the library reads its five.
      collection as WAPatchName,
      changes.map((change) => proto.SyncdPatch.decode(change)),
      newLTHashState(),
      async () => ({ keyData: this.#data }),
      {},
    )
    const settings = Object.values(mutationMap).map(({ index, syncAction }) => ({
      index,
      value: syncAction.value ?? {},
      version: syncAction.version ?? 0,
      mac: state.indexValueMap[this.#indexMac(syncAction.index ?? new Uint8Array()).toString('base64')]
        ?.valueMac,
    }))
    return { settings, state }
  }

  /** Encrypts settings as one change of a collection that stands at `state`. */
  write(collection: string, state: LTHashState, settings: readonly SharedSetting[]): Uint8Array {
    const sum = makeLtHashGenerator(state)
    const mutations = settings.map((setting) => this.#mutation(setting))
    for (const { indexMac, valueMac } of mutations) sum.mix({ indexMac, valueMac, operation: SET })

    const version = state.version + 1
    const snapshotMac = hmac(
      'sha256',
      this.#keys.snapshotMac,
      sum.finish().hash,
      bigEndian(version),
      Buffer.from(collection),
    )
    const patchMac = hmac(
      'sha256',
      this.#keys.patchMac,
      snapshotMac,
      ...mutations.map(({ valueMac }) => valueMac),
      bigEndian(version),
      Buffer.from(collection),
    )
    return proto.SyncdPatch.encode({
      mutations: mutations.map(({ mutation }) => mutation),
      snapshotMac,
      patchMac,
      keyId: { id: this.id },
    }).finish()
  }

  #mutation(setting: SharedSetting) {
    const indexBytes = indexOf(setting)
    const iv = randomBytes(16)
    const cipher = createCipheriv('aes-256-cbc', this.#keys.value, iv)
    const encrypted = Buffer.concat([iv, cipher.update(plainText(setting)), cipher.final()])
    // The first byte is the operation: 1 sets, 2 removes.
    const associated = Buffer.concat([Buffer.from([1]), this.id])
    const length = bigEndian(associated.length)
    const valueMac = hmac('sha512', this.#keys.valueMac, associated, encrypted, length).subarray(0, 32)
    const indexMac = this.#indexMac(indexBytes)
    const record = {
      index: { blob: indexMac },
      value: { blob: Buffer.concat([encrypted, valueMac]) },
      keyId: { id: this.id },
    }
    return { indexMac, valueMac, mutation: { operation: SET, record } }
  }

  #indexMac(index: Uint8Array): Buffer {
    return hmac('sha256', this.#keys.index, index)
  }
}

/** A setting as it stands inside the encryption. */
export function plainText(setting: SharedSetting): Buffer {
  const { value, version, untyped = Buffer.alloc(0) } = setting
  const wholeValue = Buffer.concat([proto.SyncActionValue.encode(value).finish(), untyped])
  // Field numbers of SyncActionData: index, value, padding, version.
  return encodeMessage({ 1: indexOf(setting), 2: wholeValue, 3: Buffer.alloc(0), 4: version })
}

function indexOf({ index }: SharedSetting): Buffer {
  return Buffer.from(JSON.stringify(index))
}

function shareOf(keys: proto.Message.IAppStateSyncKey[]): proto.IMessage {
  return { protocolMessage: { type: APP_STATE_SYNC_KEY_SHARE, appStateSyncKeyShare: { keys } } }
}

function newKey() {
  return { keyId: randomBytes(6), keyData: randomBytes(32) }
}

function keysFrom(keyData: Uint8Array) {
  const all = Buffer.from(hkdfSync('sha256', keyData, new Uint8Array(), 'WhatsApp Mutation Keys', 160))
  const key = (position: number) => all.subarray(position * 32, (position + 1) * 32)
  return { index: key(0), value: key(1), valueMac: key(2), snapshotMac: key(3), patchMac: key(4) }
}

function hmac(algorithm: string, key: Uint8Array, ...parts: Uint8Array[]): Buffer {
  const sum = createHmac(algorithm, key)
  for (const part of parts) sum.update(part)
  return sum.digest()
}

function bigEndian(value: number): Buffer {
  const bytes = Buffer.alloc(8)
  bytes.writeBigUInt64BE(BigInt(value))
  return bytes
}
