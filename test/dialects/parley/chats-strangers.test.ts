import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { keepResponses } from '../../../src/store/messages/message-responses.ts'
import { keepReceivedMessages } from '../../../src/store/messages/messages.ts'
import { proto } from '../../../src/whatsapp/library/engine.ts'
import { TestApp, type TestUser } from '../../helpers/app.ts'

const group = '120363000000000099@g.us'
const ada = '447900002401@s.whatsapp.net'

describe('what strangers can write into a chat', () => {
  let app: TestApp
  let user: TestUser

  const keep = (id: string, message: proto.IMessage, more: object = {}) =>
    keepReceivedMessages(app.parley.services.db, [
      {
        userId: user.id,
        id,
        chat: group,
        fromMe: false,
        sender: ada,
        at: Date.now(),
        proto: proto.Message.encode(message).finish(),
        status: 'received',
        ...more,
      },
    ])
  const path = `/parley/me/chats/${encodeURIComponent(group)}/messages`
  const shown = async (id: string) => (await app.get(`${path}/${encodeURIComponent(id)}`, user.token)).json

  beforeAll(async () => {
    app = await TestApp.start()
    user = await app.createUser()
  })
  afterAll(() => app.close())

  test('is cut where it is longer than anybody reads', async () => {
    const long = 'ä'.repeat(200_000)
    await keep('LONG', {
      extendedTextMessage: {
        text: long,
        contextInfo: { stanzaId: 'Q', participant: ada, quotedMessage: { conversation: long } },
      },
    })
    await keep('FILE', {
      documentMessage: {
        fileName: long,
        mimetype: long,
        jpegThumbnail: Buffer.alloc(500_000, 1),
        mediaKey: Buffer.alloc(32),
        url: 'https://mmg.whatsapp.net/x',
      },
    })

    const [text, file] = [await shown('LONG'), await shown('FILE')]
    const { chats } = (await app.get('/parley/me/chats', user.token)).json

    expect(text.text).toHaveLength(65_536)
    expect(text.quoted.text).toHaveLength(300)
    expect(file.media.fileName.length).toBeLessThanOrEqual(255)
    expect(file.media).not.toHaveProperty('thumbnail')
    expect(JSON.stringify(chats).length).toBeLessThan(10_000)
  })

  test('shows the newest hundred of ten thousand reactions', async () => {
    await keep('LIKED', { conversation: 'look' })
    await keepResponses(
      app.parley.services.db,
      Array.from({ length: 10_000 }, (_, index) => ({
        userId: user.id,
        targetId: 'LIKED',
        kind: 'reaction' as const,
        sender: `${5_500_000_000 + index}@s.whatsapp.net`,
        chat: group,
        content: '👍',
        at: index,
      })),
    )

    const { reactions } = await shown('LIKED')

    expect(reactions).toHaveLength(100)
    expect(reactions[0].sender).toBe('5500009999@s.whatsapp.net')
  })

  test('is changed and deleted by nobody but its author', async () => {
    await keep('MINE', { conversation: 'as written' })
    const said = { userId: user.id, targetId: 'MINE', sender: '1@s.whatsapp.net', chat: group, at: 1 }
    await keepResponses(app.parley.services.db, [
      { ...said, kind: 'edit', content: 'forged' },
      { ...said, kind: 'revoke', content: '' },
    ])

    expect(await shown('MINE')).toMatchObject({ text: 'as written', edited: false, deleted: false })
  })

  test('has odd ids, places and bytes, and is listed all the same', async () => {
    const odd = '../"<ü>\u202e%00'
    await keep(odd, { locationMessage: { degreesLatitude: Number.NaN, degreesLongitude: 1e300 } })
    await keep('BYTES', {}, { proto: Buffer.from([0xff, 0xff, 0xff]) })
    await keep('NOTHING', {})

    const list = await app.get(`${path}?limit=100`, user.token)
    const first = await app.get(`${path}?limit=1`, user.token)
    const second = await app.get(`${path}?limit=1&before=${first.json.next}`, user.token)

    expect(list.json.messages.map(({ id }: { id: string }) => id)).not.toContain('BYTES')
    expect(await shown(odd)).toMatchObject({ location: { latitude: 0, longitude: 180 } })
    expect([list.status, second.status]).toEqual([200, 200])
  })
})

describe('the chats of a user who keeps a history', () => {
  let app: TestApp

  beforeAll(async () => {
    app = await TestApp.start()
  })
  afterAll(() => app.close())

  test('hold what is no longer among the messages', async () => {
    const user = await app.linkedUser({ history: 50 })
    const phone = '447900002402'
    await app.contact(phone, { name: 'Ben' })
    const { id } = await app.sandbox('POST', `/contacts/${phone}/send`, { to: user.phone, text: 'Long ago' })
    await app.waitFor('it', () => app.parley.services.db('message_history').where({ message_id: id }).first())
    const { json: sent } = await app.post('/chat/send/text', user.token, {
      Phone: phone,
      Body: 'And my answer',
    })
    const path = `/parley/me/chats/${phone}%40s.whatsapp.net/messages`
    const texts = async () =>
      (await app.get(path, user.token)).json.messages.map((one: { id: string; text: string }) => [
        one.id,
        one.text,
      ])
    const wanted = [
      [sent.data.Id, 'And my answer'],
      [id, 'Long ago'],
    ]
    await app.waitFor('both in the history', async () => {
      const rows = await app.parley.services.db('message_history').where({ user_id: user.id })
      return rows.length === 2
    })
    expect(await texts()).toEqual(wanted)

    await app.parley.services.db('messages').where({ user_id: user.id }).delete()

    expect(await texts()).toEqual(wanted)
    expect((await app.get('/parley/me/chats?search=long%20ago', user.token)).json.chats).toMatchObject([
      { name: 'Ben', last: { text: 'And my answer', fromMe: true } },
    ])
  })
})
