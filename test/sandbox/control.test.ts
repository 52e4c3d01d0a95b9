import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Sandbox, startSandbox } from '../../src/sandbox/index.ts'
import { phoneForName } from '../../src/sandbox/world/phone-number.ts'
import { WA_CERT_DETAILS } from '../../src/whatsapp/library/engine.ts'
import { Companion } from './companion.ts'

const CONTACT = '4915550000001'

let sandbox: Sandbox
let companion: Companion

beforeAll(async () => {
  sandbox = await startSandbox()
  WA_CERT_DETAILS.PUBLIC_KEY = sandbox.rootKey
  companion = new Companion(sandbox, { pushName: 'Control plane' })
  companion.connect()
  await call('POST', '/admin/mock-phone/scan-qr', await companion.qr())
  await companion.closed()
  companion.connect()
  await companion.open()
  await call('POST', '/sandbox/contacts', { phone: `+${CONTACT}`, name: 'Ann', autoReply: false })
})

afterAll(async () => {
  await companion.close()
  await sandbox.stop()
})

/** Calls the control plane; text goes out as it is, anything else as JSON. */
async function call(method: string, path: string, body?: unknown) {
  const response = await fetch(`${sandbox.controlUrl}${path}`, {
    method,
    body: body === undefined || typeof body === 'string' ? body : JSON.stringify(body),
  })
  return { status: response.status, body: JSON.parse((await response.text()) || 'null') }
}

/** Waits for a message at the contact. */
async function atContact(text: string) {
  const find = async () => {
    const { body } = await call('GET', `/sandbox/contacts/${CONTACT}/messages`)
    return body.messages.find((message: { text?: string }) => message.text === text)
  }
  await expect.poll(find).toBeTruthy()
  return find()
}

test('a companion is linked to the number of its push name', () => {
  expect(companion.jid).toBe(`${phoneForName('Control plane')}:1@s.whatsapp.net`)
})

test('the root key is served as it is', async () => {
  const response = await fetch(`${sandbox.controlUrl}/root-key`)

  expect(Buffer.from(await response.arrayBuffer())).toEqual(sandbox.rootKey)
})

test('a scan names the number and the name', async () => {
  const other = new Companion(sandbox)
  other.connect()

  const { body } = await call('POST', '/sandbox/scan', {
    qr: await other.qr(),
    phone: '4479000002',
    name: 'Bo',
  })

  expect(body).toMatchObject({ jid: '4479000002:1@s.whatsapp.net', lid: expect.stringMatching(/:1@lid$/) })
  expect(sandbox.network.findAccount('4479000002')?.name).toBe('Bo')
  await other.close()
})

test('a scan without a code links companions that use the empty secret, those that wait longest first', async () => {
  const patient = new Companion(sandbox)
  patient.creds.advSecretKey = Buffer.alloc(32).toString('base64')
  patient.connect()
  await patient.qr()

  const { body } = await call('POST', '/sandbox/scan', { phone: '4479000003' })
  await patient.closed()

  expect(patient.jid).toBe(body.jid)
  await patient.close()
})

test('a pairing code is entered', async () => {
  const other = new Companion(sandbox)
  const socket = other.connect()
  await other.qr()
  const code = await socket.requestPairingCode('4479000004')
  await sandbox.server.stanzas.find(({ stanza }) => JSON.stringify(stanza).includes('companion_hello'))

  const { body } = await call('POST', '/sandbox/pair-code', { phone: '4479000004', code })

  expect(body.jid).toBe('4479000004:1@s.whatsapp.net')
  await other.close()
})

test('a contact sends, and what it receives can be read', async () => {
  const { body } = await call('POST', `/sandbox/contacts/${CONTACT}/send`, { to: companion.jid, text: 'hi' })
  const received = await companion.message('hi')
  await companion.socket.sendMessage(`${CONTACT}@s.whatsapp.net`, { text: 'hello' }, { quoted: received })

  const message = await atContact('hello')
  expect(received.key.id).toBe(body.id)
  expect(message).toMatchObject({
    fromMe: false,
    retries: 0,
    message: { extendedTextMessage: { contextInfo: { stanzaId: body.id } } },
  })
})

test('a contact that is told to answer does', async () => {
  const phone = '4915550000002'
  await call('POST', '/sandbox/contacts', { phone, name: 'Echo', autoReply: true })

  await companion.socket.sendMessage(`${phone}@s.whatsapp.net`, { text: 'anybody?' })

  expect((await companion.message('You said: anybody?')).key.remoteJid).toBe(`${phone}@s.whatsapp.net`)
})

