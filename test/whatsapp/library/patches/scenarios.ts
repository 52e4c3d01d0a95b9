import { AsyncLocalStorage, executionAsyncId } from 'node:async_hooks'
import { createPrivateKey, createPublicKey, hkdfSync } from 'node:crypto'
import { createRequire } from 'node:module'
import { setImmediate } from 'node:timers/promises'

/** Baileys, with or without the repairs in force. */
type Library = Pick<
  typeof import('@whiskeysockets/baileys'),
  | 'addTransactionCapability'
  | 'Curve'
  | 'DEFAULT_CONNECTION_CONFIG'
  | 'generateSignalPubKey'
  | 'initAuthCreds'
  | 'proto'
>

// libsignal hides behind Baileys and has no types for these files.
const libsignal = createRequire(createRequire(import.meta.url).resolve('@whiskeysockets/baileys'))

// As libsignal sees it; its overloads say nothing here.
const crypto: { generateKeyPairSync: (...args: unknown[]) => unknown } = createRequire(import.meta.url)(
  'node:crypto',
)

const silent = {
  level: 'silent',
  child: () => silent,
  trace: () => {},
  debug: () => {},
  info: () => {},
  warn: () => {},
  error: () => {},
}

/** What each repair is about, as something that can be observed in a process with and without it. */
export const scenarios = {
  /** Whether a signature over another text is accepted. */
  async forgedSignature(library: Library): Promise<boolean> {
    const pair = library.Curve.generateKeyPair()
    const signature = library.Curve.sign(pair.private, Buffer.from('genuine'))
    return library.Curve.verify(pair.public, Buffer.from('forged'), signature)
  },

  /** Whether a genuine signature is accepted. */
  async genuineSignature(library: Library): Promise<boolean> {
    const pair = library.Curve.generateKeyPair()
    const signature = library.Curve.sign(pair.private, Buffer.from('genuine'))
    return library.Curve.verify(pair.public, Buffer.from('genuine'), signature)
  },

  /** How many key pairs are made by Node, which takes six times as long; a pair has to be one whoever made it. */
  async slowKeyPairs(library: Library): Promise<number> {
    const made = crypto.generateKeyPairSync
    let calls = 0
    crypto.generateKeyPairSync = (...args: unknown[]) => {
      calls += 1
      return made(...args)
    }
    try {
      const pair = library.Curve.generateKeyPair()
      const jwk = { kty: 'OKP', crv: 'X25519', d: base64url(pair.private), x: base64url(pair.public) }
      const derived = createPublicKey(createPrivateKey({ key: jwk, format: 'jwk' })).export({ format: 'jwk' })
      const base = Buffer.alloc(32)
      base[0] = 9
      const known = Buffer.from(library.Curve.sharedKey(pair.private, base))
      if (derived.x !== jwk.x || !known.equals(pair.public)) throw new Error('this is no pair of keys')
      return calls
    } finally {
      crypto.generateKeyPairSync = made
    }
  },

  /** How many of four messages fail after one that was sent before a re-keying and arrives after it. */
  async crossedMessage(library: Library): Promise<number> {
    const anna = device(library)
    const bert = device(library)
    await anna.repository.injectE2ESession({ jid: bert.jid, session: bert.bundle(1) })
    await deliver(anna, bert, 'first')
    await deliver(bert, anna, 'answer')

    const late = await bert.repository.encryptMessage({ jid: anna.jid, data: Buffer.from('late') })
    await anna.repository.injectE2ESession({ jid: bert.jid, session: bert.bundle(2) })
    await anna.repository.decryptMessage({ jid: bert.jid, ...late })

    let failures = 0
    for (const [from, to] of [
      [anna, bert],
      [bert, anna],
      [anna, bert],
      [bert, anna],
    ] as const) {
      await deliver(from, to, 'after').catch(() => {
        failures += 1
      })
    }
    return failures
  },

  /** How many chains a session has after so many questions and answers. */
  async chainsAfterTurns(library: Library): Promise<number> {
    const anna = device(library)
    const bert = device(library)
    await anna.repository.injectE2ESession({ jid: bert.jid, session: bert.bundle(1) })
    for (let turn = 0; turn < 30; turn++) {
      await deliver(anna, bert, 'question')
      await deliver(bert, anna, 'answer')
    }
    const [session] = anna.stored('session') as StoredSession[]
    return Object.values(session?._sessions ?? {}).reduce(
      (sum, { _chains: chains }) => sum + Object.keys(chains).length,
      0,
    )
  },

  /** Whether a late message is read whose key is stored as other implementations store it: derived, without its seed. */
  async derivedMessageKey(library: Library): Promise<boolean> {
    const anna = device(library)
    const bert = device(library)
    await anna.repository.injectE2ESession({ jid: bert.jid, session: bert.bundle(1) })
    const late = await anna.repository.encryptMessage({ jid: bert.jid, data: Buffer.from('late') })
    await deliver(anna, bert, 'second')

    const [session] = bert.stored('session') as StoredSession[]
    for (const { _chains: chains } of Object.values(session?._sessions ?? {}))
      for (const { messageKeys } of Object.values(chains))
        for (const [counter, seed] of Object.entries(messageKeys)) messageKeys[counter] = derivedKey(seed)
    return bert.repository.decryptMessage({ jid: anna.jid, ...late }).then(
      (plaintext) => Buffer.from(plaintext).toString() === 'late',
      () => false,
    )
  },

  /** The steps of its sender's chain that each of four messages to a group took. */
  async groupMessageSteps(library: Library): Promise<number[]> {
    const anna = device(library)
    const group = '120363@g.us'
    const steps: number[] = []
    let before = 0
    for (const text of ['first', 'second', 'third', 'fourth']) {
      await anna.repository.encryptGroupMessage({ group, meId: anna.jid, data: Buffer.from(text) })
      // The library stores its states as the bytes of a JSON text.
      const [bytes] = anna.stored('sender-key') as Buffer[]
      const { iteration } = JSON.parse(String(bytes))[0].senderChainKey
      steps.push(iteration - before)
      before = iteration
    }
    return steps
  },

  /** Whether a message to a group is read that arrives after a later one of its sender. */
  async lateGroupMessage(library: Library): Promise<boolean> {
    const group = '120363@g.us'
    const anna = device(library)
    const bert = device(library)
    const options = { group, meId: anna.jid }
    const handedOver = await anna.repository.getSenderKeyDistributionMessage(options)
    await bert.repository.processSenderKeyDistributionMessage({
      authorJid: anna.jid,
      item: { groupId: group, axolotlSenderKeyDistributionMessage: handedOver },
    })
    const sends = (text: string) =>
      anna.repository.encryptGroupMessage({ ...options, data: Buffer.from(text) })
    const late = await sends('late')
    const later = await sends('later')

    const reads = ({ ciphertext }: { ciphertext: Uint8Array }) =>
      bert.repository.decryptGroupMessage({ group, authorJid: anna.jid, msg: ciphertext })
    await reads(later)
    return reads(late).then(
      (plaintext) => Buffer.from(plaintext).toString() === 'late',
      () => false,
    )
  },

  /** What a device stores of its own chain after three messages to a group, and what its members got, all as base64. */
  async startedGroupChain(library: Library): Promise<StartedChain> {
    const anna = device(library)
    const options = { group: '120363@g.us', meId: anna.jid }
    const handedOver = await anna.repository.getSenderKeyDistributionMessage(options)
    const messages: string[] = []
    for (const text of ['first', 'second', 'third']) {
      const sent = await anna.repository.encryptGroupMessage({ ...options, data: Buffer.from(text) })
      messages.push(base64(sent.ciphertext))
    }
    const [chain] = anna.stored('sender-key') as Buffer[]
    return { sender: anna.jid, handedOver: base64(handedOver), messages, chain: base64(chain ?? []) }
  },

  /** How often the console is used while sessions are opened and closed. */
  async consoleCalls(library: Library): Promise<number> {
    const { info, warn, error } = console
    let calls = 0
    console.info =
      console.warn =
      console.error =
        () => {
          calls += 1
        }
    try {
      const anna = device(library)
      const bert = device(library)
      await anna.repository.injectE2ESession({ jid: bert.jid, session: bert.bundle(1) })
      await anna.repository.injectE2ESession({ jid: bert.jid, session: bert.bundle(2) })
    } finally {
      Object.assign(console, { info, warn, error })
    }
    return calls
  },

  /** In whose asynchronous context a job runs that waited for the job of somebody else. */
  async contextOfWaitingJob(): Promise<string | undefined> {
    const queueJob = libsignal('libsignal/src/queue_job.js')
    const who = new AsyncLocalStorage<string>()
    const first = who.run('first', () => queueJob('peer', () => setImmediate()))
    const second = who.run('second', () => queueJob('peer', async () => who.getStore()))
    await first
    return second
  },

  /** What is read of a poll of version 6 inside a spoiler, as they are on the wire. */
  spoiledPoll(library: Library): Promise<unknown> {
    const poll = Buffer.from('b2070f0a0dba070a1201711a030a01614805', 'hex')
    const { message } = Object(library.proto.Message.decode(poll)).spoilerMessage ?? {}
    const { name, endTime } = message?.pollCreationMessageV6 ?? {}
    return Promise.resolve({ name, endTime: endTime && Number(endTime) })
  },

  /** Whether a write reaches the store that was begun in a transaction and made after it. */
  async lateWriteIsStored(library: Library): Promise<boolean> {
    const stored: string[] = []
    const keys = library.addTransactionCapability(
      { get: () => ({}), set: (data) => void stored.push(...Object.keys(data)) },
      silent,
      { maxCommitRetries: 1, delayBetweenTriesMs: 1 },
    )
    let late = Promise.resolve()
    await keys.transaction(async () => {
      late = setImmediate().then(() => keys.set({ tctoken: { peer: null } }))
    }, 'key')
    await late
    return stored.includes('tctoken')
  },

  /** Whether every promise of the process is numbered once a storage has been used. */
  async promisesAreNumbered(): Promise<boolean> {
    await new AsyncLocalStorage<number>().run(1, () => Promise.resolve())
    return Promise.resolve().then(() => executionAsyncId() !== 0)
  },
}

