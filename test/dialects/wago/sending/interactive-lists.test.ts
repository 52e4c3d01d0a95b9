import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { sampleFile } from '../../../../src/sandbox/world/samples.ts'
import { databaseKinds } from '../../../helpers/database.ts'
import { dataUrl } from '../../../helpers/media.ts'
import { refused, type Wago } from '../wago.ts'
import { Screen } from './screen.ts'
import { buttonsOf, fileIn, shows } from './shows.ts'

const yes = { id: 'y', text: 'Yes' }

describe.each(databaseKinds)('on %s', (database) => {
  let screen: Screen
  let wago: Wago
  beforeAll(async () => {
    screen = await Screen.open(database)
    wago = screen.wago
  })
  afterAll(() => screen.close())

  describe('/send/list', () => {
    const List = [
      { title: 'menu button 1', desc: 'long description', RowId: '1' },
      { title: 'menu button 2' },
    ]

    test('shows its rows', async () => {
      const { listMessage } = await shows(wago, '/send/list', {
        ButtonText: 'Click Here',
        Desc: 'This is a list',
        TopText: 'Top',
        List,
      })

      expect(listMessage).toMatchObject({
        title: 'Top',
        description: 'This is a list',
        buttonText: 'Click Here',
        sections: [
          {
            title: 'Top',
            rows: [
              { rowId: '1', title: 'menu button 1', description: 'long description' },
              { rowId: 'menu button 2', title: 'menu button 2' },
            ],
          },
        ],
      })
    })

    test('is headed by its button where it has no heading', async () => {
      const { listMessage } = await shows(wago, '/send/list', { ButtonText: 'Open', Desc: 'Choose', List })

      expect(listMessage.sections[0].title).toBe('Open')
    })

    test('is answered by whoever chooses a row, which the webhook is told', async () => {
      const { id } = await wago.arrives('/send/list', { ButtonText: 'Open', Desc: 'Choose', List })

      const { event } = await screen.answerTo(id, { button: 'menu button 2' })

      expect(event.Message.listResponseMessage).toMatchObject({
        title: 'menu button 2',
        singleSelectReply: { selectedRowID: 'menu button 2' },
        contextInfo: { stanzaID: id },
      })
    })

    test.each([
      ['no rows', { List: [] }, 'missing List in payload'],
      ['a row without a title', { List: [{ desc: 'x', RowId: '1' }] }, 'missing title in payload'],
      ['too many rows', { List: Array(101).fill({ title: 'x' }) }, 'List has too many entries: at most 100'],
      ['a long button', { ButtonText: 'x'.repeat(1_025) }, 'ButtonText is too long: at most 1024 characters'],
      ['one row', { List: { title: 'x' } }, 'could not decode payload'],
    ])('refuses %s', async (_what, change, sentence) => {
      await screen.refuses(
        '/send/list',
        { ButtonText: 'Open', Desc: 'Choose', List, ...change },
        refused(sentence),
      )
    })
  })

  describe('/send/locationbutton', () => {
    test('shows a button that sends the place, of which the webhook is told', async () => {
      const { id, shown, message } = await wago.arrives('/send/locationbutton', {
        Body: '🗺️ *Tap the button to share your location*',
      })
      expect([shown, message.interactiveMessage.body.text]).toEqual([
        true,
        '🗺️ *Tap the button to share your location*',
      ])
      expect(buttonsOf(message.interactiveMessage)).toEqual([{ name: 'send_location' }])

      const place = { latitude: 1.5, longitude: 2.5 }
      const { type, event } = await screen.answerTo(id, { button: 'send_location', place })

      expect(type).toBe('Message')
      expect(event.Message.locationMessage).toMatchObject({
        degreesLatitude: 1.5,
        degreesLongitude: 2.5,
        contextInfo: { stanzaID: id },
      })
    })
  })

  describe('/send/carousel', () => {
    const card = { text: 'Tea', caption: 'Green', buttons: [{ id: '1', label: 'Yes', type: 'reply' }] }

    test('shows its cards', async () => {
      const { interactiveMessage } = await shows(wago, '/send/carousel', {
        message: 'Our offers',
        carousel: [
          card,
          {
            caption: 'Water',
            buttons: [{ id: '1', label: 'Visit', type: 'url', url: 'https://example.com' }],
          },
        ],
      })

      const { body, carouselMessage } = interactiveMessage
      const [first, second] = carouselMessage.cards
      expect(body.text).toBe('Our offers')
      expect([first.body.text, first.footer.text]).toEqual(['Tea', 'Green'])
      expect(buttonsOf(first)).toEqual([{ name: 'quick_reply', display_text: 'Yes', id: '1' }])
      expect([second.body.text, second.footer]).toEqual(['Water', undefined])
      expect(buttonsOf(second)).toMatchObject([{ name: 'cta_url', url: 'https://example.com' }])
    })

    test('is answered by whoever presses a button of a card', async () => {
      const other = { text: 'Water', buttons: [{ id: 'w', label: 'Water please' }] }
      const { id } = await wago.arrives('/send/carousel', { carousel: [card, other] })

      const { event } = await screen.answerTo(id, { card: 2, button: 'w' })

      expect(event.Message.interactiveResponseMessage.body.text).toBe('Water please')
    })

    test.each([
      ['no cards', [], 'missing carousel in payload'],
      ['one card', [card], 'a carousel has 2 to 10 cards'],
      ['eleven cards', Array(11).fill(card), 'carousel has too many entries: at most 10'],
      ['a card without a text', [card, { buttons: card.buttons }], 'card 2 has no text'],
      ['a card without buttons', [card, { text: 'Tea', buttons: [] }], 'missing buttons in payload'],
      [
        'a card with four buttons',
        [{ ...card, buttons: Array(4).fill(yes) }, card],
        'card 1 needs 1 to 3 buttons',
      ],
    ])('refuses %s', async (_what, carousel, sentence) => {
      await screen.refuses('/send/carousel', { message: 'Drinks', carousel }, refused(sentence))
    })

    test('refuses to be without cards at all', async () => {
      await screen.refuses('/send/carousel', { message: 'Drinks' }, refused('missing carousel in payload'))
    })
  })

  describe('/send/carouselmedia', () => {
    const buttons = [{ id: '1', label: 'Yes', type: 'reply' }]

    test('shows pictures and videos', async () => {
      const video = await sampleFile('video')

      const { interactiveMessage } = await shows(wago, '/send/carouselmedia', {
        message: 'Our offers',
        carousel: [
          { text: 'Tea', caption: 'A picture', media_url: screen.at('/a.png'), buttons },
          {
            caption: 'Water',
            media_url: dataUrl(video.mimetype, video.bytes),
            media_type: 'video',
            buttons,
          },
        ],
      })

      const [first, second] = interactiveMessage.carouselMessage.cards
      expect([first.header.hasMediaAttachment, first.body.text]).toEqual([true, 'Tea'])
      expect(await fileIn(screen.sandbox.network, first.header.imageMessage, 'image')).toEqual(screen.image)
      expect(await fileIn(screen.sandbox.network, second.header.videoMessage, 'video')).toEqual(video.bytes)
    })

    test.each([
      ['a card without a file', { text: 'Tea', buttons }, 'missing media_url in payload'],
      [
        'a document',
        { text: 'Tea', media_url: 'data:,', media_type: 'document', buttons },
        'media_type must be image or video',
      ],
      [
        'a file that is none',
        { text: 'Tea', media_url: 'nonsense', buttons },
        'could not decode base64 encoded data from payload',
      ],
    ])('refuses %s', async (_what, card, sentence) => {
      const carousel = [{ text: 'Tea', media_url: screen.at('/a.png'), buttons }, card]

      await screen.refuses('/send/carouselmedia', { message: 'Drinks', carousel }, refused(sentence))
    })
  })

  const requests: [string, object][] = [
    ['/send/list', { ButtonText: 'Open', Desc: 'Choose', List: [{ title: 'Tea' }] }],
    ['/send/locationbutton', { Body: 'Where are you?' }],
    ['/send/carousel', { carousel: Array(2).fill({ text: 'Tea', buttons: [yes] }) }],
  ]
  test.each(requests)('%s of a repeated request is one message', (path, body) => screen.sendsOnce(path, body))

  test.each(requests)('%s takes the id of its message', async (path, body) => {
    const Id = `CUSTOM${crypto.randomUUID().slice(0, 8).toUpperCase()}`

    expect((await wago.arrives(path, { ...body, Id })).id).toBe(Id)
  })
})
