import { ApiError } from '../../lib/errors.ts'
import type { BareBase64, FileInput } from '../../lib/file-input.ts'
import type { MediaKind } from '../../media/cipher.ts'
import type { Ffmpeg } from '../../media/convert/ffmpeg.ts'
import { ImageError, makeThumbnail } from '../../media/convert/images.ts'
import { isMovingGif, toMovie } from '../../media/convert/movies.ts'
import { pdfFacts } from '../../media/convert/pdf.ts'
import { toPicture } from '../../media/convert/pictures.ts'
import { StickerError } from '../../media/convert/stickers.ts'
import { UnusableFile } from '../../media/convert/unusable.ts'
import { firstFrame } from '../../media/convert/video.ts'
import { documentType, plainType, videoType } from '../../media/media-types.ts'
import type { Scratch } from '../../media/scratch.ts'
import { type MediaFile, openSource } from '../../media/source.ts'
import { type PostedMedia, postMedia } from '../../whatsapp/content/channel-upload.ts'
import type { ContextInput } from '../../whatsapp/content/context.ts'
import { documentContent, imageContent, videoContent } from '../../whatsapp/content/media.ts'
import { type PlainMedia, type UploadedMedia, uploadMedia } from '../../whatsapp/content/media-upload.ts'
import type { proto } from '../../whatsapp/library/engine.ts'
import type { LiveSession } from '../../whatsapp/session/session.ts'

const MEGABYTE = 1024 * 1024
/** Largest files fetched from addresses. */
const MAX_FETCHED_BYTES: Record<MediaKind, number> = {
  image: 16 * MEGABYTE,
  sticker: 16 * MEGABYTE,
  audio: 16 * MEGABYTE,
  video: 100 * MEGABYTE,
  document: 100 * MEGABYTE,
}

/** What the making of a message with one file works with. */
export interface Workbench {
  given: MediaFile
  ffmpeg: Ffmpeg
  scratch: Scratch
  /** As a file of the kind that the workbench was opened for, or of another. */
  upload(file: Pick<MediaFile, 'path'>, kind?: MediaKind): Promise<UploadedMedia | PlainMedia>
  /** What was uploaded for a channel, once it was. */
  posted?: PostedMedia
}

/** What is said about the file in a message. */
interface Described extends ContextInput {
  /** The type to announce; by the file when empty. */
  mimeType?: string
  caption?: string
}

// Failures carry the stage they happened in (`decode`, `fetch`, `convert`, `upload`, `thumbnail`), because dialects word
// each differently. A failure without a stage is one of the sending itself.

/** Puts the file a caller gives onto the disk. Throws as `openSource` does. */
export async function openWorkbench(
  session: LiveSession,
  { file, kind, scratch, isForChannel }: Opened,
): Promise<Workbench> {
  const { sourceAgents: agents, ffmpeg } = session.media
  const given = await openSource(file, { scratch, maxBytes: MAX_FETCHED_BYTES[kind], agents })
  const bench: Workbench = {
    given,
    ffmpeg,
    scratch,
    upload: async ({ path }, as = kind) => {
      if (!isForChannel) return uploadMedia(session, path, { kind: as, scratch }).catch(failIn('upload'))
      bench.posted = await postMedia(session, path, as).catch(failIn('upload'))
      return bench.posted.media
    },
  }
  return bench
}

interface Opened {
  file: FileInput | BareBase64
  kind: MediaKind
  scratch: Scratch
  /** Files of channels are not encrypted. */
  isForChannel?: boolean
}

/**
 * An image; a GIF that moves goes the way phones send it, which show no moving images: as a video that plays by itself.
 * Without ffmpeg it goes as it is.
 */
export async function buildPicture(bench: Workbench, message: Described): Promise<proto.IMessage> {
  return (await bench.ffmpeg.isAvailable()) && (await isMovingGif(bench.given))
    ? buildVideo(bench, { ...message, mimeType: '' })
    : buildImage(bench, message)
}

/** Uploads an image as phones show it and makes a thumbnail from it. */
export async function buildImage(bench: Workbench, message: Described): Promise<proto.IMessage> {
  const { given, upload } = bench
  const picture = await toPicture(given, bench).catch(failIn('thumbnail'))
  const uploaded = await upload(picture)
  const { jpeg, width, height } = await makeThumbnail(picture).catch(failIn('thumbnail'))
  return imageContent({
    ...message,
    uploaded,
    mimeType: picture === given ? plainType(message.mimeType, given) : picture.declaredType,
    thumbnail: jpeg,
    width,
    height,
  })
}

/** Uploads a video as phones play it, with a preview if one is given or can be made. A GIF plays by itself. */
export async function buildVideo(
  bench: Workbench,
  { mimeType, thumbnail, seconds, ...message }: Described & { thumbnail?: Uint8Array; seconds?: number },
): Promise<proto.IMessage> {
  const { given, upload, ffmpeg } = bench
  const { file, facts, isGif } = await toMovie(given, bench).catch(failIn('convert'))
  return videoContent({
    ...message,
    uploaded: await upload(file, 'video'),
    mimeType: file === given ? videoType(mimeType, given) : file.declaredType,
    thumbnail: thumbnail?.length ? thumbnail : await firstFrame(file, ffmpeg),
    seconds: seconds || facts?.seconds,
    ...(facts?.width && { width: facts.width, height: facts.height }),
    isGif,
  })
}

/** Uploads a file of any type; a PDF shows its first page and says how many it has. */
export async function buildDocument(
  { given, upload }: Workbench,
  { mimeType, fileName, ...message }: Described & { fileName: string },
): Promise<proto.IMessage> {
  const facts = await pdfFacts(given)
  return documentContent({
    ...message,
    ...facts,
    uploaded: await upload(given),
    mimeType: documentType(mimeType, given, fileName),
    fileName,
  })
}

/** Marks where an error happened. What cannot be understood here is a bug and stays as it is. */
export function failIn(stage: string): (cause: unknown) => never {
  return (cause) => {
    if (cause instanceof ApiError)
      throw new ApiError(cause.code, { ...cause.details, stage, text: cause.message }, { cause })
    if (cause instanceof UnusableFile)
      throw new ApiError('invalid_field', { stage: 'unusable', text: cause.message }, { cause })
    if (cause instanceof ImageError || cause instanceof StickerError)
      throw new ApiError(
        'media_unavailable',
        { stage: stageOf(cause, stage), status: 500, text: cause.message },
        { cause },
      )
    throw cause
  }
}

function stageOf(cause: ImageError | StickerError, stage: string): string {
  return cause instanceof StickerError ? `${stage} ${cause.source}` : stage
}
