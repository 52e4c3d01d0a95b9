import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { dataUrl, hasFfmpeg, movie, picture } from '../../helpers/media.ts'
import { Dialects, sentenceOf } from './dialects.ts'

let all: Dialects
let photo: string
beforeAll(async () => {
  all = await Dialects.start()
  photo = dataUrl('image/jpeg', await picture('jpeg'))
})
afterAll(() => all.close())

const send = (Items: unknown, more: object = {}) =>
  all.wuzapi('/chat/send/album', { Phone: all.contact, Items, ...more })

const before = async () => (await all.app.received(all.contact)).length

describe('an album', () => {
  test.each(['a person', 'a group'])(
    'reaches %s: what it holds, then the items that name it',
    async (whom) => {
      const Phone = whom === 'a group' ? all.group : all.contact

      const [status, json] = await send([{ Image: photo, Caption: 'the first' }, { Image: photo }], { Phone })

      expect([status, json.data.Items]).toEqual([
        200,
        [
          { Id: expect.stringMatching(/^3EB0[0-9A-F]{18}$/), Timestamp: expect.anything() },
          { Id: expect.stringMatching(/^3EB0[0-9A-F]{18}$/), Timestamp: expect.anything() },
        ],
      ])
      const head = await all.shownWith(json.data.Id)
      expect(head.albumMessage).toEqual({ expectedImageCount: 2, expectedVideoCount: 0 })
      for (const [index, { Id }] of json.data.Items.entries()) {
        const item = await all.shownWith(Id)
        expect(item.imageMessage.caption).toBe(index === 0 ? 'the first' : undefined)
        expect(item.messageContextInfo).toMatchObject({
          messageSecret: expect.any(String),
          messageAssociation: {
            associationType: 'MEDIA_ALBUM',
            parentMessageKey: { remoteJid: expect.any(String), fromMe: true, id: json.data.Id },
          },
        })
        expect(item.messageContextInfo.messageAssociation.parentMessageKey.remoteJid).toContain(Phone)
        expect(await all.file(Id)).toEqual(Buffer.from(photo.split(',')[1] ?? '', 'base64'))
      }
    },
  )

  test.skipIf(!hasFfmpeg)('counts videos apart', async () => {
    const film = dataUrl('video/mp4', movie('mp4'))

    const [, json] = await send([{ Image: photo }, { Video: film }, { Image: photo }])

    const head = await all.shownWith(json.data.Id)
    expect(head.albumMessage).toEqual({ expectedImageCount: 2, expectedVideoCount: 1 })
    expect(await all.shownWith(json.data.Items[1].Id)).toHaveProperty('videoMessage')
  })

  test('quotes with the album and mentions with the captions', async () => {
    const ContextInfo = { StanzaID: 'ABC', Participant: all.contactJid, MentionedJID: [all.contactJid] }

    const [, json] = await send([{ Image: photo, Caption: '@you' }, { Image: photo }], { ContextInfo })

    const head = await all.shownWith(json.data.Id)
    const [first, second] = await Promise.all(
      json.data.Items.map(({ Id }: { Id: string }) => all.shownWith(Id)),
    )
    expect(head.albumMessage.contextInfo).toMatchObject({ stanzaId: 'ABC' })
    expect(first.imageMessage.contextInfo).toEqual({ mentionedJid: [all.contactJid] })
    expect(second.imageMessage.contextInfo).toBeUndefined()
  })

  test('that is repeated under its id is the same messages', async () => {
    const Id = crypto.randomUUID()
    const items = [{ Image: photo }, { Image: photo }]

    const [, once] = await send(items, { Id })
    const [, again] = await send(items, { Id })

    expect(again).toEqual(once)
    expect(once.data.Id).toBe(Id)
    await all.shownWith(once.data.Items[1].Id)
    const got = (await all.app.received(all.contact)).filter(({ id }) => id === Id)
    expect(got).toHaveLength(1)
  })
})

describe('what WhatsApp refuses of an album', () => {
  /** Messages leave one a second, so that there is time to let one of them be refused. */
  let slow: Dialects
  beforeAll(async () => {
    slow = await Dialects.start({ env: { SEND_RATE_PER_SECOND: '1' } })
  })
  afterAll(() => slow.close())

  /** Lets so many messages that follow the announcement be refused. */
  async function sendRefused(times: number) {
    const sent = slow.wuzapi('/chat/send/album', {
      Phone: slow.contact,
      Items: [{ Image: photo }, { Image: photo }],
    })
    const count = (await slow.app.received(slow.contact)).length
    await slow.app.waitFor(
      'the announcement',
      async () => (await slow.app.received(slow.contact)).length > count,
    )
    await slow.app.sandbox('POST', '/faults', { kind: 'refuse-message', code: 420, times })
    return sent
  }

  test('is told item by item', async () => {
    const [status, json] = await sendRefused(1)

    expect([status, json.data.Items]).toEqual([
      200,
      [
        { Id: expect.any(String), Error: expect.stringContaining('420') },
        { Id: expect.any(String), Timestamp: expect.any(Number) },
      ],
    ])
    await slow.shownWith(json.data.Items[1].Id)
  })

  test('is a failure when it is all of it', async () => {
    const [status, json] = await sendRefused(2)

    expect([status, json.error]).toEqual([500, expect.stringContaining('420')])
  })
})

test.each([
  ['nothing', undefined, 'missing Items in Payload'],
  ['no items', [], 'missing Items in Payload'],
  ['an item that is neither', [{ Caption: 'a' }, { Caption: 'b' }], 'item 1 needs Image or Video'],
  ['no address', [{ Image: 'ftp://a/b' }, {}], 'Image data should start with "data:image/png;base64,"'],
])('an album of %s is refused', async (_what, items, sentence) => {
  const [status, json] = await send(items)

  expect([status, sentenceOf(json)]).toEqual([400, sentence])
})

test.each([
  ['one item', () => [{ Image: photo }], /album has 2 to 30 items/i],
  ['31 items', () => Array(31).fill({ Image: photo }), /Items has too many entries: at most 30/],
  [
    'an item that is both',
    () => [{ Image: photo }, { Image: photo, Video: photo }],
    /item 2 needs Image or Video/,
  ],
  [
    'a picture that is none',
    () => [{ Image: photo }, { Image: dataUrl('image/png', Buffer.from('text')) }],
    /^item 2: /i,
  ],
  ['broken base64', () => [{ Image: photo }, { Image: 'data:image/png;base64,%%' }], /^item 2: /i],
])('an album with %s is refused whole', async (_what, items, sentence) => {
  const count = await before()

  const [status, json] = await send(items())

  expect([status, sentenceOf(json)]).toEqual([400, expect.stringMatching(sentence)])
  expect(await before()).toBe(count)
})

test('an album is not for channels', async () => {
  const [status, json] = await send([{ Image: photo }, { Image: photo }], { Phone: '12345@newsletter' })

  expect([status, sentenceOf(json)]).toEqual([400, expect.stringMatching(/sent to a person or a group/)])
})
