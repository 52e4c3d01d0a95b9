import { z } from 'zod'
import {
  type Endpoint,
  post,
  type Reply,
  reply,
  type StageFailures,
} from '../../../http/endpoint/endpoint.ts'
import {
  bool,
  bytes,
  file,
  listUpTo,
  optional,
  requiredFile,
  stringArray,
  text,
  unsigned,
} from '../../../http/endpoint/fields.ts'
import { ApiError } from '../../../lib/errors.ts'
import { type FileInput, isLongText, isUpload } from '../../../lib/file-input.ts'
import { newId } from '../../../lib/ids.ts'
import { limits } from '../../../lib/limits.ts'
import { type AlbumItem, type SentAlbum, sendAlbum } from '../../../operations/messages/send-album.ts'
import {
  sendAudio,
  sendDocument,
  sendImage,
  sendSticker,
  sendVideo,
} from '../../../operations/messages/send-media.ts'
import { documentName, isNamed } from '../../shared/document-name.ts'
import { required } from '../shapes/fields.ts'
import { sent, sentShape, timestamp } from '../shapes/replies.ts'
import { addressed, messageFields } from './send.ts'

const phone = required('Phone', limits.address).describe('Phone number or JID')
const caption = text().describe('Text below it')
const mimeType = text(limits.mimeType).describe('The type to announce; by the file when empty')

/** A file that must be there. */
function media(name: string) {
  return requiredFile(`missing ${name} in Payload`)
}

/** The file, if it is a data URL that begins with `prefix`, an http(s) address or an upload; else `sentence` is thrown. */
function ofKind(given: FileInput, prefix: string, sentence: string): FileInput {
  if (isUpload(given)) return given
  const beginning = isLongText(given) ? given.head : given
  if (beginning.startsWith(prefix) || /^https?:\/\/[^/]/i.test(beginning)) return given
  throw new ApiError('invalid_field', { text: sentence })
}

const undecodable = 'could not decode base64 encoded data from payload'
const imageBeginning = 'Image data should start with "data:image/png;base64,"'
const wrongBeginning = 'data should start with "data:mime/type;base64,"'

/** How failures read; `name` is what an address was expected to hold. */
function failures(name: string, others: StageFailures = {}): StageFailures {
  return {
    decode: undecodable,
    fetch: `failed to fetch ${name} from url: %s`,
    upload: 'failed to upload file: %s',
    other: 'Error sending message: %s',
    ...others,
  }
}

/** The pack of a sticker, if anything is said about one. */
function pack(body: { PackId: string; PackName: string; PackPublisher: string; Emojis: string[] }) {
  const { PackId, PackName: name, PackPublisher: publisher, Emojis: emojis } = body
  if (PackId === '' && name === '' && publisher === '' && emojis.length === 0) return {}
  return { pack: { id: PackId || newId(), name, publisher, emojis } }
}

/** In the reference document's days every audio was a voice message. */
function audioType(asked: string, isVoice: boolean, profile: string): string {
  return asked === '' && isVoice && profile === 'reference' ? 'audio/ogg; codecs=opus' : asked
}

const albumItem = z.object({
  Image: file().describe('JPEG, PNG, GIF, WebP, HEIC, AVIF or BMP as data URL or http(s) address'),
  Video: file().describe('Any video as data URL or http(s) address; converted to MP4 where needed'),
  Caption: caption,
  MimeType: mimeType,
})

/** Each item is a picture or a video. Throws `missing_field` for one that is neither, or both. */
function itemsOf(items: z.infer<typeof albumItem>[]): AlbumItem[] {
  return items.map(({ Image, Video, Caption, MimeType }, index) => {
    const about = { caption: Caption, mimeType: MimeType }
    if (Image && !Video) return { kind: 'image', file: ofKind(Image, 'data:image', imageBeginning), ...about }
    if (Video && !Image) return { kind: 'video', file: ofKind(Video, 'data', wrongBeginning), ...about }
    throw new ApiError('missing_field', { text: `item ${index + 1} needs Image or Video` })
  })
}

const outcome = z.object({
  Id: z.string(),
  Timestamp: sentShape.shape.Timestamp.optional(),
  Error: z.string().optional().describe('Why it was not sent; absent when it was'),
})

const sentAlbum: Reply<SentAlbum> = reply(
  sentShape.extend({ Items: z.array(outcome).describe('What became of each, in their order') }),
  (album, context) => ({
    Details: 'Sent',
    Id: album.id,
    Timestamp: timestamp(album.timestamp, context),
    Items: album.items.map((item) =>
      'sent' in item
        ? { Id: item.sent.id, Timestamp: timestamp(item.sent.timestamp, context) }
        : { Id: item.id, Error: item.failure.message },
    ),
  }),
)

