import { afterEach, beforeEach, expect, test } from 'vitest'
import { readKeys } from '../../../src/store/keys/auth.ts'
import { decryptPlaintext, findPlaintext, pendingInbox } from '../../../src/store/messages/inbox.ts'
import { KeyCache } from '../../../src/whatsapp/keys/key-cache.ts'
import { proto } from '../../../src/whatsapp/library/engine.ts'
import { isCommit } from '../../helpers/commits.ts'
import { type DeviceHost, deviceHost, type SignalDevice, signalDevice, stanza } from './signal-device.ts'

const group = '120363@g.us'
let host: DeviceHost

beforeEach(async () => {
  host = await deviceHost()
})

afterEach(async () => {
  await host.writer.idle()
  await host.temporary.close()
})

test('overlapping sends and receives with a slow store are all decryptable', async () => {
  const [anna, bert] = await acquainted({ pauseMs: 4 })

  const failures = await crossfire(anna, bert, 60)

  expect(failures).toBe(0)
})

test('the same crossfire breaks the library without the wrapper', async () => {
  const [anna, bert] = await acquainted({ pauseMs: 4, stock: true })

  const failures = await crossfire(anna, bert, 60)

  expect(failures).toBeGreaterThan(0)
})

test('sends to the number and receives from the LID of one peer exclude each other', async () => {
  const [anna, bert] = await acquainted({ pauseMs: 4 })
  await anna.repository.lidMapping.storeLIDPNMappings([{ lid: bert.lid, pn: bert.pn }])

  const failures = await crossfire(anna, bert, 60, { toNumber: true })

  expect(failures).toBe(0)
})

test('a message that crosses a new key exchange leaves both directions working', async () => {
  const [anna, bert] = await acquainted()
  const late = await bert.encrypts(anna.lid, 'late')
  await anna.meets(bert)

  const received = await anna.receives(stanza({ id: 'L', from: bert.lid }, late))
  const failures = await crossfire(anna, bert, 5)

  expect(received).toBe('late')
  expect(failures).toBe(0)
})

test('the pairs of LIDs and numbers an account learns stay within the bounds all accounts share', async () => {
  const cache = new KeyCache(200_000)
  const anna = await signalDevice({ ...host, cache })
  const { lidMapping } = anna.repository
  const pairs = Array.from({ length: 3_000 }, (_, n) => ({
    lid: `${10_000_000 + n}@lid`,
    pn: `${49_151_000_000 + n}@s.whatsapp.net`,
  }))

  await lidMapping.storeLIDPNMappings(pairs)

  expect(await lidMapping.getLIDForPN('49151000000@s.whatsapp.net')).toBe('10000000@lid')
  expect(await lidMapping.getPNForLID('10002999@lid')).toMatch(/^49151002999(:0)?@s.whatsapp.net$/)
  // The library's own cache counts every entry and ends none of them.
  expect(Reflect.get(lidMapping, 'mappingCache')).not.toHaveProperty('size')
  expect(cache.sizeBytes).toBeLessThanOrEqual(200_000)
})

test('the keys of shared settings are stored with the message of the own phone that brings them', async () => {
  const phone = await signalDevice(host, { pn: '4915150@s.whatsapp.net', lid: '7750@lid' })
  const companion = await signalDevice(host, { pn: '4915150:3@s.whatsapp.net', lid: '7750:3@lid' })
  const stranger = await signalDevice(host)
  const share = (name: string) => ({
    protocolMessage: {
      appStateSyncKeyShare: {
        keys: [{ keyId: { keyId: Buffer.from(name) }, keyData: { keyData: Buffer.from([7]) } }],
      },
    },
  })
  const stored = async (name: string) => {
    const id = Buffer.from(name).toString('base64')
    return Object.keys(await companion.keys.get('app-state-sync-key', [id])).length
  }

  for (const [sender, name] of [
    [stranger, 'forged'],
    [phone, 'genuine'],
  ] as const) {
    await sender.meets(companion)
    const message = await sender.encrypts(companion.lid, share(name))
    await companion.receives(stanza({ id: name, from: sender.lid, category: 'peer' }, message))
  }

  expect([await stored('forged'), await stored('genuine')]).toEqual([0, 1])
  const { myAppStateKeyId } = companion.auth.state.creds
  expect(myAppStateKeyId).toBe(Buffer.from('genuine').toString('base64'))
  // The receipt of the message waits for this.
  await companion.auth.pendingAnswer()
  const creds = await readKeys(host.db, host.secrets, { userId: companion.userId, kind: 'creds', ids: [''] })
  expect(JSON.parse(creds.get('') ?? '{}')).toMatchObject({ myAppStateKeyId })
})

