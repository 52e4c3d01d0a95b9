import { createHash } from 'node:crypto'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { type Sandbox, startSandbox } from '../../src/sandbox/index.ts'
import type { Peer } from '../../src/sandbox/peer/peer.ts'
import { clientOptions } from '../../src/sandbox/server/client-options.ts'
import { downloadMediaMessage, WA_CERT_DETAILS, type WASocket } from '../../src/whatsapp/library/engine.ts'
import { type Companion, link } from './companion.ts'

let sandbox: Sandbox
let client: Companion
let socket: WASocket
let phone: Peer
let contact: Peer
let lastContact = 0

function newContact(name: string): Peer {
  lastContact += 1
  const account = sandbox.network.createAccount({ phone: `49155512340${lastContact}`, name })
  return account.devices.get(0) as Peer // every phone of this sandbox is one
}

beforeAll(async () => {
  sandbox = await startSandbox()
  WA_CERT_DETAILS.PUBLIC_KEY = sandbox.rootKey
  client = await link(sandbox, { phone: '4479000001', name: 'Owner' })
  socket = client.socket
  phone = sandbox.network.findDevice('4479000001') as Peer // as above
})

beforeEach(() => {
  contact = newContact('Ann')
})

afterAll(async () => {
  await client.close()
  await sandbox.stop()
})

/** The next message of a contact, whose inbox may still be busy. */
async function received(peer: Peer, matches: (text: string | undefined) => boolean) {
  await expect.poll(() => peer.messages.some(({ text }) => matches(text))).toBe(true)
  return peer.messages.findLast(({ text }) => matches(text))
}

