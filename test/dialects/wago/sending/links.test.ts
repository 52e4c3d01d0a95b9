import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { dataUrl, picture } from '../../../helpers/media.ts'
import { failure, refused, type Wago } from '../wago.ts'
import { Screen } from './screen.ts'
import { shows } from './shows.ts'

let screen: Screen
let wago: Wago
let photo: Buffer
beforeAll(async () => {
  screen = await Screen.open('sqlite')
  wago = screen.wago
  photo = await picture('jpeg', [640, 640])
})
afterAll(() => screen.close())

function sizeOf(base64: string) {
  return sharp(Buffer.from(base64, 'base64')).metadata()
}

/** Gives an account of the network a picture. */
function setPicture(phone: string): void {
  const account = screen.sandbox.network.findAccount(phone)
  if (account) account.picture = { id: '1', jpeg: photo }
}

const body = {
  Text: 'This is a test message with a link preview https://google.com',
  MatchedURL: 'https://google.com',
  Title: 'Title of the preview message',
  Description: 'Description of the preview message',
}

describe('/send/preview', () => {
  test('shows a card with the words and the picture of the caller', async () => {
    const Image = dataUrl('image/jpeg', photo)

    const { extendedTextMessage } = await shows(wago, '/send/preview', { ...body, Image })

    expect(extendedTextMessage).toMatchObject({
      text: body.Text,
      matchedText: body.MatchedURL,
      title: body.Title,
      description: body.Description,
    })
    expect(await sizeOf(extendedTextMessage.jpegThumbnail)).toMatchObject({ format: 'jpeg', width: 192 })
  })

  test('fetches the picture', async () => {
    const Image = screen.at('/a.png')

    const { extendedTextMessage } = await shows(wago, '/send/preview', { ...body, Image })

    expect(await sizeOf(extendedTextMessage.jpegThumbnail)).toMatchObject({ format: 'jpeg' })
  })
})

describe('/send/preview2', () => {
  test('shows a large card above the text', async () => {
    const Image = dataUrl('image/jpeg', photo)

    const { extendedTextMessage } = await shows(wago, '/send/preview2', { ...body, Image })

    const { externalAdReply } = extendedTextMessage.contextInfo
    expect(externalAdReply).toMatchObject({
      title: body.Title,
      body: body.Description,
      sourceUrl: body.MatchedURL,
      renderLargerThumbnail: true,
    })
    expect(await sizeOf(externalAdReply.thumbnail)).toMatchObject({ format: 'jpeg', width: 480 })
  })

  test('shows a link that is not in the text', async () => {
    const Image = dataUrl('image/jpeg', photo)

    const { extendedTextMessage } = await shows(wago, '/send/preview2', { ...body, Text: 'Hi', Image })

    expect(extendedTextMessage.text).toBe('Hi')
  })

  test('needs an address', async () => {
    const Image = dataUrl('image/jpeg', photo)
    const other = { ...body, MatchedURL: 'javascript:alert(1)', Image }

    await screen.refuses('/send/preview2', other, refused('the matched URL is no http(s) address'))
  })
})

describe.each(['/send/preview', '/send/preview2'])('%s is not sent', (path) => {
  const Image = dataUrl('image/png', Buffer.from('text'))

  test.each([
    ['a picture that is none', { Image: 'nonsense' }, 'could not decode base64 encoded data from payload'],
    ['no picture', { Image: '' }, 'missing Image in payload'],
    ['a long heading', { Title: 'x'.repeat(301) }, 'Title is too long: at most 300 characters'],
    [
      'a long link',
      { MatchedURL: `https://a.b/${'x'.repeat(8_192)}` },
      'MatchedURL is too long: at most 8192 characters',
    ],
  ])('with %s', async (_what, change, sentence) => {
    await screen.refuses(path, { ...body, Image, ...change }, refused(sentence))
  })

  test('with what cannot be read as a picture', async () => {
    const sentence = expect.stringMatching(/^could not decode image for thumbnail preparation: /)

    await screen.refuses(path, { ...body, Image }, [500, failure(500, sentence)])
  })

  test('with a picture that is not there', async () => {
    const sentence = expect.stringMatching(/^failed to fetch the file: .*404/)

    await screen.refuses(path, { ...body, Image: screen.at('/missing') }, refused(sentence))
  })
})

test('/send/preview is not sent with a link that is not in the text', async () => {
  const other = { ...body, Text: 'no link', Image: dataUrl('image/jpeg', photo) }

  await screen.refuses('/send/preview', other, refused('the matched text must be a part of the text'))
})

