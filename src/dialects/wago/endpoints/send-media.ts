import { z } from 'zod'
import { type Endpoint, post, type StageFailures } from '../../../http/endpoint/endpoint.ts'
import { bool, bytes, text, unsigned } from '../../../http/endpoint/fields.ts'
import { limits } from '../../../lib/limits.ts'
import type { Addressed } from '../../../operations/messages/addressed.ts'
import {
  sendAudio,
  sendDocument,
  sendImage,
  sendSticker,
  sendVideo,
} from '../../../operations/messages/send-media.ts'
import type { Sent } from '../../../whatsapp/outbound/outgoing.ts'
import type { LiveSession } from '../../../whatsapp/session/session.ts'
import { documentName, isNamed } from '../../shared/document-name.ts'
import { recipient, required, requiredMedia } from '../shapes/fields.ts'
import { addressed, messageFields, phone } from '../shapes/message-fields.ts'
import { sent } from '../shapes/replies.ts'

const caption = text().describe('Text below it')

/** How failures read by their stage. */
export const mediaFailures: StageFailures = {
  decode: 'could not decode base64 encoded data from payload',
  fetch: 'failed to fetch the file: %s',
  upload: 'failed to upload file: %s',
  thumbnail: 'could not decode image for thumbnail preparation: %s',
  'convert image': 'failed to convert image to a sticker: %s',
  'convert video/gif': 'failed to convert video to a sticker: %s',
}

/** A file that is fetched and sent as whatever `kind` says. */
interface FileFromUrl extends Addressed {
  kind: 'image' | 'video' | 'audio' | 'document'
  file: string
  caption: string
  fileName: string
  /** Of a video or audio; measured when 0. */
  seconds: number
}

/** The file's own name when none is given. */
function sendFromUrl(
  session: LiveSession,
  { kind, seconds, fileName, ...message }: FileFromUrl,
): Promise<Sent> {
  const { caption: _unused, ...plain } = message
  switch (kind) {
    case 'image':
      return sendImage(session, message)
    case 'video':
      return sendVideo(session, { ...message, seconds })
    case 'audio':
      return sendAudio(session, { ...plain, isVoice: false, seconds })
    case 'document':
      return sendDocument(session, { ...message, fileName: fileName || nameIn(message.file) })
  }
}

/** The last part of an address's path, as people read it. */
function nameIn(url: string): string {
  const last = URL.canParse(url) ? new URL(url).pathname.split('/').at(-1) : ''
  return decoded(last ?? '') || 'document'
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part)
  } catch {
    // Some write a percent sign as it is, or in another alphabet's bytes.
    return part
  }
}

export const sendMediaEndpoints: Endpoint[] = [
  post('/send/mediaurl', {
    summary: 'Send a file that the server fetches from an address',
    body: z.object({
      Jid: recipient('Jid').describe('Phone number or JID'),
      Url: required('Url', limits.url).refine(
        (url) => /^https?:\/\//i.test(url),
        'Url must be an http or https address',
      ),
      Type: required('Type').pipe(
        z.enum(['image', 'video', 'audio', 'document'], 'Type must be image, video, audio or document'),
      ),
      Duration: unsigned().describe('Length of a video or audio in seconds; measured when 0'),
      Caption: caption,
      Filename: text(limits.fileName).describe('Name of a document; that of the address when empty'),
      ...messageFields,
    }),
    run: sendFromUrl,
    repeatable: 'message',
    input: ({ body }) => ({
      ...addressed({ ...body, Phone: body.Jid }),
      kind: body.Type,
      file: body.Url,
      caption: body.Caption,
      fileName: body.Filename,
      seconds: body.Duration,
    }),
    reply: sent,
    failure: mediaFailures,
  }),

  post('/send/image', {
    summary: 'Send an image',
    body: z.object({
      Phone: phone,
      Image: requiredMedia('Image').describe(
        'JPEG, PNG, GIF, WebP, HEIC, AVIF or BMP as data URL, http(s) address or form file',
      ),
      Caption: caption,
      ...messageFields,
    }),
    run: sendImage,
    repeatable: 'message',
    input: ({ body }) => ({ ...addressed(body), file: body.Image, caption: body.Caption }),
    reply: sent,
    failure: mediaFailures,
  }),

  post('/send/audio', {
    summary: 'Send a voice message or an audio file',
    body: z.object({
      Phone: phone,
      Audio: requiredMedia('Audio').describe('Any audio as data URL, http(s) address or form file'),
      Ptt: bool().describe('A voice message, which is converted to Opus where needed'),
      Duration: unsigned().describe('Length in seconds; measured when 0'),
      ...messageFields,
    }),
    run: sendAudio,
    repeatable: 'message',
    input: ({ body }) => ({
      ...addressed(body),
      file: body.Audio,
      isVoice: body.Ptt,
      seconds: body.Duration,
    }),
    reply: sent,
    failure: mediaFailures,
  }),

  post('/send/document', {
    summary: 'Send a file of any type',
    body: z
      .object({
        Phone: phone,
        Document: requiredMedia('Document').describe(
          'Data URL (`data:application/octet-stream;base64,…`), http(s) address or form file',
        ),
        FileName: text(limits.fileName).describe(
          'The name the recipient sees; that of a form file when empty',
        ),
        Caption: caption,
        Mimetype: text(limits.mimeType).describe('The type to announce; by name and content when empty'),
        ...messageFields,
      })
      .refine(isNamed, 'missing FileName in payload'),
    example: {
      Phone: '5491155554444',
      Document: 'data:application/octet-stream;base64,aGVsbG8=',
      FileName: 'order.txt',
    },
    run: sendDocument,
    repeatable: 'message',
    input: ({ body }) => ({
      ...addressed(body),
      file: body.Document,
      fileName: documentName(body),
      caption: body.Caption,
      mimeType: body.Mimetype,
    }),
    reply: sent,
    failure: mediaFailures,
  }),

  post('/send/video', {
    summary: 'Send a video',
    body: z.object({
      Phone: phone,
      Video: requiredMedia('Video').describe(
        'Any video or GIF as data URL, http(s) address or form file; converted to MP4 where needed',
      ),
      Caption: caption,
      JpegThumbnail: bytes(limits.thumbnail).describe('Preview; the first picture when empty'),
      ...messageFields,
    }),
    run: sendVideo,
    repeatable: 'message',
    input: ({ body }) => ({
      ...addressed(body),
      file: body.Video,
      caption: body.Caption,
      thumbnail: body.JpegThumbnail,
    }),
    reply: sent,
    failure: mediaFailures,
  }),

  post('/send/sticker', {
    summary: 'Send a sticker; images, GIFs and videos are converted',
    body: z.object({
      Phone: phone,
      Sticker: requiredMedia('Sticker').describe(
        'WebP, JPEG, PNG, GIF or a video as data URL, address or form file',
      ),
      PngThumbnail: bytes(limits.thumbnail),
      ...messageFields,
    }),
    run: sendSticker,
    repeatable: 'message',
    input: ({ body }) => ({ ...addressed(body), file: body.Sticker, thumbnail: body.PngThumbnail }),
    reply: sent,
    failure: mediaFailures,
  }),
]
