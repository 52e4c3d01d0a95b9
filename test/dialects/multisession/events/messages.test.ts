import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { revokeMessage } from '../../../../src/operations/messages/message-changes.ts'
import { postTextStatus } from '../../../../src/operations/messages/post-status.ts'
import { sendPoll, sendText } from '../../../../src/operations/messages/send.ts'
import { keepContacts } from '../../../../src/store/contacts.ts'
import type { BinaryNode } from '../../../../src/whatsapp/library/engine.ts'
import { optionHash, sealedVote } from '../../../whatsapp/inbound/poll-ballot.ts'
import { type Device, DeviceBench } from '../device-bench.ts'
import { allRecorded, recorded } from './recorded.ts'

const PHONE = '15550001001'
const CAROL = '15550003003'
const BERT = '4915550002002'
const SHOP = '15550006006'
let receipts = 0
const now = () => String(Math.floor(Date.now() / 1000))

let bench: DeviceBench
let device: Device
beforeAll(async () => {
  bench = await DeviceBench.start()
  device = await bench.device()
  await bench.webhook(device, 'a')
  device = await bench.link(device, PHONE)
  // The recorded phones had not moved to LIDs.
  for (const [phone, name] of [
    [PHONE, 'Ada'],
    [CAROL, 'Carol'],
    [SHOP, 'Shop'],
  ] as const)
    await bench.app.contact(phone, { name, addressing: 'pn' })
})
afterAll(() => bench.stop())

/** What a contact sends to the device; gives its id. */
async function sent(content: object, from = CAROL): Promise<string> {
  return (await bench.app.sandbox('POST', `/contacts/${from}/send`, { to: PHONE, ...content })).id
}

/** Everything told of a message, in its order. */
async function toldOf(id: string, count: number): Promise<[string, object][]> {
  const found = () =>
    bench
      .told('a')
      .filter(({ data, event_type: type }) => data.message_id === id && type !== 'message.delivered')
  await bench.app.waitFor(`${count} events of ${id}`, () => found().length >= count)
  return found().map(({ event_type: type, data }) => [type, data])
}