test.each([
  ['image', true, 'imageMessage'],
  ['image', { caption: 'look', viewOnce: true }, 'viewOnceMessageV2'],
  ['audio', { ptt: true }, 'audioMessage'],
  ['video', { gif: true }, 'videoMessage'],
  ['document', { data: 'data:text/plain;base64,aGVsbG8=', fileName: 'a.txt' }, 'documentMessage'],
  ['document', { caption: 'read this' }, 'documentWithCaptionMessage'],
  ['sticker', true, 'stickerMessage'],
  ['location', { latitude: 52.5, longitude: 13.4, name: 'Berlin' }, 'locationMessage'],
  ['contact', { name: 'Cem', phone: '4915550000009' }, 'contactMessage'],
  ['poll', { name: 'Lunch?', options: ['yes', 'no'] }, 'pollCreationMessageV3'],
  ['message', { liveLocationMessage: { degreesLatitude: 1, degreesLongitude: 2 } }, 'liveLocationMessage'],
])('a contact sends a %s (%j)', async (kind, content, member) => {
  const path = `/sandbox/contacts/${CONTACT}/send`

  const { status, body } = await call('POST', path, { to: companion.jid, [kind]: content })

  expect(status).toBe(200)
  const message = await companion.event(kind, (events) =>
    events['messages.upsert']?.messages.find(({ key }) => key.id === body.id),
  )
  expect(Object.keys(message.message ?? {})).toContain(member)
})

test('a contact reacts to, edits and takes back messages', async () => {
  const path = `/sandbox/contacts/${CONTACT}/send`
  const first = await call('POST', path, { to: companion.jid, text: 'draft' })
  const asked = await companion.socket.sendMessage(`${CONTACT}@s.whatsapp.net`, { text: 'nice?' })
  await atContact('nice?')

  await call('POST', path, { to: companion.jid, reaction: { id: asked?.key.id, emoji: '👍' } })
  await call('POST', path, { to: companion.jid, edit: { id: first.body.id, text: 'final' } })
  await call('POST', path, { to: companion.jid, revoke: first.body.id })

  const reaction = await companion.event('reaction', (events) => events['messages.reaction']?.[0])
  const revoked = await companion.event('revoke', (events) =>
    events['messages.update']?.find(({ key, update }) => key.id === first.body.id && update.message === null),
  )
  expect(reaction).toMatchObject({ key: { id: asked?.key.id }, reaction: { text: '👍' } })
  expect(revoked.key.remoteJid).toBe(`${CONTACT}@s.whatsapp.net`)
})

test('receipts, presence and typing of a contact reach the companion', async () => {
  const sent = await companion.socket.sendMessage(`${CONTACT}@s.whatsapp.net`, { text: 'seen?' })
  const { id } = await atContact('seen?')
  await companion.socket.presenceSubscribe(`${CONTACT}@s.whatsapp.net`)
  await companion.event('presence', (events) => events['presence.update'])

  await call('POST', `/sandbox/contacts/${CONTACT}/receipt`, { ids: [id], type: 'read' })
  await call('POST', `/sandbox/contacts/${CONTACT}/presence`, { type: 'available' })
  await call('POST', `/sandbox/contacts/${CONTACT}/typing`, { to: companion.jid, state: 'recording' })

  await companion.event('read receipt', (events) =>
    events['messages.update']?.find(({ key, update }) => key.id === sent?.key.id && update.status === 4),
  )
  await companion.event('recording', (events) =>
    JSON.stringify(events['presence.update'] ?? '').includes('recording') ? true : undefined,
  )
})

test('a contact calls and hangs up', async () => {
  const path = `/sandbox/contacts/${CONTACT}/call`
  const { body } = await call('POST', path, { to: companion.jid, video: true })
  const ringing = await companion.event('the call', (events) => events.call?.[0])
  await call('POST', path, { to: companion.jid, kind: 'terminate', callId: body.callId, reason: 'timeout' })
  const ended = await companion.event('its end', (events) =>
    events.call?.find(({ status }) => status === 'timeout'),
  )

  expect(ringing).toMatchObject({ id: body.callId, status: 'offer', isVideo: true })
  expect(ended.id).toBe(body.callId)
})

test('a group is made, and both sides write to it', async () => {
  const participants = [CONTACT, companion.jid]
  const { body } = await call('POST', '/sandbox/groups', { subject: 'Trip', participants })
  await companion.event('the group', (events) => events['groups.upsert']?.find(({ id }) => id === body.jid))

  await call('POST', `/sandbox/contacts/${CONTACT}/send`, { group: body.jid, text: 'who comes?' })
  await companion.message('who comes?')
  await companion.socket.sendMessage(body.jid, { text: 'me' })

  expect(await atContact('me')).toMatchObject({ chat: body.jid })
})

