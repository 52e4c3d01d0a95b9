import { ApiError } from '../../lib/errors.ts'
import type { BareBase64, FileInput } from '../../lib/file-input.ts'
import { isChannelJid } from '../../lib/jid.ts'
import type { MediaKind } from '../../media/cipher.ts'
import { audioFacts, toOpus } from '../../media/convert/audio.ts'
import { audioFormat, audioType, OPUS } from '../../media/convert/audio-formats.ts'
import { FfmpegError } from '../../media/convert/ffmpeg.ts'
import { makeSticker } from '../../media/convert/stickers.ts'
import { converted } from '../../media/convert/unusable.ts'
import type { StickerPack } from '../../media/convert/webp.ts'
import { plainType } from '../../media/media-types.ts'
import { withScratch } from '../../media/scratch.ts'
import type { MediaFile } from '../../media/source.ts'
import { audioContent, stickerContent } from '../../whatsapp/content/media.ts'
import type { proto } from '../../whatsapp/library/engine.ts'
import type { Sent } from '../../whatsapp/outbound/outgoing.ts'
import type { LiveSession } from '../../whatsapp/session/session.ts'
import { type Addressed, addressed } from './addressed.ts'
import {
  buildDocument,
  buildPicture,
  buildVideo,
  failIn,
  openWorkbench,
  type Workbench,
} from './media-parts.ts'

/** What every message with a file has. */
export interface MediaMessage extends Addressed {
  file: FileInput | BareBase64
  /** The type to announce; by the file when empty. */
  mimeType?: string
  /** Whoever gets it can look at it once: images, videos and audio. */
  viewOnce?: boolean
}

export interface ImageMessage extends MediaMessage {
  caption?: string
}

export interface AudioMessage extends MediaMessage {
  /** A voice message, which is always Opus: other formats are converted. */
  isVoice: boolean
  /** Length; measured when 0. */
  seconds?: number
  /** 64 values from 0 to 100; computed when empty. */
  waveform?: Uint8Array
}

export interface VideoMessage extends MediaMessage {
  caption?: string
  /** JPEG; the first picture when empty. */
  thumbnail?: Uint8Array
  /** Length; left out when 0. */
  seconds?: number
}

export interface DocumentMessage extends MediaMessage {
  fileName: string
  caption?: string
}

export interface StickerMessage extends MediaMessage {
  /** PNG. */
  thumbnail?: Uint8Array
  pack?: StickerPack
}

/** Sends an image with a thumbnail made from it, or a GIF as `buildPicture` makes it. */
export function sendImage(session: LiveSession, message: ImageMessage): Promise<Sent> {
  return sendFile(session, { kind: 'image', message }, (bench, image) => buildPicture(bench, about(image)))
}

/** Sends a voice message or an audio file. */
export function sendAudio(session: LiveSession, audio: AudioMessage): Promise<Sent> {
  const { mimeType, isVoice, seconds, waveform, ...message } = audio
  return sendFile(session, { kind: 'audio', message }, async (bench, context) => {
    const { given, ffmpeg, upload } = bench
    const made = await asOpus(bench, isVoice)
    const file = made ?? given
    const uploaded = await upload(file)
    const isKnown = Boolean(seconds && (waveform?.length || !isVoice))
    const measured = isKnown ? undefined : await audioFacts(file, ffmpeg)
    return audioContent({
      ...context,
      uploaded,
      mimeType: made ? OPUS : audioType(mimeType, given, isVoice),
      isVoice,
      seconds: seconds || (measured?.seconds ?? 0),
      ...(isVoice && { waveform: waveform?.length ? waveform : measured?.waveform }),
    })
  })
}

/** Sends a video with a preview, if one can be made. */
export function sendVideo(session: LiveSession, message: VideoMessage): Promise<Sent> {
  return sendFile(session, { kind: 'video', message }, (bench, { thumbnail, seconds, ...video }) =>
    buildVideo(bench, { ...about(video), thumbnail, seconds }),
  )
}