describe('messages', () => {
  test.each<[string, object, string[]]>([
    ['text message of a contact', { text: 'Hi' }, ['message.received']],
    ['image of a contact', { image: true }, ['message.received', 'media.received']],
    ['video of a contact', { video: true }, ['message.received', 'media.received']],
    ['audio of a contact', { audio: true }, ['message.received', 'media.received']],
    ['document of a contact', { document: true }, ['message.received', 'media.received']],
    ['sticker of a contact', { sticker: true }, ['message.received', 'media.received']],
    ['view-once image of a contact', { image: { viewOnce: true } }, ['message.received', 'media.received']],
    ['location of a contact', { location: { latitude: 1, longitude: 2 } }, ['message.received']],
    [
      'poll of a contact, first version of the message',
      {
        message: {
          pollCreationMessage: {
            name: 'Tea?',
            options: [{ optionName: 'Yes' }, { optionName: 'No' }],
            selectableOptionsCount: 1,
          },
        },
      },
      ['message.received', 'poll.created'],
    ],
    [
      'rich answer of an AI bot',
      {
        message: {
          richResponseMessage: {
            messageType: 1,
            submessages: [{ messageType: 2, messageText: 'An answer' }],
          },
        },
      },
      ['message.received', 'message.ai_rich_response'],
    ],
  ])('%s', async (trigger, content, names) => {
    const id = await sent(content)

    expect(await toldOf(id, names.length)).toEqual(
      names.map((name) => [name, recorded(name, trigger, { message_id: id })]),
    )
  })

  test('a text in a chat that WhatsApp names by LID, and whose it is', async () => {
    const id = await sent({ to: '554834685738894@lid', text: 'Hi' })

    expect(await toldOf(id, 1)).toEqual([
      [
        'message.received',
        recorded('message.received', 'text message of a contact, LID', { message_id: id }),
      ],
    ])

    await bench.app.contact('15550004004', { name: 'Dave', addressing: 'pn' })
    await sent({ to: '554834685738894@lid', text: 'Hi' }, '15550004004')
    const { data } = await bench.event('a', 'pushname.update', { new: 'Dave' })
    expect(data).toEqual(
      recorded('pushname.update', 'text message of a contact, LID', {
        new: 'Dave',
        target: '617953228469947@lid',
        target_alt: '15550004004@s.whatsapp.net',
      }),
    )
  })

  test('a text in a group', async () => {
    const { jid } = await bench.app.sandbox('POST', '/groups', {
      subject: 'Team',
      creator: CAROL,
      participants: [PHONE],
    })
    const id = await sent({ group: jid, to: undefined, text: 'Hi' })

    expect(await toldOf(id, 1)).toEqual([
      ['message.received', recorded('message.received', 'message in a group', { message_id: id, chat: jid })],
    ])
  })

  test('what the account writes on another of its devices', async () => {
    const twin = await bench.link(await bench.device(), PHONE)
    const { id } = await sendText(bench.session(twin), { to: `${CAROL}@s.whatsapp.net`, text: 'Hi' })

    // The recorded device wrote to the number; this one writes to the LID, as clients do since.
    const said = {
      message_id: id,
      chat: expect.stringMatching(/^\d+@lid$/),
      from: expect.stringMatching(/^\d+:\d+@lid$/),
    }
    expect(await toldOf(id, 1)).toEqual([
      ['message.received', recorded('message.received', 'the account writes from another', said)],
    ])
  })

  test('polls of every version are told', async () => {
    const id = await sent({ poll: { name: 'Tea?', options: ['Yes', 'No'] } })

    expect(await toldOf(id, 2)).toContainEqual([
      'poll.created',
      recorded('poll.created', 'poll of a contact', { message_id: id }),
    ])
  })

  test('an edit and a reaction are messages, and what is taken back is told as that alone', async () => {
    const original = await sent({ text: 'Helo' })
    const edit = await sent({ edit: { id: original, text: 'Hello' } })
    const reaction = await sent({ reaction: { id: original, emoji: '👍' } })
    await sent({ revoke: original })

    const told = (name: string, trigger: string, id: string) => [
      name,
      recorded(name, trigger, { message_id: id }),
    ]
    expect(await toldOf(edit, 1)).toEqual([told('message.received', 'edited', edit)])
    expect(await toldOf(reaction, 1)).toEqual([told('message.received', 'reaction', reaction)])
    expect(await toldOf(original, 2)).toEqual([
      told('message.received', 'text message', original),
      told('message.deleted', 'revoked', original),
    ])
  })

  test('everything of a chat comes in order, each once and with an id of its own', async () => {
    const ids: string[] = []
    for (let count = 0; count < 5; count++) ids.push(await sent({ image: true }))
    for (const id of ids) await toldOf(id, 2)

    const mine = bench.requests('a').filter(({ body }) => ids.some((id) => body.includes(id)))
    const order = bench
      .told('a')
      .filter(({ data }) => ids.includes(String(data.message_id)))
      .map(({ data, event_type: type }) => [type, data.message_id])
    expect(order).toEqual(
      ids.flatMap((id) => ['message.received', 'media.received'].map((type) => [type, id])),
    )
    expect(new Set(mine.map(({ headers }) => headers['webhook-id'])).size).toBe(10)
  })

  test('a vote in a poll of the account, read with its secret', async () => {
    const options = ['Yes', 'No']
    const to = `${CAROL}@s.whatsapp.net`
    const question = { to, question: 'Tea?', options, selectable: 1 }
    const { id: pollId } = await sendPoll(bench.session(device), question)
    const poll = await bench.app.waitFor('the poll', async () =>
      (await bench.app.received(CAROL)).find(({ id }) => id === pollId),
    )
    const secret = Buffer.from(poll.message.messageContextInfo.messageSecret, 'base64')
    const creator = `${PHONE}@s.whatsapp.net`

    const id = await sent({
      message: {
        pollUpdateMessage: {
          pollCreationMessageKey: { id: pollId, remoteJid: creator },
          vote: sealedVote({ pollId, secret, creator, voter: to, options: ['Yes'] }),
        },
      },
    })

    const names = ['message.received', 'poll.vote', 'poll.update', 'poll.vote_decrypted']
    const chosen = { selected_options: [optionHash('Yes')] }
    expect(await toldOf(id, 4)).toEqual(
      names.map((name) => [
        name,
        recorded(name, 'vote of a contact', {
          message_id: id,
          ...(name === 'poll.vote_decrypted' && chosen),
        }),
      ]),
    )
  })

  test('a vote that cannot be read', async () => {
    const id = await sent({
      message: {
        pollUpdateMessage: {
          pollCreationMessageKey: { id: 'UNKNOWN', fromMe: true, remoteJid: `${PHONE}@s.whatsapp.net` },
          vote: { encPayload: 'eA==', encIv: 'eQ==' },
        },
      },
    })

    expect(await toldOf(id, 3)).toEqual(
      ['message.received', 'poll.vote', 'poll.update'].map((name) => [
        name,
        recorded(name, 'vote that cannot be read', { message_id: id }),
      ]),
    )
  })

  test('stories are told as posts, and when they are taken back', async () => {
    const bert = await bench.link(await bench.device(), BERT, 'Bert')
    const session = bench.session(bert)
    const names = { firstName: '', fullName: 'Ada', pushName: '', businessName: '' }
    await keepContacts(bench.app.parley.services.db, bert.userId, [
      { jid: `${PHONE}@s.whatsapp.net`, ...names },
    ])
    const { id } = await postTextStatus(session, { text: 'My day' })
    await toldOf(id, 2)
    await revokeMessage(session, { chat: 'status@broadcast', id })

    const of = (name: string, trigger: string) => [name, recorded(name, trigger, { message_id: id })]
    expect(await toldOf(id, 4)).toEqual([
      of('message.received', 'story of a contact'),
      of('status.posted', 'story of a contact'),
      of('message.deleted', 'story taken back'),
      of('status.deleted', 'story taken back'),
    ])
    const { data } = await bench.event('a', 'pushname.update', { new: 'Bert' })
    expect(data).toEqual(recorded('pushname.update', 'story of a contact'))
  })

  test('new names of people and of businesses come once', async () => {
    await sent({ text: 'Hi' })
    await bench.app.sandbox('POST', `/contacts/${SHOP}/business`, { name: 'Corner Shop' })
    await sent({ text: 'Sale' }, SHOP)

    const target = expect.stringMatching(/@(lid|s\.whatsapp\.net)$/)
    const people = { target, target_alt: target, new: 'Carol', old: '' }
    const { data: name } = await bench.event('a', 'pushname.update', { new: 'Carol' })
    const { data: business } = await bench.event('a', 'business.name_update', { new: 'Corner Shop' })
    await bench.app.sandbox('POST', `/contacts/${SHOP}/business`, { name: 'Corner Shop Ltd' })
    const renamed = await sent({ text: 'More' }, SHOP)
    const { data: newName } = await bench.event('a', 'business.name_update', { new: 'Corner Shop Ltd' })
    const again = 'message of a business with a new name'
    expect(newName).toEqual(recorded('business.name_update', again, { target }))
    expect(await toldOf(renamed, 1)).toContainEqual([
      'message.received',
      recorded('message.received', again, { message_id: renamed }),
    ])
    expect(name).toEqual(recorded('pushname.update', 'new push name', people))
    expect(business).toEqual(recorded('business.name_update', 'message of a business', { target }))
    expect(bench.told('a').filter(({ data }) => data.new === 'Carol').length).toBeLessThanOrEqual(2)
  })

  test('what is withheld from this device', async () => {
    bench.inject(device, {
      tag: 'message',
      attrs: { from: `${CAROL}@s.whatsapp.net`, id: 'UNAVAILABLE0001', type: 'text', t: now() },
      content: [{ tag: 'unavailable', attrs: { type: 'view_once' } }],
    })

    const { data } = await bench.event('a', 'message.undecryptable', { message_id: 'UNAVAILABLE0001' })
    expect(data).toEqual(recorded('message.undecryptable', 'message that is not there'))
  })

  test('what cannot be decrypted', async () => {
    await bench.app.sandbox('POST', '/faults', { kind: 'corrupt-message', times: 1 })
    const id = await sent({ text: 'Garbled' })

    const { data } = await bench.event('a', 'message.undecryptable', { message_id: id })
    expect(data).toEqual(recorded('message.undecryptable', 'message that cannot', { message_id: id }))
  })

  test('a lost file that the phone uploaded anew, or could not', async () => {
    const answer = (id: string, content: BinaryNode): BinaryNode => ({
      tag: 'notification',
      attrs: { type: 'mediaretry', from: `${PHONE}@s.whatsapp.net`, id, t: now() },
      content: [{ tag: 'rmr', attrs: { jid: `${CAROL}@s.whatsapp.net`, from_me: 'false' } }, content],
    })
    bench.inject(
      device,
      answer('MEDIA0000', {
        tag: 'encrypt',
        attrs: {},
        content: [
          { tag: 'enc_p', attrs: {}, content: Buffer.from('c') },
          { tag: 'enc_iv', attrs: {}, content: Buffer.from('i') },
        ],
      }),
    )
    bench.inject(device, answer('MEDIA0001', { tag: 'error', attrs: { code: '2' } }))

    const { data: found } = await bench.event('a', 'media.retry', { message_id: 'MEDIA0000' })
    const { data: gone } = await bench.event('a', 'media.retry', { message_id: 'MEDIA0001' })
    expect(found).toEqual(recorded('media.retry', 'lost media uploaded again', { message_id: 'MEDIA0000' }))
    expect(gone).toEqual(recorded('media.retry', 'lost media is gone'))
  })
})

