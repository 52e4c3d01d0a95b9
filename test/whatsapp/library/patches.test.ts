import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { beforeAll, describe, expect, test } from 'vitest'
import * as engine from '../../../src/whatsapp/library/engine.ts'
import { InvalidSignatureError, runInRootContext } from '../../../src/whatsapp/library/patches/index.ts'
import { deliver, device, type Scenario, type StartedChain, scenarios } from './patches/scenarios.ts'

const nodeHasFreeStorages = Number(process.versions.node.split('.')[0]) >= 24

/** What each scenario yields with the repairs; without them it must yield something else, or the repair is obsolete. */
const repaired: [Scenario, string, unknown][] = [
  ['forgedSignature', 'a forged signature is refused', false],
  ['slowKeyPairs', 'key pairs are made by compiled code', 0],
  ['crossedMessage', 'a message that crosses a re-keying leaves both directions working', 0],
  ['derivedMessageKey', 'a late message is read whose key came without its seed', true],
  ['chainsAfterTurns', 'a session keeps five chains of what was received, and the one it sends with', 6],
  ['groupMessageSteps', 'a message to a group takes one step of its chain', [1, 1, 1, 1]],
  ['lateGroupMessage', 'a message to a group is read that a later one has overtaken', true],
  ['consoleCalls', 'sessions, with their private keys, are not printed', 0],
  ['contextOfWaitingJob', 'a waiting job runs in the context of who queued it', 'second'],
  ['spoiledPoll', 'a kind that the schema does not have is read', { name: 'q', endTime: 5 }],
  ['lateWriteIsStored', 'a write made after its transaction ended reaches the store', true],
]

let unrepaired: Record<string, unknown> = {}

beforeAll(async () => {
  const script = fileURLToPath(new URL('./patches/unrepaired.ts', import.meta.url))
  const { stdout } = await promisify(execFile)(process.execPath, ['--import', 'tsx', script])
  unrepaired = JSON.parse(stdout.slice(stdout.lastIndexOf('RESULTS') + 'RESULTS'.length))
})

describe.each(repaired)('%s', (scenario, sentence, expected) => {
  test(sentence, async () => {
    expect(await scenarios[scenario](engine)).toEqual(expected)
  })

  test('the library still needs this repair', () => {
    expect(unrepaired[scenario]).not.toEqual(expected)
  })
})

test.skipIf(nodeHasFreeStorages)('a promise is not numbered because somebody has a storage', async () => {
  expect(await scenarios.promisesAreNumbered()).toBe(false)
  expect(unrepaired.promisesAreNumbered).toBe(true)
})

test('a genuine signature is accepted with and without the repairs', async () => {
  expect(await scenarios.genuineSignature(engine)).toBe(true)
  expect(unrepaired.genuineSignature).toBe(true)
})

test('a key bundle with a forged pre-key signature is refused', async () => {
  const { publicKey, signature } = {
    publicKey: engine.generateSignalPubKey(engine.Curve.generateKeyPair().public),
    signature: Buffer.alloc(64, 1),
  }
  const keys = { get: () => ({}), set: () => {}, isInTransaction: () => false, transaction: run }
  const repository = engine.DEFAULT_CONNECTION_CONFIG.makeSignalRepository(
    { creds: engine.initAuthCreds(), keys },
    // The test needs no log of the library.
    { ...console, level: 'silent', trace: () => {}, child: () => console } as never,
  )

  const inject = repository.injectE2ESession({
    jid: '1@lid',
    session: { registrationId: 1, identityKey: publicKey, signedPreKey: { keyId: 1, publicKey, signature } },
  })

  await expect(inject).rejects.toThrow(InvalidSignatureError)
})

test('a message is read that arrives many questions and answers later', async () => {
  const anna = device(engine)
  const bert = device(engine)
  await anna.repository.injectE2ESession({ jid: bert.jid, session: bert.bundle(1) })
  await deliver(anna, bert, 'first')
  await deliver(bert, anna, 'answer')
  const late = await anna.repository.encryptMessage({ jid: bert.jid, data: Buffer.from('late') })
  await deliver(anna, bert, 'overtakes')

  for (let turn = 0; turn < 15; turn++) {
    await deliver(bert, anna, 'answer')
    await deliver(anna, bert, 'question')
  }
  const read = await bert.repository.decryptMessage({ jid: anna.jid, ...late })

  expect(Buffer.from(read).toString()).toBe('late')
})

test('a chain that the library as it is published began goes on', async () => {
  // The scenario of this name.
  const { sender, handedOver, messages, chain } = unrepaired.startedGroupChain as StartedChain
  const group = '120363@g.us'
  const anna = device(engine)
  const bert = device(engine)
  await bert.repository.processSenderKeyDistributionMessage({
    authorJid: sender,
    item: { groupId: group, axolotlSenderKeyDistributionMessage: Buffer.from(handedOver, 'base64') },
  })
  await anna.keys.set({
    'sender-key': { [`${group}::${sender.replace('@lid', '_1')}::0`]: Buffer.from(chain, 'base64') },
  })

  const read: string[] = []
  const sent = messages.map((message) => Buffer.from(message, 'base64'))
  for (const text of ['fourth', 'fifth']) {
    const { ciphertext } = await anna.repository.encryptGroupMessage({
      group,
      meId: sender,
      data: Buffer.from(text),
    })
    sent.push(Buffer.from(ciphertext))
  }
  for (const msg of sent) {
    const text = await bert.repository.decryptGroupMessage({ group, authorJid: sender, msg })
    read.push(Buffer.from(text).toString())
  }

  expect(read).toEqual(['first', 'second', 'third', 'fourth', 'fifth'])
})

test('work done outside sees no context of its caller', async () => {
  const { AsyncLocalStorage } = await import('node:async_hooks')
  const storage = new AsyncLocalStorage<string>()

  const seen = storage.run('caller', () => [storage.getStore(), runInRootContext(() => storage.getStore())])

  expect(seen).toEqual(['caller', undefined])
})

test('storages keep their values apart and give them up on exit', async () => {
  const { AsyncLocalStorage } = await import('node:async_hooks')
  const one = new AsyncLocalStorage<string>()
  const two = new AsyncLocalStorage<string>()

  const seen = one.run('a', () =>
    two.run('b', () => [one.getStore(), two.getStore(), one.exit(() => [one.getStore(), two.getStore()])]),
  )

  expect(seen).toEqual(['a', 'b', [undefined, 'b']])
  expect(one.getStore()).toBeUndefined()
})

function run<T>(work: () => Promise<T>): Promise<T> {
  return work()
}