describe('a contact and a real client', () => {
  test('write to each other', async () => {
    const sent = await socket.sendMessage(contact.account.jid(), { text: 'hello' })
    const atContact = await received(contact, (text) => text === 'hello')
    await contact.send(phone.account.phone, { text: 'hi' })
    const atClient = await client.message('hi')

    expect(atContact).toMatchObject({ id: sent?.key.id, from: phone.account.jid(), retries: 0 })
    expect(atClient.key).toMatchObject({
      remoteJid: contact.account.lidJid(),
      remoteJidAlt: contact.account.jid(),
      fromMe: false,
    })
    expect(atClient.pushName).toBe('Ann')
  })

  test('write to each other by number where the contact has not moved to LIDs', async () => {
    contact.account.addressing = 's.whatsapp.net'

    await contact.send(phone.account.phone, { text: 'by number' })

    expect((await client.message('by number')).key.remoteJid).toBe(contact.account.jid())
  })

  test('write to each other by LID', async () => {
    await contact.send(phone.account.lidJid(), { text: 'by lid' })
    const atClient = await client.message('by lid')
    await socket.sendMessage(contact.account.lidJid(), { text: 'by lid as well' })
    const atContact = await received(contact, (text) => text === 'by lid as well')

    expect(atClient.key.remoteJid).toBe(contact.account.lidJid())
    expect(atContact?.chat).toBe(phone.account.lidJid())
  })

  test('keep one session while they change between number and LID', async () => {
    await socket.sendMessage(contact.account.jid(), { text: '1' })
    await received(contact, (text) => text === '1')
    for (const [index, to] of [
      phone.account.lidJid(),
      phone.account.jid(),
      phone.account.lidJid(),
    ].entries()) {
      await contact.send(to, { text: `to ${index}` })
      await client.message(`to ${index}`)
    }
    await socket.sendMessage(contact.account.lidJid(), { text: '2' })

    expect(await received(contact, (text) => text === '2')).toMatchObject({ retries: 0 })
  })

  test('the contact answers by itself', async () => {
    contact.autoReply = 'You said: {text}'

    await socket.sendMessage(contact.account.jid(), { text: 'ping' })

    expect((await client.message('You said: ping')).key.remoteJid).toBe(contact.account.jid())
  })

  test('the own phone sees what its companion sent, and the companion what the phone sent', async () => {
    await socket.sendMessage(contact.account.jid(), { text: 'from the companion' })
    const copy = await received(phone, (text) => text === 'from the companion')
    await phone.send(contact.account.phone, { text: 'from the phone' })
    const atClient = await client.message('from the phone')

    expect(copy).toMatchObject({ fromMe: true, chat: contact.account.jid() })
    expect(atClient.key).toMatchObject({ fromMe: true, remoteJid: contact.account.lidJid() })
    expect((await received(contact, (text) => text === 'from the phone'))?.from).toBe(phone.account.jid())
  })

  test('the client recovers a message that was damaged on the way to it', async () => {
    const fault = sandbox.network.faults.inject(
      { kind: 'corrupt-message' },
      { account: phone.account, times: 1 },
    )

    await contact.send(phone.account.phone, { text: 'damaged once' })
    await client.message('damaged once')

    expect(fault.hits).toBe(1)
    expect(contact.observations).toContainEqual(
      expect.objectContaining({ tag: 'receipt', attrs: expect.objectContaining({ type: 'retry' }) }),
    )
  })

  test('the contact recovers a message that was damaged on the way to it', async () => {
    sandbox.network.faults.inject({ kind: 'corrupt-message' }, { account: contact.account, times: 1 })

    await socket.sendMessage(contact.account.jid(), { text: 'damaged for the contact' })

    const message = await received(contact, (text) => text === 'damaged for the contact')
    expect(message?.retries).toBe(1)
  })

  test('delivery, reading and playing are told to the client', async () => {
    const statuses: unknown[] = []
    socket.ev.on('messages.update', (updates) => statuses.push(...updates.map(({ update }) => update.status)))
    const sent = await socket.sendMessage(contact.account.jid(), { text: 'read me' })
    const message = await received(contact, (text) => text === 'read me')

    contact.sendReceipt([message?.id ?? ''], 'read')
    await expect.poll(() => statuses).toContain(4)
    contact.sendReceipt([message?.id ?? ''], 'played')
    await expect.poll(() => statuses).toContain(5)

    expect(message?.id).toBe(sent?.key.id)
  })

  test('the contact is told when the client reads', async () => {
    const { id } = await contact.send(phone.account.phone, { text: 'unread' })
    const message = await client.message('unread')

    await socket.readMessages([message.key])

    await expect
      .poll(() => contact.observations)
      .toContainEqual(
        expect.objectContaining({ tag: 'receipt', attrs: expect.objectContaining({ id, type: 'read' }) }),
      )
  })

  test('coming, going and typing are shown in both directions', async () => {
    const seen: string[] = []
    socket.ev.on('presence.update', ({ presences }) => {
      for (const { lastKnownPresence } of Object.values(presences)) seen.push(lastKnownPresence)
    })
    await socket.presenceSubscribe(contact.account.jid())
    // The answer to the subscription is the state at that time.
    await expect.poll(() => seen).toEqual(['unavailable'])
    contact.sendPresence('available')
    contact.sendTyping(phone.account.phone, 'composing')
    contact.sendTyping(phone.account.phone, 'recording')
    contact.sendTyping(phone.account.phone, 'paused')
    contact.sendPresence('unavailable')
    await socket.sendPresenceUpdate('composing', contact.account.jid())

    // 'paused' reads as available.
    const changes = ['available', 'composing', 'recording', 'available', 'unavailable']
    await expect.poll(() => seen.slice(1)).toEqual(changes)
    await expect
      .poll(() => contact.observations)
      .toContainEqual(expect.objectContaining({ tag: 'chatstate', children: ['composing'] }))
  })

  test('both write to a group', async () => {
    const other = newContact('Ben')
    const group = await socket.groupCreate('Trip', [contact.account.jid(), other.account.jid()])

    await socket.sendMessage(group.id, { text: 'to all' })
    await received(contact, (text) => text === 'to all')
    await contact.send(group.id, { text: 'from Ann' })
    const fromContact = await client.message('from Ann')
    await phone.send(group.id, { text: 'from the own phone' })
    const fromPhone = await client.message('from the own phone')
    await received(other, (text) => text === 'from Ann')

    expect(fromContact.key).toMatchObject({ remoteJid: group.id, fromMe: false })
    expect(fromPhone.key).toMatchObject({ remoteJid: group.id, fromMe: true })
  })

  test.each(['contact', 'client'])('a group message damaged for the %s arrives in the end', async (who) => {
    const group = await socket.groupCreate('Trouble', [contact.account.jid()])
    const account = who === 'contact' ? contact.account : phone.account
    sandbox.network.faults.inject({ kind: 'corrupt-message' }, { account, times: 1 })

    if (who === 'contact') {
      await socket.sendMessage(group.id, { text: `for the ${who}` })
      expect(await received(contact, (text) => text === `for the ${who}`)).toMatchObject({ retries: 1 })
    } else {
      await contact.send(group.id, { text: `for the ${who}` })
      expect((await client.message(`for the ${who}`)).key.remoteJid).toBe(group.id)
    }
  })

  test.each(['image', 'video', 'audio', 'document', 'sticker'] as const)(
    'the client downloads the %s a contact sent, bit by bit',
    async (kind) => {
      const { id, message } = await contact.send(phone.account.phone, { [kind]: {} })
      const received = await client.event('the file', (events) =>
        events['messages.upsert']?.messages.find(({ key }) => key.id === id),
      )

      const file = await downloadMediaMessage(received, 'buffer', {
        options: clientOptions(sandbox.url).options,
      })

      const expected = message[`${kind}Message`]?.fileSha256
      expect(createHash('sha256').update(file).digest()).toEqual(Buffer.from(expected ?? []))
    },
  )

  test('the contact opens a file the client sent', async () => {
    const bytes = Buffer.from('not really a document')

    const sent = await socket.sendMessage(contact.account.jid(), {
      document: bytes,
      mimetype: 'text/plain',
      fileName: 'note.txt',
    })
    const id = sent?.key.id ?? ''
    await expect.poll(() => contact.messages.some((message) => message.id === id)).toBe(true)

    expect(await contact.download(id)).toEqual(bytes)
  })
})