describe('receipts', () => {
  test.each([
    ['message.delivered', 'receipt: delivered', {}],
    ['message.read', 'receipt: read', { type: 'read' }],
    ['message.played', 'receipt: played', { type: 'played' }],
  ])('%s, one for each message', async (name, trigger, attrs) => {
    const ids = [`${name}-1`, `${name}-2`]
    bench.inject(device, {
      tag: 'receipt',
      attrs: { from: `${CAROL}@s.whatsapp.net`, id: ids[0] ?? '', t: now(), ...attrs },
      content: [{ tag: 'list', attrs: {}, content: [{ tag: 'item', attrs: { id: ids[1] ?? '' } }] }],
    })

    for (const id of ids)
      expect((await bench.event('a', name, { message_id: id })).data).toEqual(
        recorded(name, trigger, { message_id: id, sender: `${CAROL}@s.whatsapp.net` }),
      )
  })

  test.each(allRecorded('message.delivered'))('message.delivered of $trigger', async ({ data }) => {
    const { chat, sender } = data as { chat: string; sender: string }
    const id = `DELIVERED${++receipts}`
    const own = sender.startsWith(PHONE) && chat !== sender
    const from: Record<string, string> = own
      ? { from: sender, recipient: chat }
      : { from: chat, ...(chat !== sender && { participant: sender }) }
    bench.inject(device, { tag: 'receipt', attrs: { ...from, id, t: now() } })

    const told = await bench.event('a', 'message.delivered', { message_id: id })
    expect(told.data).toEqual({ ...data, message_id: id })
  })

  test('a story of the account that was looked at', async () => {
    bench.inject(device, {
      tag: 'receipt',
      attrs: {
        from: 'status@broadcast',
        participant: `${CAROL}@s.whatsapp.net`,
        id: 'OWNSTATUS0001',
        type: 'read',
        t: now(),
      },
    })

    for (const name of ['message.read', 'status.viewed'])
      expect((await bench.event('a', name, { message_id: 'OWNSTATUS0001' })).data).toEqual(
        recorded(name, 'own story viewed'),
      )
  })
})

test('a webhook is told only what it asked for, whatever else there is in the same message', async () => {
  await bench.webhook(device, 'files', ['media.received'])
  const text = await sent({ text: 'No file' })
  const image = await sent({ image: true })
  await bench.event('files', 'media.received', { message_id: image })
  await toldOf(text, 1)

  expect(bench.told('files').map(({ event_type: type, data }) => [type, data.message_id])).toEqual([
    ['media.received', image],
  ])
})