/** Sends a file of any type. */
export function sendDocument(session: LiveSession, message: DocumentMessage): Promise<Sent> {
  return sendFile(session, { kind: 'document', message }, (bench, { fileName, ...document }) =>
    buildDocument(bench, { ...about(document), fileName }),
  )
}

/** Sends a sticker; images, GIFs and videos are converted. */
export function sendSticker(session: LiveSession, sticker: StickerMessage): Promise<Sent> {
  const { mimeType, thumbnail, pack, ...message } = sticker
  return sendFile(session, { kind: 'sticker', message }, async (bench, context) => {
    const { given, ffmpeg, scratch, upload } = bench
    const made = await makeSticker(given, {
      mimeType: plainType(mimeType, given),
      pack,
      ffmpeg,
      scratch,
    }).catch(failIn('convert'))
    return stickerContent({
      ...context,
      uploaded: await upload(made.file),
      mimeType: made.mimeType,
      isAnimated: made.isAnimated,
      ...(thumbnail?.length && { thumbnail }),
    })
  })
}

/** Opens the file, lets `build` make the message and sends it; nothing stays on disk. */
function sendFile<Message extends MediaMessage>(
  session: LiveSession,
  { kind, message: given }: { kind: MediaKind; message: Message },
  build: (workbench: Workbench, message: Message) => Promise<proto.IMessage>,
): Promise<Sent> {
  return withScratch(async (scratch) => {
    const message = await addressed(session, given)
    const { to } = message
    const isForChannel = isChannelJid(to)
    if (isForChannel && message.viewOnce)
      throw new ApiError('invalid_field', { text: 'posts of channels cannot be for one look only' })
    const bench = await openWorkbench(session, { file: message.file, kind, scratch, isForChannel })
    const built = await build(bench, message)
    return session.send({
      to,
      id: message.id,
      message: message.viewOnce ? once(built) : built,
      ...(bench.posted && {
        channelFile: { handle: bench.posted.handle, mediaType: mediaTypeOf(built, kind) },
      }),
    })
  })
}

function mediaTypeOf({ audioMessage, videoMessage }: proto.IMessage, kind: MediaKind): string {
  if (videoMessage) return videoMessage.gifPlayback ? 'gif' : 'video'
  return audioMessage?.ptt ? 'ptt' : kind
}

/** What of a request belongs into the message itself. */
function about({ mimeType, caption, ...message }: MediaMessage & { caption?: string }) {
  const { quoted, mentions, everybody, forwarded } = message
  return { mimeType, caption, quoted, mentions, everybody, forwarded }
}

function once({ imageMessage, videoMessage, audioMessage, ...other }: proto.IMessage): proto.IMessage {
  const message = {
    ...other,
    ...(imageMessage && { imageMessage: { ...imageMessage, viewOnce: true } }),
    ...(videoMessage && { videoMessage: { ...videoMessage, viewOnce: true } }),
    ...(audioMessage && { audioMessage: { ...audioMessage, viewOnce: true } }),
  }
  return { viewOnceMessage: { message } }
}

/**
 * The file as Opus where phones would not play it otherwise: every voice message, and formats of files that they do not
 * know. Undefined when it has to go as it is: because they play it, or because nobody knows what it is.
 */
async function asOpus(
  { given, ffmpeg, scratch }: Workbench,
  isVoice: boolean,
): Promise<MediaFile | undefined> {
  const format = audioFormat(given)
  if (!format || (isVoice ? format.type === OPUS : format.isPlayed)) return undefined
  const convert = () => toOpus(given, { ffmpeg, scratch, isVoice })
  if (!isVoice) return converted(ffmpeg, `${format.name} audio`, convert).catch(failIn('convert'))
  if (!(await ffmpeg.isAvailable())) {
    throw new ApiError('invalid_field', {
      stage: 'convert',
      text: 'a voice message must be Opus; install ffmpeg to have other formats converted, or send with "ptt": false',
    })
  }
  return convert().catch((error: unknown) => {
    // Broken audio goes out untouched, as the original sends everything.
    if (error instanceof FfmpegError) return undefined
    throw error
  })
}
