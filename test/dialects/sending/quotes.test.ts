import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { dataUrl, picture } from '../../helpers/media.ts'
import { Dialects } from './dialects.ts'

let all: Dialects
beforeAll(async () => {
  all = await Dialects.start()
})
afterAll(() => all.close())

/** What says that a quoted picture is the one that was sent, and shows it before it is downloaded. */
const essentials = {
  mimetype: 'image/jpeg',
  caption: 'the old bridge',
  directPath: expect.any(String),
  mediaKey: expect.any(String),
  jpegThumbnail: expect.any(String),
}

describe('a reply to a picture shows it', () => {
  /** An own picture that the contact has got. */
  async function sentPicture(to = all.contact): Promise<string> {
    const Image = dataUrl('image/jpeg', await picture('jpeg', [640, 480]))
    const [, { data }] = await all.wuzapi('/chat/send/image', { Phone: to, Image, Caption: 'the old bridge' })
    await all.shownWith(data.Id)
    return data.Id
  }

  test('in wago-api', async () => {
    const messageId = await sentPicture()

    const { extendedTextMessage } = await all.shown(
      await all.wagoApi('/message/reply', { chatId: all.contactJid, messageId, text: 'seen?' }),
    )

    const { stanzaId, quotedMessage } = extendedTextMessage.contextInfo
    expect(stanzaId).toBe(messageId)
    expect(quotedMessage.imageMessage).toMatchObject(essentials)
    const small = Buffer.from(quotedMessage.imageMessage.jpegThumbnail, 'base64')
    expect(await sharp(small).metadata()).toMatchObject({ format: 'jpeg' })
  })

  test('in wago-api by a picture, in a group', async () => {
    const messageId = await sentPicture(all.group)
    const mediaBase64 = (await picture('jpeg')).toString('base64')

    const { imageMessage } = await all.shown(
      await all.wagoApi('/message/reply', { chatId: all.group, messageId, mediaBase64, caption: 'and now' }),
    )

    expect(imageMessage.contextInfo.quotedMessage.imageMessage).toMatchObject(essentials)
  })

  test('in multisession', async () => {
    const id = await sentPicture()

    const { extendedTextMessage } = await all.shown(
      await all.multisession(`POST /messages/${id}/reply`, { chat_jid: all.contactJid, text: 'seen?' }),
    )

    expect(extendedTextMessage.contextInfo.quotedMessage.imageMessage).toMatchObject(essentials)
  })

  test('that the contact has sent', async () => {
    const messageId = await all.hears({ image: { caption: 'from me' } })

    const { extendedTextMessage } = await all.shown(
      await all.wagoApi('/message/reply', { chatId: all.contactJid, messageId, text: 'nice' }),
    )

    expect(extendedTextMessage.contextInfo.quotedMessage.imageMessage).toMatchObject({
      directPath: expect.any(String),
      mediaKey: expect.any(String),
    })
  })
})
