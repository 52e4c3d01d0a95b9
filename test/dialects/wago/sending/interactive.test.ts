import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { sampleFile } from '../../../../src/sandbox/world/samples.ts'
import { databaseKinds } from '../../../helpers/database.ts'
import { dataUrl } from '../../../helpers/media.ts'
import { failure, refused, success, type Wago } from '../wago.ts'
import { Screen } from './screen.ts'
import { buttonsOf, fileIn, shows } from './shows.ts'

const SENT = { Details: 'Sent', Id: expect.stringMatching(/^[0-9A-F]{16,}$/), Timestamp: expect.any(String) }
const yes = { id: 'y', text: 'Yes' }

describe.each(databaseKinds)('on %s', (database) => {
  let screen: Screen
  let wago: Wago
  beforeAll(async () => {
    screen = await Screen.open(database)
    wago = screen.wago
  })
  afterAll(() => screen.close())

  describe.each(['/send/template', '/send/buttons'])('%s', (path) => {
    test('shows buttons that copy, open and call', async () => {
      const { interactiveMessage } = await shows(wago, path, {
        Title: 'Message title',
        Content: 'Message content',
        Footer: 'Text footer',
        Buttons: [
          { DisplayText: 'tap to copy', Type: 'copy', Id: 'hello 👋' },
          { DisplayText: 'Visit Site', Type: 'url', Url: 'https://www.google.com' },
          { DisplayText: 'Callme', Type: 'call', PhoneNumber: '123811298' },
        ],
      })

      expect(interactiveMessage).toMatchObject({
        header: { title: 'Message title', hasMediaAttachment: false },
        body: { text: 'Message content' },
        footer: { text: 'Text footer' },
      })
      expect(buttonsOf(interactiveMessage)).toEqual([
        { name: 'cta_copy', display_text: 'tap to copy', copy_code: 'hello 👋' },
        {
          name: 'cta_url',
          display_text: 'Visit Site',
          url: 'https://www.google.com',
          merchant_url: 'https://www.google.com',
        },
        { name: 'cta_call', display_text: 'Callme', phone_number: '123811298' },
      ])
    })

    test('answers like every message', async () => {
      const body = { Phone: wago.contact, Content: 'Choose', Buttons: [yes] }

      expect(await wago.call(path, body)).toEqual([200, success(SENT)])
    })

    test('needs neither title nor footer', async () => {
      const { interactiveMessage } = await shows(wago, path, { Content: 'Choose', Buttons: [yes] })

      expect([interactiveMessage.header, interactiveMessage.footer]).toEqual([undefined, undefined])
    })
  })

  describe('/send/buttons', () => {
    const url = 'https://example.com/a'
    test.each([
      ['as the document prints it', { id: 'y', text: 'Yes' }, { name: 'quick_reply', id: 'y' }],
      ['without an id', { text: 'Yes' }, { name: 'quick_reply', id: '1' }],
      ['with a label', { Label: 'Yes', Id: 'y' }, { name: 'quick_reply', id: 'y' }],
      ['as a template has it', { DisplayText: 'Yes', Type: 'quickreply' }, { name: 'quick_reply', id: '1' }],
      ['with a dash', { text: 'Yes', type: 'Quick-Reply' }, { name: 'quick_reply', id: '1' }],
      ['with a line', { text: 'Yes', type: 'quick_reply' }, { name: 'quick_reply', id: '1' }],
      ['that answers', { text: 'Yes', type: 'REPLY', id: 'y' }, { name: 'quick_reply', id: 'y' }],
      ['that opens', { text: 'Yes', type: 'URL', url }, { name: 'cta_url', url }],
      ['that opens inside', { text: 'Yes', type: 'webview', url }, { webview_interaction: true, url }],
      ['that calls by id', { text: 'Yes', type: 'call', id: '+1555' }, { phone_number: '+1555' }],
      ['that calls by url', { text: 'Yes', type: 'call', url: '+1555' }, { phone_number: '+1555' }],
      ['that copies', { text: 'Yes', type: 'copy', id: 'A1' }, { name: 'cta_copy', copy_code: 'A1' }],
    ])('shows a button %s', async (_what, button, expected) => {
      const { interactiveMessage } = await shows(wago, '/send/buttons', {
        Content: 'Choose',
        Buttons: [button],
      })

      expect(buttonsOf(interactiveMessage)).toEqual([
        expect.objectContaining({ display_text: 'Yes', ...expected }),
      ])
    })

    test('shows fifty of them', async () => {
      const Buttons = Array.from({ length: 50 }, (_, index) => ({ text: `Button ${index}` }))

      const { interactiveMessage } = await shows(wago, '/send/buttons', { Content: 'Choose', Buttons })

      expect(buttonsOf(interactiveMessage)).toHaveLength(50)
    })

    test('reaches a group', async () => {
      const group = await wago.newGroup('Buttons')

      const body = { Phone: group, Content: 'Choose', Buttons: [yes] }
      const [, { data }] = await wago.call('/send/buttons', body)

      expect(await wago.arrived(data.Id)).toMatchObject({ chat: group, shown: true })
    })

    test('is answered by whoever presses a button, which the webhook is told', async () => {
      const Buttons = [yes, { id: 'n', text: 'No' }]
      const { id } = await wago.arrives('/send/buttons', { Content: 'Choose', Buttons })

      const { type, event } = await screen.answerTo(id, { button: 'No' })

      const { Sender, SenderAlt, IsFromMe } = event.Info
      expect([type, IsFromMe]).toEqual(['Message', false])
      expect([Sender, SenderAlt]).toContain(wago.contactJid)
      expect(event.Message.interactiveResponseMessage).toMatchObject({
        contextInfo: { stanzaID: id },
        // A choice between members, as Go writes one.
        InteractiveResponseMessage: {
          NativeFlowResponseMessage: { name: 'quick_reply', paramsJSON: '{"id":"n"}' },
        },
      })
    })

    test.each([
      ['no buttons', { Buttons: [] }, 'missing Buttons in payload'],
      ['a button without a label', { Buttons: [yes, { id: 'n' }] }, 'missing DisplayText in payload'],
      ['a link to nowhere', { Buttons: [{ text: 'Open', type: 'url' }] }, 'missing Url in payload'],
      [
        'an inner link to nowhere',
        { Buttons: [{ text: 'Open', type: 'webview' }] },
        'missing Url in payload',
      ],
      ['a call of nobody', { Buttons: [{ text: 'Call', type: 'call' }] }, 'missing PhoneNumber in payload'],
      [
        'a call of what is no number',
        { Buttons: [{ text: 'Call', type: 'call', phoneNumber: 'javascript:alert(1)' }] },
        'the PhoneNumber of a button must be a phone number',
      ],
      ['a copy of nothing', { Buttons: [{ text: 'Copy', type: 'copy' }] }, 'missing Id in payload'],
      [
        'an unknown type',
        { Buttons: [{ text: 'Pay', type: 'payment' }] },
        'the Type of a button is reply, url, webview, call or copy',
      ],
      [
        'a link that phones do not show',
        { Buttons: [{ text: 'Open', type: 'url', url: 'www.example.com' }] },
        'the Url of a button must be an http or https address',
      ],
      [
        'a link that runs something',
        { Buttons: [{ text: 'Open', type: 'webview', url: 'javascript:alert(1)' }] },
        'the Url of a button must be an http or https address',
      ],
      ['too many buttons', { Buttons: Array(51).fill(yes) }, 'Buttons has too many entries: at most 50'],
      [
        'a long label',
        { Buttons: [{ text: 'x'.repeat(1_025) }] },
        'Buttons[0].Text is too long: at most 1024 characters',
      ],
      ['a long heading', { Title: 'x'.repeat(1_025) }, 'Title is too long: at most 1024 characters'],
      ['a long text', { Content: 'x'.repeat(65_537) }, 'Content is too long: at most 65536 characters'],
      ['a number as label', { Buttons: [{ text: 7 }] }, 'could not decode payload'],
      ['a text as button', { Buttons: ['Yes'] }, 'could not decode payload'],
    ])('refuses %s', async (_what, change, sentence) => {
      const body = { Content: 'Choose', Buttons: [yes], ...change }

      await screen.refuses('/send/buttons', body, refused(sentence))
    })
  })

  describe('/send/mediabutton', () => {
    test.each(['image', 'video', 'document'] as const)('shows buttons below a file: %s', async (kind) => {
      const { bytes, mimetype } = await sampleFile(kind)

      const { interactiveMessage } = await shows(wago, '/send/mediabutton', {
        Title: 'Lunch',
        Content: 'Choose',
        Footer: 'Thanks',
        Filename: 'menu.pdf',
        Buttons: [yes],
        Type: kind,
        Media: dataUrl(mimetype, bytes),
      })

      const { header, body, footer } = interactiveMessage
      const file = header[`${kind}Message`]
      expect([header.title, body.text, footer.text]).toEqual(['Lunch', 'Choose', 'Thanks'])
      expect(file).toMatchObject({ mimetype, fileLength: String(bytes.length) })
      expect(file.fileName).toBe(kind === 'document' ? 'menu.pdf' : undefined)
      expect(await fileIn(screen.sandbox.network, file, kind)).toEqual(bytes)
      expect(buttonsOf(interactiveMessage)).toEqual([{ name: 'quick_reply', display_text: 'Yes', id: 'y' }])
    })

    test('fetches the file, and takes an id of its own', async () => {
      const message = await wago.arrives('/send/mediabutton', {
        Content: 'Choose',
        MessageId: 'custom-message-id-123',
        Buttons: [yes],
        Type: 'image',
        Media: screen.at('/a.png'),
      })

      const { header } = message.message.interactiveMessage
      expect([message.id, message.shown]).toEqual(['custom-message-id-123', true])
      expect(await fileIn(screen.sandbox.network, header.imageMessage, 'image')).toEqual(screen.image)
    })

    const text = dataUrl('image/png', Buffer.from('text'))
    test.each([
      ['an unknown type', { Type: 'sticker' }, 'Type must be image, video or document'],
      ['no buttons', { Buttons: [] }, 'missing Buttons in payload'],
      ['no data URL', { Media: 'nonsense' }, 'could not decode base64 encoded data from payload'],
      ['a long name', { Filename: 'x'.repeat(256) }, 'Filename is too long: at most 255 characters'],
    ])('refuses %s', async (_what, change, sentence) => {
      const body = { Content: 'Choose', Buttons: [yes], Type: 'image', Media: text, ...change }

      await screen.refuses('/send/mediabutton', body, refused(sentence))
    })

    test('says what is no picture', async () => {
      const body = { Content: 'Choose', Buttons: [yes], Type: 'image', Media: text }
      const sentence = expect.stringMatching(/^could not decode image for thumbnail preparation: /)

      await screen.refuses('/send/mediabutton', body, [500, failure(500, sentence)])
    })

    test('says why a file cannot be fetched', async () => {
      const body = { Content: 'Choose', Buttons: [yes], Type: 'image', Media: screen.at('/missing') }

      await screen.refuses(
        '/send/mediabutton',
        body,
        refused(expect.stringMatching(/^failed to fetch the file: .*404/)),
      )
    })
  })

  const requests: [string, object][] = [
    ['/send/template', { Content: 'Choose', Buttons: [yes] }],
    ['/send/buttons', { Content: 'Choose', Buttons: [yes] }],
  ]
  test.each(requests)('%s of a repeated request is one message', (path, body) => screen.sendsOnce(path, body))

  test.each(requests)('%s takes the id of its message', async (path, body) => {
    const Id = `CUSTOM${crypto.randomUUID().slice(0, 8).toUpperCase()}`

    expect((await wago.arrives(path, { ...body, Id })).id).toBe(Id)
  })
})