export type Scenario = keyof typeof scenarios

/** The beginning of a chain of messages to the group 120363@g.us. */
export interface StartedChain {
  /** The JID of who wrote them. */
  sender: string
  handedOver: string
  messages: string[]
  chain: string
}

function base64url(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64url')
}

function base64(bytes: Uint8Array | number[]): string {
  return Buffer.from(bytes).toString('base64')
}

interface StoredSession {
  _sessions: Record<string, { _chains: Record<string, Chain> }>
}

interface Chain {
  messageKeys: Record<string, string>
}

/** What libsignal derives from the seed of a message key: 32 bytes, 32 bytes, and the 16 it uses of the last part. */
function derivedKey(seed: string): string {
  const derived = hkdfSync('sha256', Buffer.from(seed, 'base64'), new Uint8Array(), 'WhisperMessageKeys', 80)
  return Buffer.from(derived).toString('base64')
}

interface Device {
  jid: string
  keys: ReturnType<Library['addTransactionCapability']>
  /** What is stored of a kind of keys: the values themselves. */
  stored(kind: string): unknown[]
  repository: ReturnType<Library['DEFAULT_CONNECTION_CONFIG']['makeSignalRepository']>
  bundle(preKeyId: number): {
    registrationId: number
    identityKey: Uint8Array
    signedPreKey: { keyId: number; publicKey: Uint8Array; signature: Uint8Array }
    preKey: { keyId: number; publicKey: Uint8Array }
  }
}