describe('/send/groupinvite', () => {
  async function invitation(): Promise<string> {
    const group = await wago.newGroup('Club')
    const { inviteCode } = await wago.group(group)
    return `https://chat.whatsapp.com/${inviteCode}`
  }

  test('shows a card about the group', async () => {
    const MatchedText = await invitation()
    const Text = `Open this link to join my WhatsApp Group: ${MatchedText}`

    const { extendedTextMessage } = await shows(wago, '/send/groupinvite', {
      Text,
      MatchedText,
      Title: 'my group',
    })

    expect(extendedTextMessage).toMatchObject({
      text: Text,
      matchedText: MatchedText,
      title: 'my group',
      inviteLinkGroupTypeV2: 'DEFAULT',
    })
  })

  test('shows the picture of the group', async () => {
    const GroupJID = await wago.newGroup('Club')
    const { inviteCode } = await wago.group(GroupJID)
    await wago.call('/group/photo', { GroupJID, Image: dataUrl('image/jpeg', photo) })
    const MatchedText = `https://chat.whatsapp.com/${inviteCode}`

    const { extendedTextMessage } = await shows(wago, '/send/groupinvite', {
      Text: MatchedText,
      MatchedText,
      Title: 'Club',
    })

    expect(await sizeOf(extendedTextMessage.jpegThumbnail)).toMatchObject({ format: 'jpeg' })
  })

  test('goes out when the link leads nowhere any more', async () => {
    const MatchedText = 'https://chat.whatsapp.com/LrOCfCEyd3'

    const { extendedTextMessage } = await shows(wago, '/send/groupinvite', {
      Text: `Join ${MatchedText}`,
      MatchedText,
      Title: 'my group',
    })

    expect(extendedTextMessage.jpegThumbnail).toBeUndefined()
  })

  test.each([
    [
      'https://example.com/LrOCfCEyd3',
      'https://example.com/LrOCfCEyd3',
      'this is no link of a group: https://chat.whatsapp.com/…',
    ],
    ['Join us', 'https://chat.whatsapp.com/LrOCfCEyd3', 'the matched text must be a part of the text'],
  ])('refuses %j with %j', async (Text, MatchedText, sentence) => {
    await screen.refuses('/send/groupinvite', { Text, MatchedText, Title: 'my group' }, refused(sentence))
  })
})

describe('/business/send/catalog', () => {
  const path = '/business/send/catalog'

  test('shows a card with the picture of the business', async () => {
    const phone = await wago.app.contact('123456789')
    setPicture(phone)
    const MatchedText = `https://wa.me/c/${phone}`
    const Text = `Follow this link to view our catalog on WhatsApp: ${MatchedText}`

    const { extendedTextMessage } = await shows(wago, path, { Text, MatchedText, Title: 'MyShopName' })

    expect(extendedTextMessage).toMatchObject({ text: Text, matchedText: MatchedText, title: 'MyShopName' })
    expect(await sizeOf(extendedTextMessage.jpegThumbnail)).toMatchObject({ format: 'jpeg' })
  })

  test.each([
    ['of somebody unknown', 'https://wa.me/c/15550000000'],
    ['of a product', 'https://wa.me/p/988782362/15550000000'],
    ['without a scheme', 'wa.me/c/15550000000'],
  ])('shows a link %s', async (_what, MatchedText) => {
    const { extendedTextMessage } = await shows(wago, path, { Text: MatchedText, MatchedText, Title: 'Shop' })

    expect(extendedTextMessage.matchedText).toBe(MatchedText)
  })

  test.each([
    ['https://wa.me/15550000000', 'this is no link of a catalogue: https://wa.me/c/…'],
    ['https://example.com/c/15550000000', 'this is no link of a catalogue: https://wa.me/c/…'],
  ])('refuses %j', async (MatchedText, sentence) => {
    await screen.refuses(path, { Text: MatchedText, MatchedText, Title: 'Shop' }, refused(sentence))
  })
})

const card = { Text: 'see https://wa.me/c/15550000000', MatchedText: 'https://wa.me/c/15550000000' }
test('a repeated request is one message, and takes an id of its own', async () => {
  await screen.sendsOnce('/business/send/catalog', { ...card, Title: 'Shop' })

  const Id = 'CUSTOMCATALOG1'
  expect((await wago.arrives('/business/send/catalog', { ...card, Title: 'Shop', Id })).id).toBe(Id)
})
