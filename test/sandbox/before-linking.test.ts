import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Sandbox, startSandbox } from '../../src/sandbox/index.ts'
import type { Account } from '../../src/sandbox/world/account.ts'
import { bytes, child, node, text } from '../../src/sandbox/world/node.ts'
import { type BinaryNode, proto } from '../../src/whatsapp/library/engine.ts'
import { WireClient } from './wire-client.ts'

const LINK_PREFIX = 'https://wa.me/settings/linked_devices#'

let sandbox: Sandbox
beforeAll(async () => {
  sandbox = await startSandbox()
})
afterAll(() => sandbox.stop())

let numbers = 0

function person(): Account {
  numbers += 1
  return sandbox.network.createAccount({ phone: `5511993000${numbers}`, name: 'Somebody' })
}

async function control(path: string, body: object): Promise<{ status: number; answer: unknown }> {
  const response = await fetch(`${sandbox.controlUrl}/sandbox/${path}`, {
    method: 'POST',
    body: JSON.stringify(body),
  })
  return { status: response.status, answer: await response.json() }
}

test.each([
  ['four parts', { parts: 4 }],
  ['four parts behind the link', { parts: 4, prefix: LINK_PREFIX }],
  ['five parts', { parts: 5 }],
  ['five parts behind the link', { parts: 5, prefix: LINK_PREFIX }],
] as const)('a QR code of %s links', async (_form, options) => {
  const account = person()
  const client = await WireClient.register(sandbox)

  const scanned = control('scan', { phone: account.phone, qr: await client.qr(options) })
  await client.countersign()

  expect(await scanned).toEqual({ status: 200, answer: { jid: account.jid(1), lid: account.lidJid(1) } })
  client.close()
})

test.each(['ref', 'ref,noise,identity,secret', 'a,b,c,d,e,f'])('%o is no QR code', async (qr) => {
  expect(await control('scan', { phone: '551199300099', qr })).toMatchObject({
    status: 400,
    answer: { error: 'not a WhatsApp linking QR code' },
  })
})

test('a request for a code that lacks its parts is refused, and the companion goes on waiting', async () => {
  const client = await WireClient.register(sandbox)
  await client.qr()

  const hello = node('link_code_companion_reg', { stage: 'companion_hello' })
  const { attrs } = await client.query('set', 'md', [hello])

  expect(attrs.type).toBe('error')
  expect(client.state).toBe('open')
  client.close()
})

test('who signs and closes at once is linked, and the scan says so', async () => {
  const account = person()
  const client = await WireClient.register(sandbox)

  const scanned = control('scan', { phone: account.phone, qr: await client.qr() })
  await client.countersign()
  client.close()

  expect(await scanned).toMatchObject({ status: 200, answer: { jid: account.jid(1) } })
  expect(account.devices.has(1)).toBe(true)
})

test('the phone says when it links, and how it keeps its chats', async () => {
  const client = await WireClient.linked(sandbox, person())

  const offer = await client.next((stanza) => child(stanza, 'pair-success') !== undefined)
  const props = bytes(child(child(offer, 'pair-success'), 'client-props')) ?? Buffer.alloc(0)

  expect(Math.abs(Number(offer.attrs.t) - Date.now() / 1000)).toBeLessThan(60)
  expect(proto.ClientPairingProps.decode(props).isChatDbLidMigrated).toBe(true)
  client.close()
})

test('a companion that refuses the identity is not linked, and may be scanned again', async () => {
  const account = person()
  const client = await WireClient.register(sandbox)

  const wrong = control('scan', { phone: account.phone, qr: await client.qr({ advSecret: secret() }) })
  const offer = await client.next((stanza) => child(stanza, 'pair-success') !== undefined)
  client.send(mismatch(offer))
  const refused = await wrong
  const scanned = control('scan', { phone: account.phone, qr: await client.qr() })
  await client.next((stanza) => stanza !== offer && child(stanza, 'pair-success') !== undefined)
  await client.countersign()

  expect(refused).toMatchObject({
    status: 400,
    answer: { error: 'the companion refused to be linked: 401 hmac-mismatch' },
  })
  expect(await scanned).toMatchObject({ status: 200 })
  client.close()
})

