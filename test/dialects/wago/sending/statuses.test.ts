import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { sampleFile } from '../../../../src/sandbox/world/samples.ts'
import { dataUrl, picture } from '../../../helpers/media.ts'
import { failure, refused, success, type Wago } from '../wago.ts'
import { Screen } from './screen.ts'
import { downloaded } from './shows.ts'

// Long enough for what is on its way to arrive, where nothing shows that it has.
const SETTLE_MS = 500
const CONTACTS = { ada: '5511900000001', bob: '5511900000002' }
const STRANGER = '5511900000003'

let screen: Screen
let wago: Wago
let image: string
let video: string
beforeAll(async () => {
  screen = await Screen.open('sqlite')
  wago = screen.wago
  for (const [name, phone] of Object.entries(CONTACTS)) {
    await wago.app.contact(phone, { name })
    await wago.call('/contact/add', { Phone: phone, FullName: name })
  }
  await wago.app.contact(STRANGER)
  image = dataUrl('image/png', await picture('png'))
  const { bytes, mimetype } = await sampleFile('video')
  video = dataUrl(mimetype, bytes)
})
afterAll(() => screen.close())

function choose(...audiences: { type: string; list?: string[] }[]): Promise<unknown> {
  return wago.app.sandbox('POST', `/contacts/${wago.user.phone}/status-audience`, { audiences })
}

/** Posts; the id, when the own phone has got it. */
async function posted(path: string, body: object): Promise<string> {
  const [status, json] = await wago.call(path, body)
  if (status !== 200) throw new Error(`${path} answered ${status}: ${JSON.stringify(json)}`)
  await wago.arrived(json.data.Id, wago.user.phone)
  return json.data.Id
}

/** What somebody who may see it has of a status. */
async function seen(path: string, body: object) {
  const id = await posted(path, body)
  return wago.arrived(id, CONTACTS.ada)
}

/** Who of these has got it. */
async function readers(path: string, body: object): Promise<string[]> {
  const id = await posted(path, body)
  await delay(SETTLE_MS)
  const people = [CONTACTS.ada, CONTACTS.bob, STRANGER]
  const had = await Promise.all(
    people.map(async (phone) => (await wago.app.received(phone)).some((message) => message.id === id)),
  )
  return people.filter((_phone, index) => had[index])
}

describe.each<[string, () => object]>([
  ['/status/text', () => ({ Text: 'Hey there!' })],
  ['/status/image', () => ({ Image: image })],
  ['/status/video', () => ({ Video: video })],
])('%s is for', (path, body) => {
  test('everybody in the address book until somebody chooses', async () => {
    await choose()

    expect(await readers(path, body())).toEqual([CONTACTS.ada, CONTACTS.bob])
  })

  test('all but some', async () => {
    await choose({ type: 'blacklist', list: [CONTACTS.ada] })

    expect(await readers(path, body())).toEqual([CONTACTS.bob])
  })

  test('some only', async () => {
    await choose({ type: 'whitelist', list: [STRANGER] })

    expect(await readers(path, body())).toEqual([STRANGER])
  })

  test('nobody else where nobody is chosen', async () => {
    await choose({ type: 'whitelist', list: [] })

    expect(await readers(path, body())).toEqual([])
  })
})

describe('a status', () => {
  beforeAll(() => choose())

  test('answers like every message', async () => {
    expect(await wago.call('/status/text', { Text: 'Hi' })).toEqual([
      200,
      success({ Details: 'Sent', Id: expect.any(String), Timestamp: expect.any(String) }),
    ])
  })

  test('of a text has colours and a font', async () => {
    const { chat, message } = await seen('/status/text', {
      Text: 'Hey there! I am using WhatsApp.',
      TextColor: 4_294_967_295,
      BackgroundColor: 4_285_408_638,
      Font: 1,
    })

    expect(chat).toBe('status@broadcast')
    expect(message.extendedTextMessage).toMatchObject({
      text: 'Hey there! I am using WhatsApp.',
      textArgb: 4_294_967_295,
      backgroundArgb: 4_285_408_638,
      font: 'SYSTEM_TEXT',
    })
  })

  test('of a picture has a caption', async () => {
    const { id, message } = await seen('/status/image', { Image: image, Caption: 'this is caption' })

    expect(message.imageMessage).toMatchObject({ caption: 'this is caption', mimetype: 'image/png' })
    expect(dataUrl('image/png', await downloaded(wago, id, CONTACTS.ada))).toBe(image)
  })

  test('of a picture is fetched', async () => {
    const { message } = await seen('/status/image', { Image: screen.at('/a.png') })

    expect(message.imageMessage).toMatchObject({ width: 320, height: 200 })
  })

  test('of a video has a caption and a preview', async () => {
    const { id, message } = await seen('/status/video', {
      Video: video,
      Caption: 'this is caption',
      JpegThumbnail: 'AQID',
    })

    expect(message.videoMessage).toMatchObject({ caption: 'this is caption', jpegThumbnail: 'AQID' })
    expect(dataUrl('video/mp4', await downloaded(wago, id, CONTACTS.ada))).toBe(video)
  })

  test('takes an id of its own', async () => {
    expect((await seen('/status/text', { Text: 'Hi', Id: 'STATUS1234' })).id).toBe('STATUS1234')
  })

  test('of a repeated request is one', async () => {
    const request = {
      token: wago.user.token,
      headers: { 'Idempotency-Key': 'one status' },
      body: { Text: 'once' },
    }

    const first = await wago.request('POST', '/status/text', request)
    const second = await wago.request('POST', '/status/text', request)

    expect(second.json).toEqual(first.json)
    expect(second.headers.get('Idempotent-Replayed')).toBe('true')
  })

  test.each([
    ['/status/text', {}, 'missing Text in payload'],
    ['/status/text', { Text: '' }, 'missing Text in payload'],
    ['/status/text', { Text: ' ' }, 'a status needs a text'],
    ['/status/text', { Text: 'Hi', Font: 3 }, expect.stringMatching(/^the fonts are /)],
    ['/status/text', { Text: 'Hi', Font: -1 }, 'could not decode payload'],
    ['/status/text', { Text: 'Hi', TextColor: '#fff' }, 'could not decode payload'],
    ['/status/text', { Text: 'Hi', TextColor: 1.5 }, 'could not decode payload'],
    ['/status/image', {}, 'missing Image in payload'],
    ['/status/image', { Image: 'nonsense' }, 'could not decode base64 encoded data from payload'],
    ['/status/video', {}, 'missing Video in payload'],
    ['/status/video', { Video: 'nonsense' }, 'could not decode base64 encoded data from payload'],
    [
      '/status/video',
      { Video: 'data:video/mp4;base64,AAAA', JpegThumbnail: '?' },
      'could not decode payload',
    ],
  ])('%s refuses %j', async (path, body, sentence) => {
    expect(await wago.call(path, body)).toEqual(refused(sentence))
  })

  test.each([{ TextColor: -1 }, { BackgroundColor: 4_294_967_296 }])('has no %j', async (colour) => {
    expect(await wago.call('/status/text', { Text: 'Hi', ...colour })).toEqual(
      refused('a colour is a whole number from 0 to 4294967295'),
    )
  })

  test('is not posted when WhatsApp does not say whom it is for', async () => {
    const fault = { kind: 'refuse-query', xmlns: 'status', code: 403, text: 'forbidden', times: 1 }
    await wago.app.sandbox('POST', '/faults', fault)

    const answer = await wago.call('/status/text', { Text: 'For whom?' })

    expect(answer).toEqual([500, failure(500, expect.any(String))])
    await wago.app.sandbox('DELETE', '/faults')
  })
})
