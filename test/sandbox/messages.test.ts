import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Sandbox, startSandbox } from '../../src/sandbox/index.ts'
import { LinkedDevice } from '../../src/sandbox/peer/linked-device.ts'
import { clientOptions } from '../../src/sandbox/server/client-options.ts'
import { node } from '../../src/sandbox/world/node.ts'
import { downloadMediaMessage, WA_CERT_DETAILS } from '../../src/whatsapp/library/engine.ts'
import { type Companion, link, textOf } from './companion.ts'

let sandbox: Sandbox
let ann: Companion
let ben: Companion
const annPhone = '551188000001'
const benPhone = '551188000002'

beforeAll(async () => {
  sandbox = await startSandbox()
  WA_CERT_DETAILS.PUBLIC_KEY = sandbox.rootKey
  ann = await link(sandbox, { phone: annPhone, name: 'Ann' })
  ben = await link(sandbox, { phone: benPhone, name: 'Ben' })
})
afterAll(async () => {
  await ann.close()
  await ben.close()
  await sandbox.stop()
})

test('two linked devices exchange texts in both directions', async () => {
  await ann.socket.sendMessage(`${benPhone}@s.whatsapp.net`, { text: 'hello Ben' })
  const received = await ben.message('hello Ben')
  await ben.socket.sendMessage(received.key.remoteJid ?? '', { text: 'hello Ann' })
  const answer = await ann.message('hello Ann')

  expect(received.pushName).toBe('Ann')
  expect(received.key).toMatchObject({ fromMe: false, remoteJid: `${annPhone}@s.whatsapp.net` })
  expect(received.key.remoteJidAlt).toBe(sandbox.network.findAccount(annPhone)?.lidJid())
  expect(answer.key.fromMe).toBe(false)
})

test('messages addressed by LID arrive in the same way', async () => {
  const lid = sandbox.network.findAccount(benPhone)?.lidJid() ?? ''

  await ann.socket.sendMessage(lid, { text: 'by LID' })
  const received = await ben.message('by LID')

  expect(received.key.remoteJid).toBe(sandbox.network.findAccount(annPhone)?.lidJid())
  expect(received.key.remoteJidAlt).toBe(`${annPhone}@s.whatsapp.net`)
})

test('the sender sees the ack, the delivery and the reading', async () => {
  const sent = await ann.socket.sendMessage(`${benPhone}@s.whatsapp.net`, { text: 'read this' })
  const id = sent?.key.id ?? ''
  const received = await ben.message('read this')
  await ben.socket.readMessages([received.key])

  const toAnn = (tag: string, type?: string) =>
    sandbox.server.stanzas.find(
      ({ direction, device, stanza }) =>
        direction === 'to-client' &&
        device === ann.jid &&
        stanza.tag === tag &&
        stanza.attrs.id === id &&
        (type === undefined || stanza.attrs.type === type),
    )
  expect((await toAnn('ack')).stanza.attrs).toMatchObject({ class: 'message' })
  expect((await toAnn('receipt', 'read')).stanza.attrs.from).toBe(ben.jid)
})

test('a group is created, announced, and written to by both', async () => {
  const created = await ann.socket.groupCreate('Friends', [`${benPhone}@s.whatsapp.net`])
  await ben.event('group', (events) => events['groups.upsert']?.find(({ id }) => id === created.id))

  await ann.socket.sendMessage(created.id, { text: 'to the group' })
  const received = await ben.message('to the group')
  await ben.socket.sendMessage(created.id, { text: 'back to the group' })
  const answer = await ann.message('back to the group')

  expect(created.participants).toHaveLength(2)
  expect(received.key).toMatchObject({
    remoteJid: created.id,
    participantAlt: `${annPhone}@s.whatsapp.net`,
    addressingMode: 'lid',
  })
  expect(answer.key.remoteJid).toBe(created.id)
})

test('another companion of the sender gets its own copy', async () => {
  const second = await link(sandbox, { phone: annPhone, name: 'Ann' })

  // The library does not read the list it is sent (`account_sync`); it asks for one on a new connection.
  await ann.close()
  ann.connect()
  await ann.open()
  await ann.socket.sendMessage(`${benPhone}@s.whatsapp.net`, { text: 'for all of mine' })
  const copy = await second.message('for all of mine')

  expect(copy.key).toMatchObject({ fromMe: true, remoteJid: `${benPhone}@s.whatsapp.net` })
  await second.close()
})

