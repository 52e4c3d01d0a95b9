import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createNewsletter } from '../../src/operations/channels/newsletters.ts'
import {
  sendAudio,
  sendDocument,
  sendImage,
  sendSticker,
  sendVideo,
} from '../../src/operations/messages/send-media.ts'
import { sampleFile } from '../../src/sandbox/world/samples.ts'
import { postMedia } from '../../src/whatsapp/content/channel-upload.ts'
import { proto } from '../../src/whatsapp/library/engine.ts'
import type { LiveSession } from '../../src/whatsapp/session/session.ts'
import { dataUrl } from '../helpers/media.ts'
import { Stage } from '../whatsapp/defects/stage.ts'

let stage: Stage
let session: LiveSession
let to: string
beforeAll(async () => {
  stage = await Stage.open()
  const user = await stage.user()
  session = stage.app.parley.services.sessions.live(user.id)
  const created = await createNewsletter(session, {
    name: 'News',
    description: '',
    picture: new Uint8Array(),
  })
  to = String(created.id)
})
afterAll(() => stage.close())

async function file(kind: Parameters<typeof sampleFile>[0]): Promise<string> {
  const { bytes, mimetype } = await sampleFile(kind)
  return dataUrl(mimetype, bytes)
}

/** What the newest post of the channel holds. */
function newest() {
  const post = stage.sandbox.network.newsletters.find(to)?.posts.at(-1)
  return { type: post?.type, message: proto.Message.decode(post?.plaintext ?? new Uint8Array()) }
}

describe('files in channels', () => {
  test.each([
    ['imageMessage', async () => sendImage(session, { to, file: await file('image'), caption: 'Look' })],
    ['videoMessage', async () => sendVideo(session, { to, file: await file('video') })],
    ['audioMessage', async () => sendAudio(session, { to, file: await file('audio'), isVoice: false })],
    ['audioMessage', async () => sendAudio(session, { to, file: await file('audio'), isVoice: true })],
    [
      'documentMessage',
      async () => sendDocument(session, { to, file: await file('document'), fileName: 'a' }),
    ],
    ['stickerMessage', async () => sendSticker(session, { to, file: await file('sticker') })],
  ] as const)('a post with %s refers to the file as it is', async (member, send) => {
    const { id } = await send()

    const { type, message } = newest()
    const { directPath, fileLength, mediaKey, fileEncSha256 } = message[member] ?? {}
    expect([id, type]).toEqual([expect.any(String), 'media'])
    expect(stage.sandbox.network.media.get(directPath ?? '')?.length).toBe(Number(fileLength))
    expect([mediaKey?.length ?? 0, fileEncSha256?.length ?? 0]).toEqual([0, 0])
  })

  test('are not for one look only', async () => {
    const image = await file('image')

    await expect(sendImage(session, { to, file: image, viewOnce: true })).rejects.toMatchObject({
      code: 'invalid_field',
    })
  })

  test('a post that does not name its upload is refused', async () => {
    await sendImage(session, { to, file: await file('image') })
    const { message } = newest()

    await expect(session.send({ to, message })).rejects.toMatchObject({
      details: { refusal: { code: '479' } },
    })
    await expect(
      session.send({ to, message, channelFile: { handle: 'made-up', mediaType: 'image' } }),
    ).rejects.toMatchObject({ code: 'upstream_refused' })
  })

  test('a post with a file that only its readers could decrypt is refused', async () => {
    const { handle } = await postMedia(session, import.meta.filename, 'document')
    const message = { documentMessage: { mediaKey: new Uint8Array(32), directPath: '/v/x' } }

    await expect(
      session.send({ to, message, channelFile: { handle, mediaType: 'document' } }),
    ).rejects.toMatchObject({ details: { refusal: { code: '479' } } })
  })
})
