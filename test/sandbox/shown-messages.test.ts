import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Peer } from '../../src/sandbox/peer/peer.ts'
import { whyHidden } from '../../src/sandbox/peer/shown.ts'
import { node } from '../../src/sandbox/world/node.ts'
import { buttonsContent } from '../../src/whatsapp/content/buttons.ts'
import { carouselContent } from '../../src/whatsapp/content/carousel.ts'
import { listContent } from '../../src/whatsapp/content/list.ts'
import { pixContent } from '../../src/whatsapp/content/payment.ts'
import type { BinaryNode, proto } from '../../src/whatsapp/library/engine.ts'
import { type LinkedUser, TestApp } from '../helpers/app.ts'
import { arrived } from '../operations/arrivals.ts'
import { Stage } from '../whatsapp/defects/stage.ts'

const buttons = [{ kind: 'reply', label: 'Yes', id: 'y' } as const]
const sections = [{ title: 'Hot', rows: [{ id: 't', title: 'Tea' }] }]
const pix = { merchantName: 'Shop', key: 'a@b.c', keyType: 'EMAIL' } as const
const contents = {
  buttons: buttonsContent({ body: 'Choose', buttons }),
  list: listContent({ body: 'Choose', button: 'Open', sections }),
  carousel: carouselContent({ body: 'Choose', cards: Array(2).fill({ body: 'Tea', buttons }) }),
  payment: pixContent({ body: 'Pay', pix, currency: 'BRL', referenceId: 'A' }),
}

/** An announcement of buttons. */
function biz(interactive: Record<string, string>, flow?: Record<string, string>): BinaryNode {
  return node('biz', {}, [node('interactive', interactive, flow && [node('native_flow', flow)])])
}
const mixed = biz({ type: 'native_flow', v: '1' }, { v: '9', name: 'mixed' })

describe('through the real client', () => {
  let stage: Stage
  let user: LinkedUser
  let contact: Peer
  beforeAll(async () => {
    stage = await Stage.open()
    user = await stage.user()
    contact = stage.contact()
  })
  afterAll(() => stage.close())

  async function relay(message: proto.IMessage, nodes: BinaryNode[]): Promise<string> {
    const session = stage.app.parley.services.sessions.live(user.id)
    return (await session.send({ to: contact.account.jid(), message, nodes })).id
  }

  test.each(Object.entries(contents))('%s are shown', async (_kind, { message, nodes = [] }) => {
    const id = await relay(message, nodes)

    expect(await arrived(contact, id)).toMatchObject({ shown: true, hiddenBecause: undefined })
  })

  test.each(Object.entries(contents))(
    '%s without their announcement arrive unseen',
    async (_kind, { message }) => {
      const id = await relay(message, [])

      expect(await arrived(contact, id)).toMatchObject({ shown: false, hiddenBecause: expect.any(String) })
      await expect(contact.press(id, { button: 'Yes' })).rejects.toThrow('does not show')
    },
  )

  test.each([
    ['buttons of the old kind', node('biz', {}, [node('buttons')]), '405'],
    ['nothing inside', biz({ type: 'native_flow', v: '1' }), '479'],
    ['another type', biz({ type: 'other', v: '1' }, { v: '9', name: 'mixed' }), '479'],
    ['another version', biz({ type: 'native_flow', v: '2' }, { v: '9', name: 'mixed' }), '479'],
    ['the name of a button', biz({ type: 'native_flow', v: '1' }, { v: '9', name: 'cta_url' }), '473'],
    ['what only the platform has', biz({ type: 'native_flow', v: '1' }, { v: '9', name: 'flow' }), '405'],
    ['an unknown payment', node('biz', { native_flow_name: 'gift' }), '479'],
  ])('an announcement with %s is refused', async (_what, announcement, code) => {
    const sending = relay(contents.buttons.message, [announcement])

    await expect(sending).rejects.toMatchObject({
      code: 'upstream_refused',
      details: { refusal: { by: 'ack', code } },
    })
  })

  test('an answer to a button is refused with an announcement, and taken without one', async () => {
    const answer: proto.IMessage = {
      interactiveResponseMessage: {
        body: { text: 'Yes' },
        nativeFlowResponseMessage: { name: 'quick_reply', paramsJson: '{"id":"y"}', version: 1 },
      },
    }

    await expect(relay(answer, [mixed])).rejects.toMatchObject({ details: { refusal: { code: '479' } } })
    expect(await arrived(contact, await relay(answer, []))).toMatchObject({ shown: true })
  })
})

