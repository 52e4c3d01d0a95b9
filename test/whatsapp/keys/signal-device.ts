import { setTimeout as delay } from 'node:timers/promises'
import { pino } from 'pino'
import { openSecrets } from '../../../src/lib/secrets/secrets.ts'
import { GroupCommit } from '../../../src/store/commit/group-commit.ts'
import { insertUser } from '../../../src/store/users/users.ts'
import { type AuthState, openAuthState } from '../../../src/whatsapp/keys/auth-state.ts'
import { KeyCache } from '../../../src/whatsapp/keys/key-cache.ts'
import type { AuthDeps } from '../../../src/whatsapp/keys/key-store.ts'
import {
  addTransactionCapability,
  type BinaryNode,
  Curve,
  DEFAULT_CONNECTION_CONFIG,
  encodeWAMessage,
  generateSignalPubKey,
  proto,
  type SignalKeyStore,
  type SignalKeyStoreWithTransaction,
  type SignalRepositoryWithLIDStore,
  type SocketConfig,
  unpadRandomMax16,
} from '../../../src/whatsapp/library/engine.ts'
import { type DatabaseKind, type TemporaryDatabase, temporaryDatabase } from '../../helpers/database.ts'
import { sampleUser } from '../../helpers/users.ts'

/** What the key stores of several devices share, on a database of its own. */
export interface DeviceHost extends AuthDeps {
  temporary: TemporaryDatabase
  /** Users whose inbox was reported to have new rows, in order. */
  nudged: string[]
}

export async function deviceHost(kind?: DatabaseKind): Promise<DeviceHost> {
  const temporary = await temporaryDatabase(kind)
  const secrets = await openSecrets(temporary.config)
  const nudged: string[] = []
  return {
    temporary,
    nudged,
    db: temporary.db,
    secrets,
    writer: new GroupCommit(temporary.db, secrets),
    cache: new KeyCache(),
    log: pino({ level: 'silent' }),
    receive: async (userId, drafts, commit) => {
      await commit({ inbox: drafts })
      nudged.push(userId)
    },
  }
}

/** A linked device without a socket: its key store, its Signal repository, and the one way in and out of it. */
export interface SignalDevice {
  userId: string
  pn: string
  lid: string
  auth: AuthState
  keys: SignalKeyStoreWithTransaction
  repository: SignalRepositoryWithLIDStore
  /** Learns the other's keys, as from a key query. */
  meets(peer: SignalDevice): Promise<void>
  /** Encrypts inside a transaction of the account, as the library's send does. */
  encrypts(
    to: string,
    content: string | proto.IMessage,
  ): Promise<{ type: 'pkmsg' | 'msg'; ciphertext: Uint8Array }>
  /** Decrypts a stanza that arrived at a socket, as the library's receive does. */
  receives(stanza: BinaryNode): Promise<string>
}

let numbers = 0

/**
 * Opens a device. `pauseMs` slows every access to its store; `stock` leaves out our wrapper around the repository;
 * `userId` opens the store of a device that existed before.
 */
export async function signalDevice(
  host: DeviceHost,
  options: { pauseMs?: number; stock?: boolean; userId?: string; pn?: string; lid?: string } = {},
): Promise<SignalDevice> {
  const number = ++numbers
  const user = sampleUser()
  const userId = options.userId ?? user.id
  if (!options.userId) await insertUser(host.db, host.secrets, user)
  const { pauseMs = 0 } = options
  const auth = await openAuthState({ ...host, writer: pausedWriter(host.writer, pauseMs) }, userId)
  const { creds } = auth.state
  const pn = options.pn ?? `49151${number}:${number}@s.whatsapp.net`
  const lid = options.lid ?? `77${number}:${number}@lid`
  creds.me = { id: pn, lid }
  await auth.saveCreds()

  // The library takes a logger with looser argument types than pino's.
  const log = host.log as unknown as SocketConfig['logger']
  const keys = addTransactionCapability(paused(auth.state.keys, pauseMs), log, {
    maxCommitRetries: 1,
    delayBetweenTriesMs: 1,
  })
  const make = options.stock ? DEFAULT_CONNECTION_CONFIG.makeSignalRepository : auth.makeSignalRepository
  const repository = make({ creds, keys }, log)
  const arrives = auth.noteOrigin

  return {
    userId,
    pn,
    lid,
    auth,
    keys,
    repository,
    async meets(peer) {
      const preKeyId = peer.auth.state.creds.nextPreKeyId++
      const preKey = Curve.generateKeyPair()
      await peer.keys.set({ 'pre-key': { [preKeyId]: preKey } })
      const theirs = peer.auth.state.creds
      await repository.injectE2ESession({
        jid: peer.lid,
        session: {
          registrationId: theirs.registrationId,
          identityKey: generateSignalPubKey(theirs.signedIdentityKey.public),
          signedPreKey: {
            keyId: theirs.signedPreKey.keyId,
            publicKey: generateSignalPubKey(theirs.signedPreKey.keyPair.public),
            signature: theirs.signedPreKey.signature,
          },
          preKey: { keyId: preKeyId, publicKey: generateSignalPubKey(preKey.public) },
        },
      })
    },
    encrypts(to, content) {
      const message = typeof content === 'string' ? { conversation: content } : content
      return keys.transaction(
        () => repository.encryptMessage({ jid: to, data: encodeWAMessage(message) }),
        pn,
      )
    },
    async receives(stanza) {
      arrives(stanza)
      let text = ''
      for (const child of stanza.content as BinaryNode[]) {
        if (child.tag !== 'enc') continue
        const { from = '', participant = from } = stanza.attrs
        const ciphertext = child.content as Uint8Array
        const padded =
          child.attrs.type === 'skmsg'
            ? await repository.decryptGroupMessage({ group: from, authorJid: participant, msg: ciphertext })
            : await repository.decryptMessage({
                jid: participant,
                type: child.attrs.type === 'pkmsg' ? 'pkmsg' : 'msg',
                ciphertext,
              })
        text += proto.Message.decode(unpadRandomMax16(padded)).conversation ?? ''
      }
      return text
    },
  }
}

/** The stanza a ciphertext travels in. */
export function stanza(
  attrs: Record<string, string>,
  ...parts: { type: string; ciphertext: Uint8Array }[]
): BinaryNode {
  const enc = parts.map(({ type, ciphertext }) => ({
    tag: 'enc',
    attrs: { v: '2', type },
    // Bytes that come from the wire are their own.
    content: Buffer.from(ciphertext),
  }))
  return { tag: 'message', attrs: { type: 'text', t: '1700000000', ...attrs }, content: enc }
}

/** Ratchets of sessions that exist reach the writer without the library's transactions. */
function pausedWriter(writer: GroupCommit, pauseMs: number): GroupCommit {
  if (pauseMs === 0) return writer
  const write: GroupCommit['write'] = async (change) => {
    await delay(Math.random() * pauseMs)
    return writer.write(change)
  }
  // The class has private members, which a copy would not have.
  return new Proxy(writer, {
    get: (target, name) => {
      if (name === 'write') return write
      const member: unknown = Reflect.get(target, name, target)
      return typeof member === 'function' ? member.bind(target) : member
    },
  })
}

function paused(keys: SignalKeyStore, pauseMs: number): SignalKeyStore {
  if (pauseMs === 0) return keys
  const pause = () => delay(Math.random() * pauseMs)
  return {
    get: async (kind, ids) => {
      await pause()
      return keys.get(kind, ids)
    },
    set: async (values) => {
      await pause()
      return keys.set(values)
    },
  }
}