test('a fault is injected and cleared', async () => {
  await call('POST', '/sandbox/faults', { kind: 'refuse-message', code: 463, jid: CONTACT })
  const refused = await call('POST', `/sandbox/contacts/${CONTACT}/send`, { to: companion.jid, text: 'no' })
  await call('DELETE', '/sandbox/faults')
  const accepted = await call('POST', `/sandbox/contacts/${CONTACT}/send`, { to: companion.jid, text: 'yes' })

  expect(refused).toEqual({ status: 400, body: { error: 'the message was refused with error 463' } })
  expect(accepted.status).toBe(200)
})

test('whoever could not decrypt a message and asked for it again is listed', async () => {
  const before = await call('GET', '/sandbox/retry-requests')
  await call('POST', '/sandbox/faults', { kind: 'corrupt-message', jid: companion.jid, times: 1 })
  const sent = await call('POST', `/sandbox/contacts/${CONTACT}/send`, { to: companion.jid, text: 'again' })
  await companion.message('again')
  await call('POST', '/sandbox/faults', { kind: 'corrupt-message', jid: CONTACT, times: 1 })
  await companion.socket.sendMessage(`${CONTACT}@s.whatsapp.net`, { text: 'pardon?' })
  const pardon = await atContact('pardon?')
  const { body } = await call('GET', '/sandbox/retry-requests')

  expect(before.body).toEqual({ total: 0, latest: [] })
  expect(body).toEqual({
    total: 2,
    latest: [
      expect.objectContaining({ by: companion.jid, byCompanion: true, id: sent.body.id, count: 1 }),
      expect.objectContaining({ byCompanion: false, author: companion.jid, id: pardon.id, count: 1 }),
    ],
  })
})

test('the state shows accounts, their devices and groups', async () => {
  const { body } = await call('GET', '/sandbox/state')

  const account = body.accounts.find(({ name }: { name: string }) => name === 'Control plane')
  expect(account.devices).toEqual([expect.objectContaining({ jid: companion.jid, connected: true })])
  expect(body.groups).toEqual([expect.objectContaining({ subject: 'Trip' })])
})

test.each([
  ['GET', '/sandbox/nothing', undefined, 404, 'the sandbox has no /sandbox/nothing'],
  ['GET', '/sandbox/scan', undefined, 405, '/sandbox/scan does not take GET'],
  ['POST', '/sandbox/contacts', '{', 400, 'the body is not JSON'],
  ['POST', '/sandbox/contacts', { phone: CONTACT }, 400, 'name: '],
  ['POST', '/sandbox/contacts', { phone: '12', name: 'X' }, 400, '12 is not a phone number'],
  ['GET', '/sandbox/contacts/4900/messages', undefined, 404, 'there is no contact 4900'],
  ['POST', `/sandbox/contacts/${CONTACT}/send`, { to: '4900', text: 'x' }, 400, 'nobody has the number 4900'],
  ['POST', `/sandbox/contacts/${CONTACT}/send`, { to: CONTACT }, 400, 'name exactly one of'],
  ['POST', `/sandbox/contacts/${CONTACT}/send`, { text: 'x' }, 400, 'say where to'],
  ['POST', `/sandbox/contacts/${CONTACT}/receipt`, { ids: ['x'] }, 400, 'has received no message x'],
  ['POST', '/sandbox/scan', { qr: 'nonsense' }, 400, 'QR code'],
  ['POST', '/sandbox/unlink', { jid: CONTACT }, 404, 'has no linked device'],
  ['POST', '/sandbox/faults', { kind: 'rain' }, 400, 'kind: '],
  ['POST', '/sandbox/faults', { kind: 'delay', ms: 1e12 }, 400, 'ms: '],
])('%s %s %j is answered with %i', async (method, path, body, status, error) => {
  const answer = await call(method, path, body)

  expect(answer).toEqual({ status, body: { error: expect.stringContaining(error) } })
})

test('a connection is ended with a code, or cut', async () => {
  await call('POST', '/sandbox/disconnect', { jid: companion.jid, code: 515 })
  expect(await companion.closed()).toBe(515)
  companion.connect()
  await companion.open()

  await call('POST', '/sandbox/disconnect', { jid: companion.jid, drop: true })
  expect(await companion.closed()).toBe(428)
  companion.connect()
  await companion.open()
})

test('an unlinked companion is logged out', async () => {
  const { body } = await call('POST', '/sandbox/unlink', { jid: companion.jid })

  expect(body.unlinked).toEqual([companion.jid])
  expect(await companion.closed()).toBe(401)
})
