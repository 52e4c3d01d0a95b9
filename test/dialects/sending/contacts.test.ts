import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Answer } from '../../helpers/app.ts'
import { Dialects, sentenceOf } from './dialects.ts'

let all: Dialects
beforeAll(async () => {
  all = await Dialects.start()
})
afterAll(() => all.close())

type Card = { name: string; phone: string }
type Send = (to: string, cards: Card[]) => Promise<[number, Answer['json']]>

const vcard = ({ name, phone }: Card) =>
  `BEGIN:VCARD\nVERSION:3.0\nFN:${name}\nTEL;waid=${phone}:+${phone}\nEND:VCARD`
const two = [
  { name: 'Ann', phone: '15550001001' },
  { name: 'Bob', phone: '15550002002' },
]

const dialects: [string, Send][] = [
  [
    'wuzapi',
    (Phone, cards) =>
      all.wuzapi('/chat/send/contact', {
        Phone,
        Contacts: cards.map((one) => ({ Name: one.name, Vcard: vcard(one) })),
      }),
  ],
  [
    'WaGo',
    (Phone, cards) =>
      all.wago('/send/contact', {
        Phone,
        Vcards: cards.map(({ name, phone }) => ({ FullName: name, Phone: phone })),
      }),
  ],
  ['multisession', (to, contacts) => all.multisession(`POST /chats/${to}/contacts`, { contacts })],
]

describe.each(dialects)('several cards of %s', (_name, send) => {
  test.each(['to one person', 'to a group'])('are one message %s', async (whom) => {
    const message = await all.shown(await send(whom === 'to a group' ? all.group : all.contact, two))

    expect(message.contactsArrayMessage).toEqual({
      displayName: '2 contacts',
      contacts: [
        { displayName: 'Ann', vcard: expect.stringMatching(/FN:Ann\n.*15550001001/) },
        { displayName: 'Bob', vcard: expect.stringMatching(/FN:Bob\n.*15550002002/) },
      ],
    })
  })

  test('that are one are an ordinary card', async () => {
    const message = await all.shown(await send(all.contact, two.slice(1)))

    expect(message.contactMessage).toMatchObject({ displayName: 'Bob' })
  })

  test.each([
    ['none', [], /^missing \w+ in payload|name is required$/i],
    [
      'one without a name',
      [{ name: '', phone: '15550001001' }],
      /^missing \w+ in payload|name is required$/i,
    ],
    [
      'too many',
      Array<Card>(101).fill({ name: 'Ann', phone: '15550001001' }),
      /too many entries: at most 100/,
    ],
  ])('are refused when there are %s', async (_what, cards, sentence) => {
    const [status, json] = await send(all.contact, cards)

    expect([status, sentenceOf(json)]).toEqual([400, expect.stringMatching(sentence)])
  })
})

describe('cards of wago-api', () => {
  const send = (contactId: unknown) =>
    all.wagoApi('/client/sendMessage', {
      chatId: all.contactJid,
      contentType: 'Contact',
      content: { contactId },
    })

  test('are those of a list of people', async () => {
    const { contactsArrayMessage } = await all.shown(
      await send([all.contactJid, `${all.third}@s.whatsapp.net`]),
    )

    expect(contactsArrayMessage.contacts).toEqual([
      { displayName: expect.any(String), vcard: expect.stringContaining(`waid=${all.contact}:`) },
      { displayName: expect.any(String), vcard: expect.stringContaining(`waid=${all.third}:`) },
    ])
  })

  test.each([[[]], [['120363@g.us']], ['']])('are refused for %j', async (contactId) => {
    const [status, json] = await send(contactId)

    expect([status, sentenceOf(json)]).toEqual([400, 'content.contactId is not a person'])
  })
})
