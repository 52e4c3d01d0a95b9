import { expect, test } from 'vitest'
import { Peer } from '../../src/sandbox/peer/peer.ts'
import type { Account } from '../../src/sandbox/world/account.ts'
import { Network } from '../../src/sandbox/world/network.ts'

/** A network of contacts only: what they say to each other never leaves the process. */
function contacts(...names: string[]) {
  const network: Network = new Network({ makePhone: (account: Account) => new Peer(network, account) })
  const peers = names.map((name, index) => {
    const account = network.createAccount({ phone: `4915550000${index}`, name })
    return account.devices.get(0) as Peer // made by the factory above
  })
  const settle = async () => {
    for (let round = 0; round < 4; round++) for (const peer of peers) await peer.idle()
  }
  return { network, peers, settle }
}

test('contacts write to each other in both directions', async () => {
  const { peers, settle } = contacts('Ann', 'Ben')
  const [ann, ben] = peers as [Peer, Peer]

  const sent = await ann.send(ben.account.phone, { text: 'hello' })
  await settle()
  await ben.send(ann.account.jid(), { text: 'hi' })
  await settle()
  await ann.send(ben.account.lidJid(), { text: 'again' })
  await settle()

  expect(ben.messages.map(({ text }) => text)).toEqual(['hello', 'again'])
  expect(ben.messages[0]).toMatchObject({
    id: sent.id,
    from: ann.account.jid(),
    pushName: 'Ann',
    fromMe: false,
  })
  expect(ann.messages.map(({ text }) => text)).toEqual(['hi'])
  expect(ann.observations).toContainEqual(expect.objectContaining({ tag: 'receipt' }))
})

test('a contact that cannot decrypt a message asks for it again', async () => {
  const { network, peers, settle } = contacts('Ann', 'Ben')
  const [ann, ben] = peers as [Peer, Peer]
  network.faults.inject({ kind: 'corrupt-message' }, { account: ben.account, times: 1 })

  await ann.send(ben.account.phone, { text: 'first' })
  await settle()
  await ann.send(ben.account.phone, { text: 'second' })
  await settle()

  expect(ben.messages.map(({ text, retries }) => ({ text, retries }))).toEqual([
    { text: 'first', retries: 1 },
    { text: 'second', retries: 0 },
  ])
})

test('a group message reaches every member, also the one who could not read it at first', async () => {
  const { network, peers, settle } = contacts('Ann', 'Ben', 'Cem')
  const [ann, ben, cem] = peers as [Peer, Peer, Peer]
  const group = network.createGroup({
    subject: 'Trip',
    creator: ann.account,
    members: [ben.account, cem.account],
  })
  network.faults.inject({ kind: 'corrupt-message' }, { account: cem.account, times: 1 })

  await ann.send(group.jid, { text: 'when?' })
  await settle()
  await ben.send(group.jid, { text: 'now' })
  await settle()
  await ann.send(group.jid, { text: 'good' })
  await settle()

  expect(ben.messages.map(({ text }) => text)).toEqual(['when?', 'good'])
  expect(cem.messages.map(({ text }) => text)).toEqual(['when?', 'now', 'good'])
  expect(cem.messages[0]).toMatchObject({ chat: group.jid, from: ann.account.jid(), retries: 1 })
})

test('a contact that answers by itself repeats the text in its template', async () => {
  const { peers, settle } = contacts('Ann', 'Ben')
  const [ann, ben] = peers as [Peer, Peer]
  ben.autoReply = '{name} said: {text}'

  await ann.send(ben.account.phone, { text: 'ping' })
  await settle()

  expect(ann.messages.map(({ text }) => text)).toEqual(['Ann said: ping'])
})

test('two contacts that answer by themselves do not talk for ever', async () => {
  const { peers, settle } = contacts('Ann', 'Ben')
  const [ann, ben] = peers as [Peer, Peer]
  ann.autoReply = 'A: {text}'
  ben.autoReply = 'B: {text}'

  await ann.send(ben.account.phone, { text: 'ping' })
  await settle()

  expect(ann.messages).toEqual([])
})

test('messages of several people under one id are several messages', async () => {
  const { peers, settle } = contacts('Ann', 'Ben', 'Cid')
  const [ann, ben, cid] = peers as [Peer, Peer, Peer]

  await ann.send(cid.account.phone, { text: 'from Ann' }, { id: 'SAME' })
  await ben.send(cid.account.phone, { text: 'from Ben' }, { id: 'SAME' })
  await ben.send(cid.account.phone, { text: 'from Ben again' }, { id: 'SAME' })
  await settle()

  expect(cid.messages.map(({ text }) => text)).toEqual(['from Ann', 'from Ben'])
})

test('edits, reactions and revokes name the message they are about', async () => {
  const { peers, settle } = contacts('Ann', 'Ben')
  const [ann, ben] = peers as [Peer, Peer]
  const { id } = await ann.send(ben.account.phone, { text: 'helo' })
  await settle()

  await ann.send(ben.account.phone, { edit: { id, text: 'hello' } })
  await ben.send(ann.account.phone, { reaction: { id, emoji: '👍' } })
  await ann.send(ben.account.phone, { revoke: id })
  await settle()

  const [, edit, revoke] = ben.messages
  expect(edit?.message.editedMessage?.message?.protocolMessage).toMatchObject({ key: { id, fromMe: true } })
  expect(edit?.stanza.edit).toBe('1')
  expect(revoke?.stanza.edit).toBe('7')
  expect(ann.messages[0]?.message.reactionMessage).toMatchObject({ text: '👍', key: { id, fromMe: false } })
})

test.each(['image', 'video', 'audio', 'document', 'sticker'] as const)(
  'a sample %s arrives as it was sent',
  async (kind) => {
    const { peers, settle } = contacts('Ann', 'Ben')
    const [ann, ben] = peers as [Peer, Peer]

    const { id, message } = await ann.send(ben.account.phone, { [kind]: {} })
    await settle()

    const file = await ben.download(id)
    const expected = message[`${kind}Message`]
    expect(file.length).toBe(Number(expected?.fileLength))
    expect(ben.messages[0]?.stanza.type).toBe('media')
  },
)

test('a message to a number nobody has is an error', async () => {
  const { peers } = contacts('Ann')
  const [ann] = peers as [Peer]

  await expect(ann.send('4900000', { text: 'anybody?' })).rejects.toThrow('nobody has the number')
})

test('a message that the service refuses is an error', async () => {
  const { network, peers } = contacts('Ann', 'Ben')
  const [ann, ben] = peers as [Peer, Peer]
  network.faults.inject({ kind: 'refuse-message', code: 463 }, { account: ann.account, times: 1 })

  await expect(ann.send(ben.account.phone, { text: 'spam' })).rejects.toThrow('refused with error 463')
})
