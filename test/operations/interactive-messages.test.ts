import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { limits } from '../../src/lib/limits.ts'
import { requestLocation, sendButtons } from '../../src/operations/messages/send-buttons.ts'
import { type CarouselCard, sendCarousel } from '../../src/operations/messages/send-carousel.ts'
import { sendPixButton, sendReviewAndPay } from '../../src/operations/messages/send-payments.ts'
import type { Peer } from '../../src/sandbox/peer/peer.ts'
import { decryptMedia } from '../../src/sandbox/world/media-cipher.ts'
import { sampleFile } from '../../src/sandbox/world/samples.ts'
import type { BinaryNode, MediaType } from '../../src/whatsapp/library/engine.ts'
import type { LiveSession } from '../../src/whatsapp/session/session.ts'
import { child } from '../../src/whatsapp/wire/node.ts'
import type { LinkedUser } from '../helpers/app.ts'
import { dataUrl, picture } from '../helpers/media.ts'
import { Stage } from '../whatsapp/defects/stage.ts'
import { arrived, shown } from './arrivals.ts'

let stage: Stage
let user: LinkedUser
let session: LiveSession
let contact: Peer
let files: Server
let address: string
let image: Buffer
beforeAll(async () => {
  stage = await Stage.open('sqlite', { MEDIA_ALLOWED_NETWORKS: 'any' })
  user = await stage.user()
  session = stage.app.parley.services.sessions.live(user.id)
  contact = stage.contact()
  image = await picture('png')
  files = createServer((request, response) => {
    if (request.url === '/large') response.end(Buffer.alloc(17 * 1024 * 1024))
    else if (request.url === '/picture.png')
      response.writeHead(200, { 'content-type': 'image/png' }).end(image)
    else response.writeHead(404).end()
  })
  await new Promise<void>((resolve) => files.listen(0, '127.0.0.1', resolve))
  // The address of a server that listens on a port is an object.
  address = `http://127.0.0.1:${(files.address() as AddressInfo).port}`
})
afterAll(async () => {
  files.close()
  await stage.close()
})

const buttons = [{ kind: 'reply', label: 'Yes', id: 'y' } as const]

function to() {
  return { to: contact.account.phone }
}

/** What the stanza of a message announced. */
function announced(id: string): BinaryNode | undefined {
  const [entry] = stage.sandbox.server.stanzas.list(
    ({ direction, stanza }) =>
      direction === 'from-client' && stanza.tag === 'message' && stanza.attrs.id === id,
  )
  return child(entry?.stanza, 'biz')
}

function parameters(button: { buttonParamsJson: string }): unknown {
  return JSON.parse(button.buttonParamsJson)
}

function fileOf({ directPath, mediaKey }: { directPath: string; mediaKey: string }, type: MediaType) {
  const encrypted = stage.sandbox.network.media.get(directPath)
  if (!encrypted) throw new Error('the media host does not have the file')
  return decryptMedia(encrypted, Buffer.from(mediaKey, 'base64'), type)
}