test('a sender key whose group has a name no key can have is refused, and the store goes on', async () => {
  const [anna, bert] = await acquainted()
  const item = { groupId: 'a\0b', axolotlSenderKeyDistributionMessage: Buffer.alloc(70) }

  const refusal = anna.repository.processSenderKeyDistributionMessage({ authorJid: bert.lid, item })

  await expect(refusal).rejects.toThrow('not a group')
  await expect(anna.keys.get('session', ['1.0'])).resolves.toEqual({})
})

test('a ciphertext is handed out only after its ratchet is stored', async () => {
  const [anna, bert] = await acquainted()
  const before = await sessionRow(anna)

  const sent = await anna.keys.transaction(async () => {
    const message = await anna.repository.encryptMessage({ jid: bert.lid, data: Buffer.from('x\x01') })
    return { message, stored: await sessionRow(anna) }
  }, anna.pn)

  expect(sent.stored).not.toBe(before)
})

test('a failed decryption stores neither a message nor a ratchet', async () => {
  const [anna, bert] = await acquainted()
  const message = await anna.encrypts(bert.lid, 'hello')
  const before = await sessionRow(bert)
  const broken = Buffer.from(message.ciphertext)
  broken[broken.length - 1] = (broken[broken.length - 1] ?? 0) ^ 1

  await expect(
    bert.receives(stanza({ id: 'M', from: anna.lid }, { ...message, ciphertext: broken })),
  ).rejects.toThrow()

  expect(await sessionRow(bert)).toBe(before)
  expect(await received(bert)).toEqual([['first', 'first']])
  expect(await bert.receives(stanza({ id: 'M', from: anna.lid }, message))).toBe('hello')
})

test('a received message is in the inbox with its stanza, and the dispatcher is told', async () => {
  const [anna, bert] = await acquainted()
  host.nudged.length = 0
  const message = await anna.encrypts(bert.lid, 'hello')
  const node = stanza({ id: 'M', from: anna.lid, notify: 'Anna' }, message)
  if (Array.isArray(node.content))
    node.content.push({ tag: 'meta', attrs: { a: 'b' }, content: Buffer.from([7]) })

  await bert.receives(node)
  const row = (await pendingInbox(host.db, { limit: 10, users: [bert.userId] })).at(-1)

  expect(host.nudged).toEqual([bert.userId])
  expect(row).toMatchObject({
    id: 'M',
    from: anna.lid,
    participant: '',
    attrs: { notify: 'Anna' },
    meta: [{ tag: 'meta', attrs: { a: 'b' }, content: 'Bw==' }],
    encIndex: 0,
    encType: 'msg',
  })
  const plaintext = decryptPlaintext(host.secrets, row?.sealedPlaintext ?? '')
  expect(proto.Message.decode(plaintext).conversation).toBe('hello')
  expect(
    await findPlaintext(host.db, host.secrets, { userId: bert.userId, digest: row?.digest ?? '' }),
  ).toEqual(plaintext)
})

test('a message delivered again after a crash is answered from the inbox, once', async () => {
  const [anna, bert] = await acquainted()
  const message = await anna.encrypts(bert.lid, 'hello')
  const attrs = { id: 'M', from: anna.lid }
  await bert.receives(stanza(attrs, message))
  const restarted = await signalDevice(host, bert)

  const again = await restarted.receives(stanza(attrs, message))

  expect(again).toBe('hello')
  expect(await received(bert)).toEqual([
    ['first', 'first'],
    ['M', 'hello'],
  ])
})

test('a ciphertext replayed under the name of somebody else is not answered', async () => {
  const [anna, bert] = await acquainted()
  const mallory = await signalDevice(host)
  const message = await anna.encrypts(bert.lid, 'hello')
  await bert.receives(stanza({ id: 'M', from: anna.lid }, message))

  await expect(bert.receives(stanza({ id: 'M', from: mallory.lid }, message))).rejects.toThrow()
})

test('group messages are decryptable, stored, and answered when delivered again', async () => {
  const [anna, bert] = await acquainted()
  await handOverSenderKey(anna, bert)
  const sent = await groupEncrypts(anna, 'to all')
  const attrs = { id: 'G', from: group, participant: anna.lid }

  const first = await bert.receives(stanza(attrs, { type: 'skmsg', ciphertext: sent }))
  const again = await bert.receives(stanza(attrs, { type: 'skmsg', ciphertext: sent }))

  expect([first, again]).toEqual(['to all', 'to all'])
  expect((await received(bert)).at(-1)).toEqual(['G', 'to all'])
})

