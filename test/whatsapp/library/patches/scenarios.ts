import { AsyncLocalStorage, executionAsyncResource } from 'node:async_hooks'
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
>

// libsignal hides behind Baileys and has no types for these files.
const libsignal = createRequire(createRequire(import.meta.url).resolve('@whiskeysockets/baileys'))

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

  /** How many storages a promise carries that was made inside twenty of them. */
  async storagesPerPromise(): Promise<number> {
    const nest = (depth: number): Promise<number> =>
      depth === 0
        ? Promise.resolve().then(() => Object.getOwnPropertySymbols(executionAsyncResource()).length)
        : new AsyncLocalStorage<number>().run(depth, () => nest(depth - 1))
    return nest(20)
  },
}

export type Scenario = keyof typeof scenarios

interface Device {
  jid: string
  repository: ReturnType<Library['DEFAULT_CONNECTION_CONFIG']['makeSignalRepository']>
  bundle(preKeyId: number): {
    registrationId: number
    identityKey: Uint8Array
    signedPreKey: { keyId: number; publicKey: Uint8Array; signature: Uint8Array }
    preKey: { keyId: number; publicKey: Uint8Array }
  }
}

let devices = 0

function device(library: Library): Device {
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

async function deliver(from: Device, to: Device, text: string): Promise<void> {
  const message = await from.repository.encryptMessage({ jid: to.jid, data: Buffer.from(text) })
  await to.repository.decryptMessage({ jid: from.jid, ...message })
}
