import { smallJpeg } from '../../media/convert/small-jpeg.ts'
import { safeFetch } from '../../media/fetch/safe-fetch.ts'
import { type ButtonsContent, buttonsContent } from '../../whatsapp/content/buttons.ts'
import { prepareWAMessageMedia, type proto } from '../../whatsapp/library/engine.ts'
import type { Sent } from '../../whatsapp/outbound/outgoing.ts'
import type { LiveSession } from '../../whatsapp/session/session.ts'
import type { Addressed } from './send.ts'

export interface ButtonsMessage extends Addressed, Omit<ButtonsContent, 'image'> {
  /** Data URL or http(s) address of a picture above the text. */
  image?: string
}

const IMAGE_BYTES = 10 * 1024 * 1024
const FETCH_TIMEOUT_MS = 30_000
// What phones show above buttons; a larger picture only costs time.
const HEADER_SIDE = 1280
const THUMBNAIL_SIDE = 72

/** Sends a text with buttons. A picture that cannot be had or read is left out and the heading is shown instead. */
export async function sendButtons(session: LiveSession, message: ButtonsMessage): Promise<Sent> {
  const { to, id, image, ...content } = message
  const recipient = await session.resolve(to)
  const header = image ? await headerImage(session, image).catch(() => undefined) : undefined
  return session.send({ to: recipient, id, ...buttonsContent({ ...content, image: header }) })
}

async function headerImage(
  session: LiveSession,
  source: string,
): Promise<proto.Message.IImageMessage | undefined> {
  const { bytes, width, height } = await smallJpeg(await imageBytes(source), HEADER_SIDE)
  const thumbnail = await smallJpeg(bytes, THUMBNAIL_SIDE)
  const jpegThumbnail = thumbnail.bytes.toString('base64')
  const { imageMessage } = await session.call((socket) =>
    prepareWAMessageMedia(
      { image: bytes, mimetype: 'image/jpeg', width, height, jpegThumbnail },
      { upload: socket.waUploadToServer },
    ),
  )
  return imageMessage ?? undefined
}

async function imageBytes(source: string): Promise<Buffer> {
  const [, base64] = /^data:image\/[^,]*;base64,(.*)$/s.exec(source) ?? []
  if (base64 !== undefined) return Buffer.from(base64, 'base64')
  const { status, body } = await safeFetch(source, { maxBytes: IMAGE_BYTES, timeoutMs: FETCH_TIMEOUT_MS })
  if (status < 200 || status > 299) throw new Error(`unexpected status ${status}`)
  return body
}