test('own sender keys stay small and receivers go on decrypting', async () => {
  const [anna, bert] = await acquainted()
  await handOverSenderKey(anna, bert)

  const texts: string[] = []
  for (let index = 0; index < 100; index++) {
    const sent = await groupEncrypts(anna, `${index}`)
    texts.push(
      await bert.receives(
        stanza({ id: `G${index}`, from: group, participant: anna.lid }, { type: 'skmsg', ciphertext: sent }),
      ),
    )
  }
  const rows = await host
    .db('auth')
    .where({ user_id: anna.userId, kind: 'sender-key' })
    .select('sealed_value')

  expect(texts).toEqual(Array.from({ length: 100 }, (_, index) => `${index}`))
  expect(rows).toHaveLength(1)
  expect(host.secrets.decrypt(rows[0].sealed_value).length).toBeLessThan(2048)
})

test('a receiver that missed 2,000 messages to a group reads the next one, and the missed ones in any order', async () => {
  const [anna, bert] = await acquainted()
  await handOverSenderKey(anna, bert)
  const sent: Uint8Array[] = []
  for (let index = 0; index < 2_002; index++) sent.push(await groupEncrypts(anna, `${index}`))
  const arriving = [0, 2_001, 2_000, 1, 1_000, 7].map((index) => ({
    index,
    ciphertext: sent[index] ?? Buffer.of(),
  }))

  const texts: string[] = []
  for (const { index, ciphertext } of arriving) {
    const attrs = { id: `G${index}`, from: group, participant: anna.lid }
    texts.push(await bert.receives(stanza(attrs, { type: 'skmsg', ciphertext })))
  }

  expect(texts).toEqual(['0', '2001', '2000', '1', '1000', '7'])
})

test('a session that is used is not parsed again, and nothing changes what was parsed', async () => {
  const cache = new WatchedCache()
  host.cache = cache
  const [anna, bert] = await acquainted()
  cache.parses = 0

  await crossfire(anna, bert, 20)
  const late = await bert.encrypts(anna.lid, 'late')
  await anna.meets(bert)
  await anna.receives(stanza({ id: 'late', from: bert.lid }, late))
  await crossfire(anna, bert, 5)
  const forged = { type: 'msg', ciphertext: Buffer.alloc(80, 0x33) }
  await expect(anna.receives(stanza({ id: 'F', from: bert.lid }, forged))).rejects.toThrow()

  expect(cache.parses).toBe(0)
  expect(cache.handedOut).toBeGreaterThan(100)
  expect(cache.changed()).toEqual([])
})

test('that a session is there is seen without waiting for its turn, and that it is not after it was taken away', async () => {
  const [anna, bert] = await acquainted()
  const slow = anna.keys.transaction(() => new Promise<void>((resolve) => setTimeout(resolve, 200)), bert.lid)
  const sending = anna.repository.encryptMessage({ jid: bert.lid, data: Buffer.from('x\x01') })

  const seen = await Promise.race([anna.repository.validateSession(bert.lid), slow])
  await sending
  await anna.repository.deleteSession([bert.lid])

  expect(seen).toEqual({ exists: true })
  expect(await anna.repository.validateSession(bert.lid)).toMatchObject({ exists: false })
})

test('a session that was closed does not count as one', async () => {
  const [anna, bert] = await acquainted()
  const address = anna.repository.jidToSignalProtocolAddress(bert.lid)
  const { [address]: stored } = await anna.keys.get('session', [address])
  // Records are plain JSON in libsignal's own form.
  const closed = JSON.parse(JSON.stringify(stored).replaceAll('"closed":-1', '"closed":1700000000000'))

  await anna.keys.set({ session: { [address]: closed } })

  expect(await anna.repository.validateSession(bert.lid)).toMatchObject({ exists: false })
})

test('another owner of a session begins with what is stored', async () => {
  const [anna, bert] = await acquainted()
  const again = await signalDevice(host, { userId: anna.userId, pn: anna.pn, lid: anna.lid })
  const first = await again.encrypts(bert.lid, 'from the next owner')
  const read = await bert.receives(stanza({ id: 'N', from: anna.lid }, first))

  const address = anna.repository.jidToSignalProtocolAddress(bert.lid)
  const { [address]: former } = await anna.keys.get('session', [address])
  const { [address]: current } = await again.keys.get('session', [address])

  expect(read).toBe('from the next owner')
  expect(former).not.toEqual(current)
  const next = await signalDevice(host, { userId: anna.userId, pn: anna.pn, lid: anna.lid })
  expect((await next.keys.get('session', [address]))[address]).toEqual(plain(current))
})