describe('buttons', () => {
  test('of every kind are shown', async () => {
    const { id } = await sendButtons(session, {
      ...to(),
      title: 'Lunch',
      body: 'Choose',
      footer: 'Thanks',
      buttons: [
        ...buttons,
        { kind: 'url', label: 'Menu', url: 'https://example.com/menu' },
        { kind: 'webview', label: 'Order', url: 'https://example.com/order' },
        { kind: 'call', label: 'Ring', phone: '+15550001' },
        { kind: 'copy', label: 'Code', code: 'A1' },
      ],
    })

    const { interactiveMessage } = await shown(contact, id)
    expect(interactiveMessage).toMatchObject({
      header: { title: 'Lunch', hasMediaAttachment: false },
      body: { text: 'Choose' },
      footer: { text: 'Thanks' },
    })
    expect(interactiveMessage.nativeFlowMessage.buttons.map(parameters)).toEqual([
      { display_text: 'Yes', id: 'y' },
      { display_text: 'Menu', url: 'https://example.com/menu', merchant_url: 'https://example.com/menu' },
      {
        display_text: 'Order',
        url: 'https://example.com/order',
        merchant_url: 'https://example.com/order',
        webview_interaction: true,
      },
      { display_text: 'Ring', phone_number: '+15550001' },
      { display_text: 'Code', copy_code: 'A1' },
    ])
  })

  test.each(['image', 'video', 'document'] as const)('stand under a file: %s', async (kind) => {
    const { bytes, mimetype } = await sampleFile(kind)

    const { id } = await sendButtons(session, {
      ...to(),
      title: 'Lunch',
      body: 'Choose',
      buttons,
      media: { kind, file: dataUrl(mimetype, bytes), fileName: 'menu.pdf' },
    })

    const { header } = (await shown(contact, id)).interactiveMessage
    const message = header[`${kind}Message`]
    expect(header).toMatchObject({ title: 'Lunch', hasMediaAttachment: true })
    expect(message).toMatchObject({ mimetype, fileLength: bytes.length })
    expect(message.fileName).toBe(kind === 'document' ? 'menu.pdf' : undefined)
    expect(await fileOf(message, kind)).toEqual(bytes)
  })

  test('stand under a picture that is fetched', async () => {
    const media = { kind: 'image', file: `${address}/picture.png` } as const

    const { id } = await sendButtons(session, { ...to(), body: 'Choose', buttons, media })

    const { header } = (await shown(contact, id)).interactiveMessage
    expect(header.imageMessage).toMatchObject({ mimetype: 'image/png', width: 320, height: 200 })
    expect(await fileOf(header.imageMessage, 'image')).toEqual(image)
  })

  test.each([
    ['no data URL', 'nonsense', { code: 'invalid_field', stage: 'decode' }],
    [
      'no picture',
      dataUrl('image/png', Buffer.from('text')),
      { code: 'media_unavailable', stage: 'thumbnail' },
    ],
    ['unreachable', '/missing', { code: 'media_unavailable', stage: 'fetch' }],
    ['too large', '/large', { code: 'media_unavailable', stage: 'fetch' }],
  ])('are not sent with a file that is %s', async (_what, given, { code, stage: where }) => {
    const file = given.startsWith('/') ? `${address}${given}` : given
    const before = contact.messages.length

    const sending = sendButtons(session, { ...to(), body: 'Choose', buttons, media: { kind: 'image', file } })

    await expect(sending).rejects.toMatchObject({ code, details: { stage: where } })
    expect(contact.messages).toHaveLength(before)
  })

  test('are one at least', async () => {
    const sending = sendButtons(session, { ...to(), body: 'Choose', buttons: [] })

    await expect(sending).rejects.toMatchObject({ code: 'missing_field' })
  })

  test('are answered by whoever presses one that answers', async () => {
    const { id } = await sendButtons(session, {
      ...to(),
      body: 'Choose',
      buttons: [...buttons, { kind: 'copy', label: 'Code', code: 'A1' }],
    })
    await arrived(contact, id)

    const answer = await contact.press(id, { button: 'Yes' })

    expect(answer?.message.interactiveResponseMessage).toMatchObject({
      body: { text: 'Yes' },
      nativeFlowResponseMessage: { name: 'quick_reply', paramsJson: '{"id":"y"}' },
      contextInfo: { stanzaId: id },
    })
    expect(await contact.press(id, { button: 'Code' })).toBeUndefined()
    await expect(contact.press(id, { button: 'No' })).rejects.toThrow('no button No')
  })
})

describe('a request for a location', () => {
  test('is answered with a location that quotes it', async () => {
    const { id } = await requestLocation(session, { ...to(), body: 'Where are you?' })
    const { interactiveMessage } = await shown(contact, id)

    const answer = await contact.press(id, {
      button: 'send_location',
      place: { latitude: 1.5, longitude: 2.5 },
    })

    expect(interactiveMessage).toMatchObject({
      body: { text: 'Where are you?' },
      nativeFlowMessage: { buttons: [{ name: 'send_location', buttonParamsJson: '{}' }] },
    })
    expect(answer?.message.locationMessage).toMatchObject({
      degreesLatitude: 1.5,
      degreesLongitude: 2.5,
      contextInfo: { stanzaId: id },
    })
    await stage.app.waitFor('the location at the webhook', () =>
      stage.receiver.requests.some(({ body }) => body.includes(answer?.id ?? '?')),
    )
  })
})

