import { describe, expect, test } from 'vitest'
import { messageKey, refFor } from '../../../src/lib/message-ref.ts'
import { buttonsContent, locationRequestContent } from '../../../src/whatsapp/content/buttons.ts'
import { carouselContent } from '../../../src/whatsapp/content/carousel.ts'
import { eventContent } from '../../../src/whatsapp/content/event.ts'
import { forwardContent } from '../../../src/whatsapp/content/forward.ts'
import { listContent } from '../../../src/whatsapp/content/list.ts'
import { orderContent, pixContent } from '../../../src/whatsapp/content/payment.ts'
import { pollContent } from '../../../src/whatsapp/content/poll.ts'
import { stanzaNodes } from '../../../src/whatsapp/content/stanza-nodes.ts'
import { textContent } from '../../../src/whatsapp/content/text.ts'
import { proto } from '../../../src/whatsapp/library/engine.ts'

const me = { pn: '5511:7@s.whatsapp.net', lid: '9911:7@lid' }

describe('messages that phones show only with the right part of the stanza', () => {
  test('buttons', () => {
    const { nodes } = buttonsContent({ body: 'Choose', buttons: [{ kind: 'reply', label: 'Yes', id: 'y' }] })

    expect(nodes).toEqual([
      {
        tag: 'biz',
        attrs: { actual_actors: '2', host_storage: '2', privacy_mode_ts: expect.stringMatching(/^\d{10}$/) },
        content: [
          {
            tag: 'interactive',
            attrs: { type: 'native_flow', v: '1' },
            content: [{ tag: 'native_flow', attrs: { v: '9', name: 'mixed' } }],
          },
          {
            tag: 'quality_control',
            attrs: { decision_id: expect.stringMatching(/^\w{20}$/), source_type: 'third_party' },
          },
        ],
      },
    ])
  })

  test('lists', () => {
    const { nodes } = listContent({ body: 'Choose', button: 'Open', sections: [] })

    expect(nodes).toEqual([
      { tag: 'biz', attrs: {}, content: [{ tag: 'list', attrs: { v: '2', type: 'product_list' } }] },
    ])
  })

  test.each([
    [1, 'pollCreationMessageV3'],
    [0, 'pollCreationMessage'],
    [2, 'pollCreationMessage'],
  ])('a poll with %i choices, which is a %s', (selectable, member) => {
    const { nodes, message } = pollContent({ question: 'Tea?', options: ['yes', 'no'], selectable })

    expect(nodes).toEqual([{ tag: 'meta', attrs: { polltype: 'creation' } }])
    expect(Object.keys(message)).toEqual([member])
  })
})

describe('a message that was made earlier', () => {
  test('is an event', () => {
    const { message, nodes } = eventContent({ name: 'Tea', startsAt: 1_900_000_000 })

    expect(nodes).toEqual([{ tag: 'meta', attrs: { event_type: 'creation' } }])
    expect(stanzaNodes(message)).toEqual(nodes)
    expect(forwardContent(message, { fromMe: true }).nodes).toEqual(nodes)
  })

  const list = listContent({ body: 'Choose', button: 'Open', sections: [] })
  const buttons = buttonsContent({ body: 'Choose', buttons: [{ kind: 'reply', label: 'Yes', id: 'y' }] })
  const pix = { merchantName: 'Shop', key: 'a@b.c', keyType: 'EMAIL' } as const
  const payment = { body: 'Pay', pix, currency: 'BRL', referenceId: 'A' }
  const total = { value: 1, offset: 100 }
  const cards = [{ body: 'Tea', buttons: [] }]

  test.each([
    ['list', list],
    ['poll', pollContent({ question: 'Tea?', options: ['yes', 'no'], selectable: 1 })],
    ['text', { message: textContent({ text: 'a' }) }],
  ])('says the same of itself again: %s', (_kind, { message, nodes = [] }) => {
    expect(stanzaNodes(message)).toEqual(nodes)
  })

  test.each([
    ['buttons', buttons, undefined],
    ['location', locationRequestContent({ body: 'Where?' }), undefined],
    ['carousel', carouselContent({ cards }), undefined],
    ['PIX', pixContent(payment), 'payment_info'],
    ['order', orderContent({ ...payment, total, items: [] }), 'order_details'],
  ])('says the same of itself again: %s', (_kind, { message, nodes = [] }, flow) => {
    const [again] = stanzaNodes(message)

    expect(again?.attrs.native_flow_name).toBe(flow)
    expect(nodes[0]?.attrs.native_flow_name).toBe(flow)
    expect([again?.content].flat().length).toBe([nodes[0]?.content].flat().length)
  })

  test('is shown where it is forwarded to', () => {
    const { message, nodes } = forwardContent(buttons.message, { fromMe: false })

    expect(message.interactiveMessage?.contextInfo).toMatchObject({ isForwarded: true })
    expect(nodes).toMatchObject([{ tag: 'biz', content: [{ tag: 'interactive' }, {}] }])
  })
})

describe('the key of a message', () => {
  const group = '1203@g.us'
  test.each([
    ['an own message', group, '', { fromMe: true }],
    ['an own message by phone number', group, '5511@s.whatsapp.net', { fromMe: true }],
    ['an own message by LID and device', group, '9911:2@lid', { fromMe: true }],
    ["another's in a group", group, '22:4@lid', { fromMe: false, participant: '22@lid' }],
    ["another's in a chat of two", '22@lid', '22@lid', { fromMe: false }],
  ])('of %s', (_what, chat, author, expected) => {
    expect(messageKey(refFor({ chat, id: 'A', author }, me))).toEqual({
      remoteJid: chat,
      id: 'A',
      ...expected,
    })
  })

  test('is of another while the own LID is unknown', () => {
    const ref = refFor({ chat: group, id: 'A', author: '22@lid' }, { pn: me.pn, lid: '' })

    expect(ref.fromMe).toBe(false)
  })
})

test('a text carries the preview of its link', () => {
  const thumbnail = Buffer.from([1, 2, 3])
  const preview = { link: 'https://example.com/', title: 'Example', description: 'An example', thumbnail }

  const message = textContent({ text: 'see https://example.com/.', preview, forwarded: true })

  const sent = proto.Message.decode(proto.Message.encode(message).finish())
  expect(sent.extendedTextMessage).toMatchObject({
    text: 'see https://example.com/.',
    matchedText: 'https://example.com/',
    title: 'Example',
    description: 'An example',
    jpegThumbnail: thumbnail,
    contextInfo: { isForwarded: true },
  })
})
