import { ApiError } from '../../lib/errors.ts'
import { smallJpeg } from '../../media/convert/small-jpeg.ts'
import { safeFetch } from '../../media/fetch/safe-fetch.ts'
import { withScratch } from '../../media/scratch.ts'
import {
  type ButtonsContent,
  buttonsContent,
  type LocationRequestContent,
  locationRequestContent,
} from '../../whatsapp/content/buttons.ts'
import type { HeaderMedia } from '../../whatsapp/content/native-flow.ts'
import { prepareWAMessageMedia } from '../../whatsapp/library/engine.ts'
import type { Sent } from '../../whatsapp/outbound/outgoing.ts'
import type { LiveSession } from '../../whatsapp/session/session.ts'
import { type Addressed, addressed } from './addressed.ts'
import { buildHeader, type HeaderFile } from './header-media.ts'
import { deliver } from './send.ts'

export interface ButtonsMessage extends Addressed, Omit<ButtonsContent, 'media'> {
  /** Data URL or http(s) address of a picture in the place of the heading; without it when it is not to be had. */
  image?: string
  /** A file above the heading. */
  media?: HeaderFile
}

const IMAGE_BYTES = 10 * 1024 * 1024
const FETCH_TIMEOUT_MS = 30_000
// What phones show above buttons; a larger picture only costs time.
const HEADER_SIDE = 1280
const THUMBNAIL_SIDE = 72

/**
 * Sends a text with buttons. A picture given as `image` that cannot be had or read is left out and the heading is shown
 * instead; a file given as `media` is not: it fails as the sending of that file would. Throws `missing_field` without
 * buttons.
 */
export async function sendButtons(session: LiveSession, message: ButtonsMessage): Promise<Sent> {
  if (message.buttons.length === 0) throw new ApiError('missing_field', { text: 'a message needs a button' })
  const { to, id, image, media, ...content } = await addressed(session, message)
  if (media) {
    return withScratch(async (scratch) => {
      const header = await buildHeader(session, media, scratch)
      return session.send({ to, id, ...buttonsContent({ ...content, media: header }) })
    })
  }
  const picture = image ? await headerImage(session, image).catch(() => undefined) : undefined
  const header = picture ? { media: picture, title: undefined } : {}
  return session.send({ to, id, ...buttonsContent({ ...content, ...header }) })
}

async function headerImage(session: LiveSession, source: string): Promise<HeaderMedia | undefined> {
  const { bytes, width, height } = await smallJpeg(await imageBytes(source), HEADER_SIDE)
  const thumbnail = await smallJpeg(bytes, THUMBNAIL_SIDE)
  const jpegThumbnail = thumbnail.bytes.toString('base64')
  const { imageMessage } = await session.call((socket) =>
    prepareWAMessageMedia(
      { image: bytes, mimetype: 'image/jpeg', width, height, jpegThumbnail },
      { upload: socket.waUploadToServer },
    ),
  )
  return imageMessage ? { imageMessage } : undefined
}

async function imageBytes(source: string): Promise<Buffer> {
  const [, base64] = /^data:image\/[^,]*;base64,(.*)$/s.exec(source) ?? []
  if (base64 !== undefined) return Buffer.from(base64, 'base64')
  const { status, body } = await safeFetch(source, { maxBytes: IMAGE_BYTES, timeoutMs: FETCH_TIMEOUT_MS })
  if (status < 200 || status > 299) throw new Error(`unexpected status ${status}`)
  return body
}

export type LocationRequest = Addressed & LocationRequestContent

/** Asks for a place: whoever presses the button answers with a location message that quotes this one. */
export function requestLocation(session: LiveSession, message: LocationRequest): Promise<Sent> {
  return deliver(session, message, locationRequestContent)
}