describe('a PIX key', () => {
  test.each([
    ['+5511999999999', 'PHONE'],
    ['pix@example.com', 'EMAIL'],
    ['529.982.247-25', 'CPF'],
    ['11222333000181', 'CNPJ'],
    ['123e4567-e89b-12d3-a456-426614174000', 'EVP'],
  ])('%s is shown as one of the kind %s', async (key, keyType) => {
    const { id } = await sendPixButton(session, {
      ...to(),
      title: 'Payment',
      body: 'Please pay',
      footer: 'Thanks',
      pix: { key, merchantName: 'My Store' },
    })

    const { interactiveMessage } = await shown(contact, id)
    const [button] = interactiveMessage.nativeFlowMessage.buttons
    expect(interactiveMessage).toMatchObject({ header: { title: 'Payment' }, footer: { text: 'Thanks' } })
    expect(button.name).toBe('payment_info')
    expect(parameters(button)).toMatchObject({
      currency: 'BRL',
      payment_settings: [
        {
          type: 'pix_static_code',
          pix_static_code: {
            merchant_name: 'My Store',
            key: key.startsWith('529') ? '52998224725' : key,
            key_type: keyType,
          },
        },
      ],
    })
    expect(announced(id)).toEqual({
      tag: 'biz',
      attrs: expect.objectContaining({ native_flow_name: 'payment_info' }),
    })
  })

  test('goes by the name of the account unless another is given', async () => {
    const { id } = await sendPixButton(session, { ...to(), body: 'Pay', pix: { key: 'a@b.c' } })

    const [button] = (await shown(contact, id)).interactiveMessage.nativeFlowMessage.buttons
    expect(JSON.stringify(parameters(button))).toContain(`"merchant_name":"${user.phone}"`)
  })

  test.each([
    [{ key: 'secret' }, 'none of PHONE'],
    [{ key: '+5511999999999', keyType: 'EMAIL' } as const, 'not of the kind EMAIL'],
  ])('that is none is not sent, nor repeated: %j', async (pix, sentence) => {
    const sending = sendPixButton(session, { ...to(), body: 'Pay', pix })

    const error = await sending.catch((reason: unknown) => reason)
    expect(error).toMatchObject({ code: 'invalid_field', message: expect.stringContaining(sentence) })
    expect(String(error)).not.toContain(pix.key)
  })
})

describe('an order', () => {
  const pix = { key: 'pix@example.com', merchantName: 'My Store' }

  test('is shown with its items and its total', async () => {
    const { id } = await sendReviewAndPay(session, {
      ...to(),
      title: 'Order',
      body: 'Your order',
      pix,
      referenceId: 'ORDER-1',
      total: 15_000,
      items: [
        { name: 'Tea', amount: 5_000, quantity: 1, retailerId: 'T1', productId: '98' },
        { name: 'Cake', amount: 5_000, quantity: 2 },
      ],
    })

    const [button] = (await shown(contact, id)).interactiveMessage.nativeFlowMessage.buttons
    expect(button.name).toBe('review_and_pay')
    expect(parameters(button)).toMatchObject({
      currency: 'BRL',
      reference_id: 'ORDER-1',
      total_amount: { value: 15_000, offset: 100 },
      order: {
        status: 'payment_requested',
        items: [
          {
            retailer_id: 'T1',
            product_id: '98',
            name: 'Tea',
            amount: { value: 5_000, offset: 100 },
            quantity: 1,
          },
          { retailer_id: '2', name: 'Cake', amount: { value: 5_000, offset: 100 }, quantity: 2 },
        ],
      },
    })
    expect(announced(id)?.attrs.native_flow_name).toBe('order_details')
  })

  test('costs what its items cost, and has a name of its own', async () => {
    const { id } = await sendReviewAndPay(session, {
      ...to(),
      body: 'Your order',
      pix,
      items: [{ name: 'Tea', amount: 350, quantity: 3 }],
    })

    const [button] = (await shown(contact, id)).interactiveMessage.nativeFlowMessage.buttons
    expect(parameters(button)).toMatchObject({
      total_amount: { value: 1_050, offset: 100 },
      reference_id: expect.stringMatching(/^\w{8,35}$/),
    })
  })

  test('is one item where there is only a total', async () => {
    const total = 900

    const { id } = await sendReviewAndPay(session, { ...to(), body: 'Your order', pix, total })

    const [button] = (await shown(contact, id)).interactiveMessage.nativeFlowMessage.buttons
    expect(parameters(button)).toMatchObject({
      order: { items: [{ name: 'Your order', amount: { value: 900, offset: 100 }, quantity: 1 }] },
    })
  })

  test.each([
    [{}, 'missing_field', 'a total or items'],
    [{ total: 1.5 }, 'invalid_field', 'whole number of minor units'],
    [{ total: 1, offset: 7 }, 'invalid_field', 'offset'],
    [{ total: 1, currency: 'real' }, 'invalid_field', 'currency'],
    [{ total: 1, referenceId: 'a b' }, 'invalid_field', 'reference'],
    [{ items: [{ name: '', amount: 1, quantity: 1 }] }, 'invalid_field', 'item 1 has no name'],
    [{ items: [{ name: 'Tea', amount: -1, quantity: 1 }] }, 'invalid_field', 'total'],
    [{ items: [{ name: 'Tea', amount: 1, quantity: 0 }] }, 'invalid_field', 'quantity of item 1'],
  ])('is refused: %j', async (order, code, sentence) => {
    const sending = sendReviewAndPay(session, { ...to(), body: 'Your order', pix, ...order })

    await expect(sending).rejects.toMatchObject({ code, message: expect.stringContaining(sentence) })
  })
})