test('the control plane says what is shown, and presses buttons', async () => {
  const app = await TestApp.start()
  const user = await app.linkedUser()
  const contact = await app.contact('447900000991')
  const Buttons = [
    { title: 'Yes', id: 'y' },
    { type: 'copy', title: 'Code', copy_code: 'A1' },
  ]
  const sent = await app.post('/chat/send/buttons', user.token, { Phone: contact, Body: 'Choose', Buttons })
  const { Id: id } = sent.json.data
  const received = await app.waitFor('the message', async () => (await app.received(contact))[0])

  const press = (button: string) => app.sandbox('POST', `/contacts/${contact}/press`, { id, button })

  expect(received).toMatchObject({ id, shown: true })
  expect(await press('Yes')).toMatchObject({ id: expect.any(String), chat: expect.stringContaining('@') })
  expect(await press('Code')).toEqual({})
  await expect(press('No')).rejects.toThrow('answered 400')
  await app.close()
})

describe('a phone hides', () => {
  const file = { directPath: '/a', mediaKey: Buffer.alloc(32) }
  const flow = (name: string, json: string) => ({ buttons: [{ name, buttonParamsJson: json }] })
  const body = { text: 'Choose' }
  const yes = flow('quick_reply', '{"display_text":"Yes","id":"y"}')
  const interactive = (content: proto.Message.IInteractiveMessage) => ({ interactiveMessage: content })
  const cards = (...list: proto.Message.IInteractiveMessage[]) =>
    interactive({ body, carouselMessage: { cards: list } })
  const card = { body, nativeFlowMessage: yes }
  const list = node('biz', {}, [node('list', { v: '2', type: 'product_list' })])

  test.each<[string, proto.IMessage, BinaryNode, string | undefined]>([
    ['nothing of a text', { conversation: 'a' }, mixed, undefined],
    [
      'nothing of a file above',
      interactive({ body, header: { hasMediaAttachment: true, imageMessage: file }, nativeFlowMessage: yes }),
      mixed,
      undefined,
    ],
    ['old buttons', { buttonsMessage: {} }, mixed, 'phones no longer show buttonsMessage'],
    ['templates', { templateMessage: {} }, mixed, 'phones no longer show templateMessage'],
    [
      'an old version',
      interactive({ body, nativeFlowMessage: yes }),
      biz({ type: 'native_flow', v: '1' }, { v: '2', name: 'mixed' }),
      'the announced version is 2',
    ],
    [
      'a payment as mixed',
      interactive({ body, nativeFlowMessage: flow('payment_info', '{}') }),
      mixed,
      'the stanza does not announce a payment_info',
    ],
    [
      'buttons as a payment',
      interactive({ body, nativeFlowMessage: yes }),
      node('biz', { native_flow_name: 'payment_info' }),
      'the stanza announces a payment_info',
    ],
    [
      'nothing to look at',
      interactive({ nativeFlowMessage: yes }),
      mixed,
      'there is neither text nor title nor picture',
    ],
    ['no buttons', interactive({ body, nativeFlowMessage: { buttons: [] } }), mixed, 'there are no buttons'],
    [
      'neither buttons nor cards',
      interactive({ body }),
      mixed,
      'an interactive message without buttons or cards',
    ],
    [
      'an unknown button',
      interactive({ body, nativeFlowMessage: flow('toString', '{}') }),
      mixed,
      'phones know no button toString',
    ],
    [
      'broken JSON',
      interactive({ body, nativeFlowMessage: flow('quick_reply', '{') }),
      mixed,
      'the parameters of quick_reply are not a JSON object',
    ],
    [
      'a button without an id',
      interactive({ body, nativeFlowMessage: flow('quick_reply', '{"display_text":"a"}') }),
      mixed,
      'quick_reply without a right id',
    ],
    [
      'a link to nowhere',
      interactive({ body, nativeFlowMessage: flow('cta_url', '{"display_text":"a","url":"b"}') }),
      mixed,
      'cta_url without a right url',
    ],
    [
      'a missing file',
      interactive({ body, header: { hasMediaAttachment: true }, nativeFlowMessage: yes }),
      mixed,
      'the header says otherwise than it is whether it has a file',
    ],
    [
      'a file that cannot be fetched',
      interactive({ body, header: { hasMediaAttachment: true, imageMessage: {} }, nativeFlowMessage: yes }),
      mixed,
      'the file of the header cannot be fetched',
    ],
    ['a single card', cards(card), mixed, 'a carousel of 1 cards'],
    [
      'an empty card',
      cards(card, { nativeFlowMessage: yes }),
      mixed,
      'card 2: there is neither text nor file',
    ],
    ['a card without buttons', cards({ body }, card), mixed, 'card 1: there are no buttons'],
    ['a list as buttons', { listMessage: { buttonText: 'Open' } }, mixed, 'the stanza announces no list'],
    ['a list without rows', { listMessage: { buttonText: 'Open' } }, list, 'the list has no rows'],
    ['a list without a button', { listMessage: {} }, list, 'the list has no button'],
  ])('%s', (_what, message, announcement, reason) => {
    expect(whyHidden(message, node('message', {}, [announcement]))).toBe(reason)
  })
})