test('a forged key bundle gives no session and does not throw', async () => {
  const anna = await signalDevice(host)
  const bert = await signalDevice(host)
  bert.auth.state.creds.signedPreKey.signature[5] = (bert.auth.state.creds.signedPreKey.signature[5] ?? 0) ^ 1

  await anna.meets(bert)

  expect(await anna.repository.validateSession(bert.lid)).toMatchObject({ exists: false })
})

test('the devices of one send are written together', async () => {
  const anna = await signalDevice(host)
  const peers = await Promise.all(Array.from({ length: 8 }, () => signalDevice(host)))
  for (const peer of peers) await anna.meets(peer)
  const writes = countWrites()

  await anna.keys.transaction(async () => {
    const data = Buffer.from('x\x01')
    await Promise.all(peers.map((peer) => anna.repository.encryptMessage({ jid: peer.lid, data })))
  }, anna.pn)

  expect(writes()).toBe(1)
})

/** A cache that sees what is parsed, and whether somebody changes what it hands out. */
class WatchedCache extends KeyCache {
  parses = 0
  readonly #values = new Map<unknown, string>()

  override parsed<Value>(name: string, text: string, parse: (text: string) => Value): Value {
    const value = super.parsed(name, text, (unknown) => {
      this.parses += 1
      return parse(unknown)
    })
    this.#values.set(value, text)
    return value
  }

  get handedOut(): number {
    return this.#values.size
  }

  changed(): string[] {
    return [...this.#values].filter(([value, text]) => JSON.stringify(value) !== text).map(([, text]) => text)
  }
}

function plain(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value))
}

/** Two devices with a session in both directions. */
async function acquainted(
  options: { pauseMs?: number; stock?: boolean } = {},
): Promise<[SignalDevice, SignalDevice]> {
  const anna = await signalDevice(host, options)
  const bert = await signalDevice(host, options)
  await anna.meets(bert)
  await bert.receives(stanza({ id: 'first', from: anna.lid }, await anna.encrypts(bert.lid, 'first')))
  await anna.receives(stanza({ id: 'second', from: bert.lid }, await bert.encrypts(anna.lid, 'second')))
  return [anna, bert]
}

/** Both sides send at once, each message is received as soon as it is out; resolves with how many were unreadable. */
async function crossfire(
  anna: SignalDevice,
  bert: SignalDevice,
  messages: number,
  options: { toNumber?: boolean } = {},
): Promise<number> {
  const stream = async (from: SignalDevice, to: SignalDevice, address: string) => {
    let failures = 0
    const arrivals: Promise<void>[] = []
    let order = Promise.resolve()
    for (let index = 0; index < messages; index++) {
      const sent = await from.encrypts(address, `${index}`).catch(() => undefined)
      const arrival = order.then(async () => {
        const id = `${from.userId}${index}`
        const text = sent && (await to.receives(stanza({ id, from: from.lid }, sent)).catch(() => undefined))
        if (text !== `${index}`) failures += 1
      })
      order = arrival
      arrivals.push(arrival)
    }
    await Promise.all(arrivals)
    return failures
  }
  const failures = await Promise.all([
    stream(anna, bert, options.toNumber ? bert.pn : bert.lid),
    stream(bert, anna, anna.lid),
  ])
  return failures.reduce((sum, count) => sum + count)
}

async function handOverSenderKey(from: SignalDevice, to: SignalDevice): Promise<void> {
  const key = await from.repository.getSenderKeyDistributionMessage({ group, meId: from.lid })
  await to.repository.processSenderKeyDistributionMessage({
    authorJid: from.lid,
    item: { groupId: group, axolotlSenderKeyDistributionMessage: key },
  })
}

async function groupEncrypts(from: SignalDevice, text: string): Promise<Uint8Array> {
  const data = Buffer.concat([proto.Message.encode({ conversation: text }).finish(), Buffer.of(1)])
  return (await from.repository.encryptGroupMessage({ group, meId: from.lid, data })).ciphertext
}

/** Counts the statements that write keys from now on. */
function countWrites(): () => number {
  let writes = 0
  host.db.on('query', ({ sql }: { sql: string }) => {
    if (isCommit(sql)) writes += 1
  })
  return () => writes
}

async function sessionRow(device: SignalDevice): Promise<string> {
  const row = await host.db('auth').where({ user_id: device.userId, kind: 'session' }).first()
  return row?.sealed_value ?? ''
}

/** Ids and texts in the inbox of a device. */
async function received(device: SignalDevice): Promise<[string, string][]> {
  const rows = await pendingInbox(host.db, { limit: 100, users: [device.userId] })
  return rows.map((row) => [
    row.id,
    proto.Message.decode(decryptPlaintext(host.secrets, row.sealedPlaintext)).conversation ?? '',
  ])
}
