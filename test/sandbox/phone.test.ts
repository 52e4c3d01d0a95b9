import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Sandbox, startSandbox } from '../../src/sandbox/index.ts'
import type { Peer } from '../../src/sandbox/peer/peer.ts'
import { phoneForName } from '../../src/sandbox/world/phone-number.ts'
import { WA_CERT_DETAILS } from '../../src/whatsapp/library/engine.ts'
import { type Companion, link } from './companion.ts'

let sandbox: Sandbox
let companion: Companion
let owner: Peer
let friend: Peer

beforeAll(async () => {
  sandbox = await startSandbox()
  WA_CERT_DETAILS.PUBLIC_KEY = sandbox.rootKey
  const phones = ['Owner', 'Friend'].map((name, index) => {
    const account = sandbox.network.createAccount({ phone: `447900001${index}`, name })
    return account.devices.get(0) as Peer // every phone of this sandbox is one
  })
  ;[owner, friend] = phones as [Peer, Peer] // one for each name
  await friend.send(owner.account.phone, { text: 'before the link' })
  await owner.idle()
  companion = await link(sandbox, { phone: owner.account.phone, name: 'Owner' })
})

afterAll(async () => {
  await companion.close()
  await sandbox.stop()
})

test('a new companion learns the past from its phone', async () => {
  const { messages } = await companion.event('history', (events) => {
    const history = events['messaging-history.set']
    return history?.messages.length ? history : undefined
  })

  expect(messages).toHaveLength(1)
  expect(messages[0]).toMatchObject({
    key: { remoteJid: friend.account.lidJid(), fromMe: false },
    message: { conversation: 'before the link' },
    pushName: 'Friend',
  })
})

test('a new companion can change chats, because its phone shares the key for that', async () => {
  await companion.event('history', (events) => events['messaging-history.set'])
  await expect.poll(() => companion.creds.myAppStateKeyId).toBeTruthy()

  await companion.socket.chatModify({ pin: true }, '4479000011@s.whatsapp.net')

  const pinned = await companion.event('the pin', (events) =>
    events['chats.update']?.find(({ pinned }) => pinned),
  )
  expect(pinned.id).toBe('4479000011@s.whatsapp.net')
})

test('a companion asks its phone for older messages', async () => {
  await friend.send(owner.account.phone, { text: 'after the link' })
  const { key } = await companion.message('after the link')

  const newer = { ...key, id: 'newer' }
  const requestId = await companion.socket.fetchMessageHistory(10, newer, Date.now() + 60_000)

  const { messages } = await companion.event('older messages', (events) => {
    const history = events['messaging-history.set']
    return history?.peerDataRequestSessionId === requestId ? history : undefined
  })
  expect(messages.map(({ message }) => message?.conversation)).toContain('after the link')
})

test('a companion asks its phone for a message it could not read', async () => {
  const past = await companion.event('history', (events) => events['messaging-history.set']?.messages[0])

  await companion.socket.requestPlaceholderResend(past.key)

  expect((await companion.message('before the link')).key.id).toBe(past.key.id)
})

test('the number that belongs to a name is always the same', () => {
  expect(phoneForName('demo')).toBe(phoneForName('demo'))
  expect(phoneForName('demo')).toMatch(/^55119\d{8}$/)
  expect(phoneForName('demo')).not.toBe(phoneForName('Demo'))
})
