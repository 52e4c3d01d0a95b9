import { afterAll, beforeAll, expect, test } from 'vitest'
import { child, children, node } from '../../../src/sandbox/world/node.ts'
import type { BinaryNode } from '../../../src/whatsapp/library/engine.ts'
import { askGroups } from '../companion.ts'
import { startTalk, type Talk } from '../content/talk.ts'

let talk: Talk

beforeAll(async () => {
  talk = await startTalk('447900062')
  const { sandbox, contact } = talk
  const response = await fetch(`${sandbox.controlUrl}/sandbox/contacts`, {
    method: 'POST',
    body: JSON.stringify({ phone: contact.phone, name: 'Ann', hidden: true }),
  })
  expect(await response.json()).toMatchObject({ jid: contact.lidJid(), lid: contact.lidJid() })
})
afterAll(() => talk.close())

const number = () => new RegExp(talk.contact.phone)

test('its messages name it by LID alone, and answers reach it', async () => {
  const { id } = await talk.say({ text: 'who am I?' })
  const group = talk.sandbox.network.createGroup({
    subject: 'Friends',
    creator: talk.contact,
    members: [talk.owner],
  })
  const inGroup = await talk.say({ group: group.jid, text: 'and here?' })

  const direct = await talk.stanzaOf(id)
  const shared = await talk.stanzaOf(inGroup.id)
  expect(direct.attrs).toMatchObject({ from: talk.contact.lidJid() })
  expect(JSON.stringify([direct, shared])).not.toMatch(number())
  expect(shared.attrs).toMatchObject({ participant: talk.contact.lidJid(), addressing_mode: 'lid' })

  const answer = await talk.companion.socket.sendMessage(talk.contact.lidJid(), { text: 'Ann' })
  expect((await talk.seen(answer?.key.id ?? '')).message).toMatchObject({
    extendedTextMessage: { text: 'Ann' },
  })
})

test('the groups it is in do not tell its number', async () => {
  const { network } = talk.sandbox
  const group = network.createGroup({ subject: 'Club', creator: talk.contact, members: [talk.owner] })

  const reply = await askGroups(talk.companion, 'get', group.jid, node('query', { request: 'interactive' }))

  const members = children(child(reply, 'group')).filter(({ tag }) => tag === 'participant')
  expect(members.map(({ attrs }) => attrs.phone_number)).toEqual([undefined, talk.owner.jid()])
  expect(JSON.stringify(reply)).not.toMatch(number())
})

test('nobody finds it by its number', async () => {
  const [found] = (await talk.companion.socket.onWhatsApp(talk.contact.phone)) ?? []

  expect(found?.exists ?? false).toBe(false)
})

test('an account with companions cannot hide its number', async () => {
  const response = await fetch(`${talk.sandbox.controlUrl}/sandbox/contacts`, {
    method: 'POST',
    body: JSON.stringify({ phone: talk.owner.phone, name: 'Owner', hidden: true }),
  })

  expect(response.status).toBe(400)
})

test('a block list names people by LID alone, whether it is asked for or has changed', async () => {
  const { companion, owner, sandbox } = talk
  const ben = sandbox.network.createAccount({ phone: '4479000629', name: 'Ben' })
  const item = { action: 'block', jid: ben.lidJid(), pn_jid: ben.jid() }
  const ask = (type: 'get' | 'set', content?: BinaryNode[]) =>
    companion.socket.query(node('iq', { to: '@s.whatsapp.net', type, xmlns: 'blocklist' }, content))

  await ask('set', [node('item', item)])
  const reply = await ask('get')
  const { stanza } = await sandbox.server.stanzas.find(
    ({ device, stanza }) => device === companion.jid && child(stanza, 'blocklist') !== undefined,
  )

  expect([...owner.blocklist]).toEqual([ben])
  expect(children(child(reply, 'list')).map(({ attrs }) => attrs)).toEqual([{ jid: ben.lidJid() }])
  expect(children(child(stanza, 'blocklist')).map(({ attrs }) => attrs)).toEqual([
    { jid: ben.lidJid(), action: 'block' },
  ])
})