export const sendMediaEndpoints: Endpoint[] = [
  post('/chat/send/image', {
    summary: 'Send an image',
    body: z.object({
      Phone: phone,
      Image: media('Image').describe(
        'JPEG, PNG, GIF, WebP, HEIC, AVIF or BMP as data URL, http(s) address or form file',
      ),
      Caption: caption,
      MimeType: mimeType,
      ...messageFields,
    }),
    run: sendImage,
    repeatable: 'message',
    input: ({ body }, { profile }) => ({
      ...addressed(body, profile),
      file: ofKind(body.Image, 'data:image', imageBeginning),
      caption: body.Caption,
      mimeType: body.MimeType,
    }),
    reply: sent,
    failure: failures('image', {
      thumbnail: 'could not decode image for thumbnail preparation: %s',
    }),
  }),

  post('/chat/send/audio', {
    summary: 'Send a voice message or an audio file',
    body: z.object({
      Phone: phone,
      Audio: media('Audio').describe('Any audio as data URL, http(s) address or form file'),
      ptt: optional(bool()).describe('A voice message (default), which is converted to Opus where needed'),
      mimetype: mimeType,
      Seconds: unsigned().describe('Length; measured when 0'),
      Waveform: bytes(limits.waveform).describe('64 values from 0 to 100; computed when empty'),
      Caption: text().describe('Has no effect'),
      ...messageFields,
    }),
    run: sendAudio,
    repeatable: 'message',
    input: ({ body }, { profile }) => {
      const isVoice = body.ptt ?? true
      return {
        ...addressed(body, profile),
        file: ofKind(body.Audio, 'data:audio/', 'audio must be base64 (data:audio/) or valid HTTP URL'),
        isVoice,
        mimeType: audioType(body.mimetype, isVoice, profile),
        seconds: body.Seconds,
        waveform: body.Waveform,
      }
    },
    reply: sent,
    failure: failures('audio', {
      decode: 'could not decode base64 encoded data',
      fetch: 'failed to fetch audio: %s',
      convert: '%s',
    }),
  }),

  post('/chat/send/document', {
    summary: 'Send a file of any type',
    body: z
      .object({
        Phone: phone,
        Document: media('Document').describe('Data URL, http(s) address or form file'),
        FileName: text(limits.fileName).describe(
          'The name the recipient sees; that of a form file when empty',
        ),
        Caption: caption,
        MimeType: mimeType,
        ...messageFields,
      })
      .refine(isNamed, 'missing FileName in Payload'),
    example: {
      Phone: '5491155554444',
      Document: 'data:application/octet-stream;base64,aGVsbG8=',
      FileName: 'order.txt',
    },
    run: sendDocument,
    repeatable: 'message',
    input: ({ body }, { profile }) => ({
      ...addressed(body, profile),
      file: ofKind(body.Document, 'data:', 'document data should start with "data:" or be a valid HTTP URL'),
      fileName: documentName(body),
      caption: body.Caption,
      mimeType: body.MimeType,
    }),
    reply: sent,
    failure: failures('document'),
  }),

  post('/chat/send/video', {
    summary: 'Send a video',
    body: z.object({
      Phone: phone,
      Video: media('Video').describe(
        'Any video or GIF as data URL, http(s) address or form file; converted to MP4 where needed',
      ),
      Caption: caption,
      JPEGThumbnail: bytes(limits.thumbnail).describe(
        'Preview; the first picture when empty and ffmpeg is there',
      ),
      MimeType: mimeType,
      ...messageFields,
    }),
    run: sendVideo,
    repeatable: 'message',
    input: ({ body }, { profile }) => ({
      ...addressed(body, profile),
      file: ofKind(body.Video, 'data', wrongBeginning),
      caption: body.Caption,
      thumbnail: body.JPEGThumbnail,
      mimeType: body.MimeType,
    }),
    reply: sent,
    failure: failures('video', { other: 'error sending message: %s' }),
  }),

  post('/chat/send/album', {
    summary:
      'Send pictures and videos that are shown as one; nothing is sent when one of them cannot be used',
    body: z.object({
      Phone: phone,
      Items: listUpTo(
        limits.albumItems,
        z.array(albumItem, 'missing Items in Payload').min(1, 'missing Items in Payload'),
      ).describe('2 to 30, each with Image or Video'),
      ...messageFields,
    }),
    run: sendAlbum,
    repeatable: 'message',
    input: ({ body }, { profile }) => ({ ...addressed(body, profile), items: itemsOf(body.Items) }),
    reply: sentAlbum,
    failure: 'error sending message: %s',
  }),

  post('/chat/send/sticker', {
    summary: 'Send a sticker; images, GIFs and videos are converted',
    body: z.object({
      Phone: phone,
      Sticker: media('Sticker').describe('WebP, JPEG, PNG, GIF or a video as data URL, address or form file'),
      PngThumbnail: bytes(limits.thumbnail),
      MimeType: mimeType,
      PackId: text(limits.stickerPack),
      PackName: text(limits.stickerPack),
      PackPublisher: text(limits.stickerPack),
      Emojis: stringArray({ each: limits.reaction, all: limits.stickerEmojis }),
      ...messageFields,
    }),
    run: sendSticker,
    repeatable: 'message',
    input: ({ body }, { profile }) => ({
      ...addressed(body, profile),
      file: ofKind(body.Sticker, 'data', wrongBeginning),
      thumbnail: body.PngThumbnail,
      mimeType: body.MimeType,
      ...pack(body),
    }),
    reply: sent,
    failure: failures('sticker', {
      'convert image': 'failed to convert image sticker to webp: %s',
      'convert video/gif': 'failed to convert video/gif sticker to webp: %s',
      upload: 'Failed to upload file: %s',
    }),
  }),
]