describe('a carousel', () => {
  const card: CarouselCard = { body: 'Tea', footer: 'Green', buttons }

  test('of texts is shown', async () => {
    const { id } = await sendCarousel(session, {
      ...to(),
      body: 'Drinks',
      cards: [
        card,
        { body: 'Water', buttons: [{ kind: 'url', label: 'More', url: 'https://example.com/' }] },
      ],
    })

    const { interactiveMessage } = await shown(contact, id)
    expect(interactiveMessage).toMatchObject({
      body: { text: 'Drinks' },
      carouselMessage: {
        messageVersion: 1,
        carouselCardType: 'HSCROLL_CARDS',
        cards: [
          {
            body: { text: 'Tea' },
            footer: { text: 'Green' },
            nativeFlowMessage: { buttons: [{ name: 'quick_reply' }] },
          },
          { body: { text: 'Water' }, nativeFlowMessage: { buttons: [{ name: 'cta_url' }] } },
        ],
      },
    })
    expect(interactiveMessage.nativeFlowMessage).toBeUndefined()
  })

  test('of pictures and videos is shown, and its buttons answer', async () => {
    const video = await sampleFile('video')
    const cards: CarouselCard[] = [
      { ...card, media: { kind: 'image', file: `${address}/picture.png` } },
      {
        body: 'Water',
        buttons: [{ kind: 'reply', label: 'Water', id: 'w' }],
        media: { kind: 'video', file: dataUrl(video.mimetype, video.bytes) },
      },
    ]

    const { id } = await sendCarousel(session, { ...to(), cards })

    const { carouselMessage } = (await shown(contact, id)).interactiveMessage
    const [first, second] = carouselMessage.cards
    expect(first.header).toMatchObject({ hasMediaAttachment: true, imageMessage: { mimetype: 'image/png' } })
    expect(await fileOf(second.header.videoMessage, 'video')).toEqual(video.bytes)
    const answer = await contact.press(id, { card: 2, button: 'w' })
    expect(answer?.message.interactiveResponseMessage?.body?.text).toBe('Water')
  })

  const media = { kind: 'image', file: 'nonsense' } as const
  test.each([
    ['one card', [card], '2 to 10 cards'],
    ['eleven cards', Array<CarouselCard>(11).fill(card), '2 to 10 cards'],
    ['a picture on one card only', [card, { ...card, media }], 'either every card'],
    ['a card without a text', [card, { ...card, body: ' ' }], 'card 2 has no text'],
    ['a card without buttons', [{ ...card, buttons: [] }, card], 'card 1 needs 1 to 3 buttons'],
    ['a card with many buttons', [{ ...card, buttons: Array(4).fill(buttons[0]) }, card], 'card 1 needs'],
    [
      'a file',
      Array<CarouselCard>(2).fill({ ...card, media: { kind: 'document', file: 'x' } }),
      'card 1 has a file',
    ],
    ['no picture', Array<CarouselCard>(2).fill({ ...card, media }), 'data URL'],
  ])('with %s is refused', async (_what, cards, sentence) => {
    const sending = sendCarousel(session, { ...to(), cards })

    await expect(sending).rejects.toMatchObject({
      code: 'invalid_field',
      message: expect.stringContaining(sentence),
    })
  })

  test('has as many cards and buttons as the limits say', () => {
    expect([limits.carouselCards.max, limits.cardButtons.max]).toEqual([10, 3])
  })
})

test('a copy for a device that asks again is shown as well', async () => {
  const reader = stage.contact()
  const fault = stage.sandbox.network.faults.inject(
    { kind: 'corrupt-message' },
    { account: reader.account, times: 1 },
  )

  const { id } = await sendButtons(session, { to: reader.account.phone, body: 'Choose', buttons })

  expect(await arrived(reader, id)).toMatchObject({ retries: 1, shown: true })
  expect(fault.hits).toBe(1)
})