test('messages wait for a device that is away and come in order', async () => {
  await ben.close()
  for (const text of ['first', 'second', 'third']) {
    await ann.socket.sendMessage(`${benPhone}@s.whatsapp.net`, { text: `while away: ${text}` })
  }

  ben.connect()
  await ben.message('while away: third')

  const waited = ben.messages.map(textOf).filter((text) => text?.startsWith('while away'))
  expect(waited).toEqual(['while away: first', 'while away: second', 'while away: third'])
  const preview = await sandbox.server.stanzas.find(
    ({ device, stanza }) => device === ben.jid && JSON.stringify(stanza).includes('offline_preview'),
  )
  expect(JSON.stringify(preview.stanza)).toContain('"message":"3"')
})

test('a message that was not acknowledged is delivered again at the next login', async () => {
  const device = sandbox.network.findDevice(ben.jid)
  await ben.open()
  // The connection ends the moment the message arrives, before the client can say that it has it.
  const arrived = sandbox.server.stanzas.next(
    ({ direction, device, stanza }) =>
      direction === 'to-client' && device === ben.jid && stanza.tag === 'message',
  )
  await ann.socket.sendMessage(`${benPhone}@s.whatsapp.net`, { text: 'insistent' })
  const { stanza } = await arrived
  sandbox.server.drop(ben.jid)
  await ben.closed()

  ben.connect()
  const again = await sandbox.server.stanzas.find(
    (entry) => entry.stanza.attrs.id === stanza.attrs.id && entry.stanza.attrs.offline !== undefined,
  )

  await ben.message('insistent')

  expect(again.device).toBe(ben.jid)
  await expect.poll(() => (device instanceof LinkedDevice ? device.unacknowledged : undefined)).toEqual([])
})

test('a corrupted message is asked for again and arrives', async () => {
  await ben.open()
  const account = sandbox.network.findAccount(benPhone)
  const fault = sandbox.network.faults.inject(
    { kind: 'corrupt-message' },
    { ...(account && { account }), times: 1 },
  )

  await ann.socket.sendMessage(`${benPhone}@s.whatsapp.net`, { text: 'damaged on the way' })
  await ben.message('damaged on the way')

  expect(fault.hits).toBe(1)
})

test('a business is named by its certificate', async () => {
  const account = sandbox.network.findAccount(annPhone)
  if (account) account.business = { name: 'Shop' }

  await ann.socket.sendMessage(`${benPhone}@s.whatsapp.net`, { text: 'buy this' })
  const received = await ben.message('buy this')
  if (account) account.business = undefined

  expect(received.verifiedBizName).toBe('Shop')
})

test('a status reaches those it was made for', async () => {
  await ann.socket.sendMessage(
    'status@broadcast',
    { text: 'my day' },
    { statusJidList: [`${benPhone}@s.whatsapp.net`, `${annPhone}@s.whatsapp.net`] },
  )
  const received = await ben.message('my day')

  expect(received.key.remoteJid).toBe('status@broadcast')
  expect(received.key.participant).toContain('@lid')
})

test('a call is relayed, refused, and a call link is made', async () => {
  const caller = sandbox.network.findDevice(`${annPhone}@s.whatsapp.net`)
  const call = { 'call-id': 'CALL1', 'call-creator': `${annPhone}@s.whatsapp.net` }
  if (!caller) throw new Error('no phone')

  sandbox.network.receive(
    caller,
    node('call', { id: 'C1', to: `${benPhone}@s.whatsapp.net` }, [node('offer', call)]),
  )
  const offered = await ben.event('call', (events) => events.call?.find(({ id }) => id === 'CALL1'))
  await ben.socket.rejectCall('CALL1', offered.from)
  const link = await ben.socket.createCallLink('audio')

  expect(offered).toMatchObject({ status: 'offer', from: `${annPhone}@s.whatsapp.net` })
  expect(link).toMatch(/^[\w-]{22}$/)
})

test('media goes up to the media host and comes down from it', async () => {
  const bytes = Buffer.from('not really a document, but bytes are bytes')

  await ann.socket.sendMessage(`${benPhone}@s.whatsapp.net`, {
    document: bytes,
    mimetype: 'application/octet-stream',
    fileName: 'bytes.bin',
    caption: 'a file',
  })
  const document = await ben.event('document', (events) =>
    events['messages.upsert']?.messages.find(
      ({ message }) => message?.documentWithCaptionMessage ?? message?.documentMessage,
    ),
  )
  const downloaded = await downloadMediaMessage(document, 'buffer', {
    options: clientOptions(sandbox.url).options,
  } as never) // the other members are for conversions that do not happen here

  expect(downloaded).toEqual(bytes)
})