let devices = 0

/** A device that keeps its keys in memory. */
export function device(library: Library): Device {
  const creds = library.initAuthCreds()
  const rows = new Map<string, unknown>()
  const preKeys = new Map([1, 2].map((id) => [id, library.Curve.generateKeyPair()] as const))
  for (const [id, pair] of preKeys) rows.set(`pre-key/${id}`, pair)
  const keys = library.addTransactionCapability(
    {
      // A map from type and id to what was stored under them.
      get: (kind, ids) =>
        Object.fromEntries(
          ids.flatMap((id) => (rows.has(`${kind}/${id}`) ? [[id, rows.get(`${kind}/${id}`) as never]] : [])),
        ),
      set: (data) => {
        for (const [kind, entries] of Object.entries(data)) {
          for (const [id, value] of Object.entries(entries)) {
            if (value === null) rows.delete(`${kind}/${id}`)
            else rows.set(`${kind}/${id}`, value)
          }
        }
      },
    },
    silent,
    { maxCommitRetries: 1, delayBetweenTriesMs: 1 },
  )
  devices += 1
  return {
    jid: `${devices}@lid`,
    keys,
    stored: (kind) => [...rows].flatMap(([name, value]) => (name.startsWith(`${kind}/`) ? [value] : [])),
    repository: library.DEFAULT_CONNECTION_CONFIG.makeSignalRepository({ creds, keys }, silent),
    bundle: (preKeyId) => ({
      registrationId: creds.registrationId,
      identityKey: library.generateSignalPubKey(creds.signedIdentityKey.public),
      signedPreKey: {
        keyId: creds.signedPreKey.keyId,
        publicKey: library.generateSignalPubKey(creds.signedPreKey.keyPair.public),
        signature: creds.signedPreKey.signature,
      },
      preKey: {
        keyId: preKeyId,
        publicKey: library.generateSignalPubKey(preKeys.get(preKeyId)?.public ?? new Uint8Array()),
      },
    }),
  }
}

/** Sends a text and has it read. */
export async function deliver(from: Device, to: Device, text: string): Promise<void> {
  const message = await from.repository.encryptMessage({ jid: to.jid, data: Buffer.from(text) })
  await to.repository.decryptMessage({ jid: from.jid, ...message })
}
