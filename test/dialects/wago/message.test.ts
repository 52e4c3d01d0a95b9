import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { databaseKinds } from '../../helpers/database.ts'
import { done, failure, RFC3339, refused, success, Wago } from './wago.ts'

const sentAs = (Id: unknown) => [
  200,
  success({ Details: 'Sent', Id, Timestamp: expect.stringMatching(RFC3339) }),
]

describe.each(databaseKinds)('on %s', (database) => {
  let wago: Wago
  let group: string
  beforeAll(async () => {
    wago = await Wago.start({ database })
    group = await wago.newGroup()
  })
  afterAll(() => wago.close())

  async function sent(Body: string, Phone = wago.contact): Promise<string> {
    return (await wago.arrives('/send/text', { Phone, Body })).id
  }

  describe('/message/react', () => {
    async function reactionTo(id: string, text: string) {
      const { reactionMessage } = await wago.change(
        ({ reactionMessage }) => reactionMessage?.key.id === id && (reactionMessage.text ?? '') === text,
      )
      return reactionMessage
    }

    test("reacts to the contact's message and takes the reaction back", async () => {
      const id = await wago.hears({ text: 'It is a girl' })
      const reaction = { Phone: wago.contact, Id: id, IsFromMe: false }

      expect(await wago.call('/message/react', { ...reaction, Body: '❤️' })).toEqual(sentAs(id))
      expect((await reactionTo(id, '❤️')).key).toMatchObject({ fromMe: false })

      expect((await wago.call('/message/react', { ...reaction, Body: 'remove' }))[0]).toBe(200)
      await reactionTo(id, '')
    })

    test('takes a reaction back with an empty text', async () => {
      const id = await wago.hears({ text: 'No' })
      await wago.call('/message/react', { Phone: wago.contact, Id: id, IsFromMe: false, Body: '👎' })

      await wago.call('/message/react', { Phone: wago.contact, Id: id, IsFromMe: false, Body: '' })

      await reactionTo(id, '')
    })

    test('reacts to an own message', async () => {
      const id = await sent('Look')

      await wago.call('/message/react', { Phone: wago.contact, Id: id, IsFromMe: true, Body: '👀' })

      expect((await reactionTo(id, '👀')).key).toMatchObject({ fromMe: true })
    })

    test('reacts in a group, where the author has to be named', async () => {
      const id = await wago.hears({ group, text: 'Dinner?' })
      const reaction = { Phone: group, Id: id, IsFromMe: false, Body: '🍕' }

      const [status, json] = await wago.call('/message/react', { ...reaction, Participant: wago.contactJid })
      expect([status, json]).toEqual(sentAs(id))
      expect(await reactionTo(id, '🍕')).toHaveProperty('key')
      expect(await wago.call('/message/react', { ...reaction, Participant: group })).toEqual(
        refused('Participant is not a person'),
      )
    })

    test.each([
      [{ IsFromMe: 'true' }, 'could not decode payload'],
      [{ Body: 7 }, 'could not decode payload'],
      [{ Phone: 'Maria' }, 'could not parse Phone'],
    ])('refuses %j', async (field, sentence) => {
      const body = { Phone: wago.contact, Id: 'A1', IsFromMe: true, Body: '👍', ...field }

      expect(await wago.call('/message/react', body)).toEqual(refused(sentence))
    })
  })

  describe('/message/presence', () => {
    const shown = (state: string) =>
      wago.observed(({ tag, children }) => tag === 'chatstate' && children[0] === state)

    test.each([
      [{ State: 'composing' }, 'composing'],
      [{ State: 'composing', Media: 'audio' }, 'composing'],
      [{ State: 'paused' }, 'paused'],
    ])('shows %j to the contact', async (body, tag) => {
      const answer = await wago.call('/message/presence', { Phone: wago.contact, ...body })

      expect(answer).toEqual(done('Chat presence set successfuly'))
      await shown(tag)
    })

    test('refuses other states', async () => {
      expect(await wago.call('/message/presence', { Phone: wago.contact, State: 'dancing' })).toEqual(
        refused('State must be composing or paused'),
      )
    })
  })

  describe('/message/markread', () => {
    const seen = (id: string) =>
      wago.observed(({ tag, attrs }) => tag === 'receipt' && attrs.type === 'read' && attrs.id === id)

    test('tells the contact', async () => {
      const id = await wago.hears({ text: 'Read me' })

      const answer = await wago.call('/message/markread', {
        Id: [id],
        Chat: wago.contactJid,
        Sender: wago.contactJid,
      })

      expect(answer).toEqual(done('Message(s) marked as read'))
      await seen(id)
    })

    test('takes one id as a text', async () => {
      const id = await wago.hears({ text: 'Me too' })

      await wago.call('/message/markread', { id, chat: wago.contact })

      await seen(id)
    })

    test('tells the author of a message in a group', async () => {
      const id = await wago.hears({ group, text: 'And me' })

      await wago.call('/message/markread', { Id: [id], Chat: group, Sender: wago.contact })

      await seen(id)
    })

    test.each([
      [{ Sender: '120363000000000000@g.us' }, 'Sender is not a person'],
      [{ Id: [7] }, 'could not decode payload'],
    ])('refuses %j', async (field, sentence) => {
      const body = { Id: ['A'], Chat: wago.contact, ...field }

      expect(await wago.call('/message/markread', body)).toEqual(refused(sentence))
    })
  })

  describe('/message/status', () => {
    test('tells how far a message got', async () => {
      const id = await sent('How far?')
      const status = async () => (await wago.call('/message/status', { Id: id }))[1].data

      await expect.poll(status).toEqual({ Id: id, Status: 'Delivered' })
      await wago.app.sandbox('POST', `/contacts/${wago.contact}/receipt`, { ids: [id] })

      await expect.poll(status).toEqual({ Id: id, Status: 'Read' })
    })

    test('is kept when the session is not connected', async () => {
      const user = await wago.app.linkedUser({ events: '' })
      const [, { data }] = await wago.call('/send/text', { Phone: wago.contact, Body: 'Hi' }, user.token)
      await wago.post('/session/disconnect', undefined, user.token)

      expect((await wago.call('/message/status', { Id: data.Id }, user.token))[0]).toBe(200)
    })

    test('knows nothing of messages that came in, and of those of other sessions', async () => {
      const other = await wago.app.linkedUser({ events: '' })
      const unknown = [404, failure(404, 'there is no sent message with this id')]

      expect(await wago.call('/message/status', { Id: await wago.hears({ text: 'Hi' }) })).toEqual(unknown)
      expect(await wago.call('/message/status', { Id: await sent('Hi') }, other.token)).toEqual(unknown)
    })
  })

  describe('/message/delete', () => {
    test('takes a message back for everyone', async () => {
      const id = await sent('Oops')

      expect(await wago.call('/message/delete', { Chat: wago.contact, MessageID: id })).toEqual(
        sentAs(expect.any(String)),
      )

      await wago.change(
        ({ protocolMessage }) => protocolMessage?.type === 'REVOKE' && protocolMessage.key.id === id,
      )
    })
  })

  describe('/message/edit', () => {
    test('changes the text of a message', async () => {
      const id = await sent('Helo World')

      const answer = await wago.call('/message/edit', {
        Chat: wago.contact,
        Message: 'Hello World',
        MessageID: id,
      })

      expect(answer).toEqual(sentAs(expect.any(String)))
      const found = await wago.change((message) => JSON.stringify(message).includes('MESSAGE_EDIT'))
      expect(JSON.stringify(found)).toContain('Hello World')
      expect(JSON.stringify(found)).toContain(id)
    })
  })

  describe('/message/download', () => {
    /** What a message that came in says of its file: what the webhook tells. */
    async function described(kind: string): Promise<Record<string, unknown>> {
      const id = await wago.hears({ [kind]: true })
      const messages = await wago.app.received(wago.user.phone)
      const { message } = messages.find((one) => one.id === id)
      const { url, directPath, mimetype, fileSha256, fileLength, mediaKey, fileEncSha256 } =
        message[`${kind}Message`]
      return {
        Url: url,
        DirectPath: directPath,
        MediaKey: mediaKey,
        Mimetype: mimetype,
        FileEncSHA256: fileEncSha256,
        FileSHA256: fileSha256,
        FileLength: Number(fileLength),
      }
    }

    test.each([
      ['/message/downloadimage', 'image', 'image/jpeg'],
      ['/message/download/image', 'image', 'image/jpeg'],
      ['/message/download/video', 'video', 'video/mp4'],
      ['/message/download/document', 'document', 'application/pdf'],
      ['/message/download/audio', 'audio', 'audio/ogg; codecs=opus'],
      ['/message/download/sticker', 'sticker', 'image/webp'],
    ])('%s gives the file as a data URL', async (path, kind, mimetype) => {
      const file = await described(kind)

      const [status, json] = await wago.call(path, file)

      expect(status).toBe(200)
      expect(json.data.Mimetype).toBe(mimetype)
      const [head = '', base64 = ''] = json.data.Data.split(';base64,')
      expect(head).toBe(`data:${mimetype}`)
      expect(Buffer.from(base64, 'base64')).toHaveLength(Number(file.FileLength))
    })

    test('takes the keys as messages write them', async () => {
      const { Url, DirectPath, MediaKey, Mimetype, FileEncSHA256, FileSHA256, FileLength } =
        await described('image')

      const [status] = await wago.call('/message/download/image', {
        url: Url,
        directPath: DirectPath,
        mediaKey: MediaKey,
        mimetype: Mimetype,
        fileEncSHA256: FileEncSHA256,
        fileSHA256: FileSHA256,
        fileLength: FileLength,
      })

      expect(status).toBe(200)
    })

    test('does with one of both addresses', async () => {
      const { Url: _url, ...file } = await described('image')

      expect((await wago.call('/message/download/image', file))[0]).toBe(200)
    })

    test('says that a file does not open with a key', async () => {
      const file = { ...(await described('image')), MediaKey: Buffer.alloc(32, 7).toString('base64') }

      expect(await wago.call('/message/download/image', file)).toEqual([
        500,
        failure(500, expect.stringMatching(/^failed to download image ./)),
      ])
    })
  })
})