test.each(['companion_reg_refresh', 'pair-device-rotate-qr'])(
  'a companion is told by %s to show another code, and the old one links no more',
  async (form) => {
    const account = person()
    const client = await WireClient.register(sandbox)
    const old = await client.qr()

    await control('rotate-code', { qr: old, form })
    const demand = await client.next(({ tag }) => tag === 'notification')
    client.creds.advSecretKey = secret()
    const scanned = control('scan', { phone: account.phone, qr: old })
    await expect(client.countersign()).rejects.toThrow('Invalid account signature')
    client.send(mismatch(await client.next((stanza) => child(stanza, 'pair-success') !== undefined)))

    expect(demand).toMatchObject({
      attrs: { from: '@s.whatsapp.net', type: 'companion_reg_refresh' },
      content: [{ tag: form }],
    })
    expect(await scanned).toMatchObject({ status: 400 })
    client.close()
  },
)

test('a linked companion waits no more, though it has not closed yet', async () => {
  const client = await WireClient.linked(sandbox, person())

  expect(await control('rotate-code', {})).toMatchObject({
    status: 400,
    answer: { error: 'no companion is waiting' },
  })
  expect(sandbox.server.pairing.waitingQr()).toBeUndefined()
  client.close()
})

test('a companion is asked for a passkey, with the options or without', async () => {
  const client = await WireClient.register(sandbox)
  const qr = await client.qr()

  await control('passkey-request', { qr })
  await control('passkey-request', { qr, embed: false, options: { challenge: 'abc' } })
  await client.next(({ tag }) => tag === 'notification' && client.received.at(-1)?.content !== undefined)
  const fetched = await ask(client, 'passkey_request_options')

  const [embedded, bare] = client.received.filter(({ tag }) => tag === 'notification')
  expect(JSON.parse(text(child(embedded, 'passkey_request_options')) ?? '')).toMatchObject({
    challenge: expect.stringMatching(/^[\w-]{43}$/),
    rpId: 'whatsapp.com',
    userVerification: 'required',
  })
  expect(bare?.attrs).toMatchObject({ type: 'passkey_prologue_request', from: '@s.whatsapp.net' })
  expect(child(bare, 'passkey_request_options')).toBeUndefined()
  expect(text(child(fetched, 'passkey_request_options'))).toBe('{"challenge":"abc"}')
  client.close()
})

test('a prologue is taken when its form is right, for a ref the service gave out', async () => {
  const client = await WireClient.register(sandbox)
  await client.qr()

  const early = await client.query('set', 'md', [prologue()])
  const ref = await ask(client, 'ref')
  const taken = await client.query('set', 'md', [prologue()])
  const incomplete = await client.query('set', 'md', [prologue('webauthn_assertion')])

  expect(bytes(child(ref, 'ref'))?.length).toBeGreaterThan(0)
  expect([early, taken, incomplete].map(({ attrs }) => attrs.type)).toEqual(['error', 'result', 'error'])
  expect(child(early, 'error')?.attrs).toEqual({ code: '400', text: 'bad-request' })
  client.close()
})

function ask(client: WireClient, what: string): Promise<BinaryNode> {
  return client.query('get', 'md', [node(what)])
}

function secret(): string {
  return randomBytes(32).toString('base64')
}

/** What a companion answers to an identity that was not authenticated by its secret. */
function mismatch({ attrs }: BinaryNode): BinaryNode {
  return node('iq', { id: attrs.id, to: '@s.whatsapp.net', type: 'error' }, [
    node('error', { code: 401, text: 'hmac-mismatch' }),
  ])
}

function prologue(leftOut = ''): BinaryNode {
  const payload = proto.ProloguePayload.encode({
    companionEphemeralIdentity: randomBytes(40),
    commitment: { hash: randomBytes(32) },
  }).finish()
  const parts = [
    node('credential_id', {}, randomBytes(16)),
    node('webauthn_assertion', {}, Buffer.from('{"type":"public-key"}')),
    node('prologue_payload', {}, payload),
  ]
  return node(
    'passkey_prologue',
    {},
    parts.filter(({ tag }) => tag !== leftOut),
  )
}
