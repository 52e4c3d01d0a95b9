import type { StageFailures } from '../../../http/endpoint/endpoint.ts'
import { ApiError } from '../../../lib/errors.ts'
import { type BareBase64, type FileInput, isUpload } from '../../../lib/file-input.ts'
import { checkFile, type FileRule } from '../../../operations/messages/check-file.ts'
import type { LiveSession } from '../../../whatsapp/session/session.ts'
import { keepName } from '../../shared/keep-name.ts'

const MEGABYTE = 1024 * 1024

const DOCUMENTS =
  /^application\/(pdf|zip|octet-stream|msword|vnd\.ms-\w+|vnd\.openxmlformats-[\w.-]+)$|^text\/plain\b/

/** Which files the document allows as what. The kinds are told by content: what clients declare is often wrong. */
export const fileRules = {
  // Whatever cannot be read as an image fails when its thumbnail is made.
  image: { name: 'Image', maxBytes: 20 * MEGABYTE },
  video: {
    name: 'Video',
    maxBytes: 100 * MEGABYTE,
    types: /^(video\/.*|application\/octet-stream)$/,
  },
  audio: {
    name: 'Audio',
    maxBytes: 20 * MEGABYTE,
    // Recordings of phones come in MP4, and raw AAC has no signature.
    types: /^(audio\/.*|video\/(mp4|webm)|application\/(ogg|octet-stream))$/,
  },
  sticker: {
    name: 'Sticker',
    maxBytes: 20 * MEGABYTE,
    types: /^(image\/(webp|png|jpeg|gif)|video\/.*)$/,
    advice: '. Stickers must be in WebP format',
  },
  document: { name: 'Document', maxBytes: 50 * MEGABYTE, types: DOCUMENTS },
} as const satisfies Record<string, FileRule>

/** How failures read by their stage. */
export const fileFailures: StageFailures = {
  thumbnail: 'Error While Decoding Thumbnail Image Stream',
  'convert image': 'Error While Decoding Sticker Image Stream',
  'convert video/gif': 'Error While Decoding Sticker Image Stream',
}

/** A send that is told what type its file has by content. */
type FileSend<Input, Result> = (session: LiveSession, input: Input, type: string) => Promise<Result>

/** A send whose file is looked at first; one that turns out to be unreadable is the caller's mistake. */
export function checked<Input extends { file: FileInput | BareBase64 }, Result>(
  rule: FileRule,
  send: FileSend<Input, Result>,
): (session: LiveSession, input: Input) => Promise<Result> {
  const run = async (session: LiveSession, input: Input): Promise<Result> => {
    const { file } = input
    const isThere = typeof file === 'object' && 'path' in file && isUpload(file)
    const type = isThere ? await checkFile(file, rule) : ''
    return send(session, input, type).catch(unreadable)
  }
  return keepName(send, run)
}

/** A send of a file that is not looked at first: also there the caller's mistake is 400. */
export function unchecked<Input, Result>(
  send: (session: LiveSession, input: Input) => Promise<Result>,
): (session: LiveSession, input: Input) => Promise<Result> {
  return keepName(send, (session, input) => send(session, input).catch(unreadable))
}

function unreadable(error: unknown): never {
  if (!(error instanceof ApiError) || error.code !== 'media_unavailable') throw error
  throw new ApiError(error.code, { ...error.details, status: 400 }, { cause: error })
}

/** What audio is announced as, by the type of its content; undefined where that says nothing. */
export function audioTypeOf(type: string, isVoice: boolean): string | undefined {
  if (type === 'application/ogg') return isVoice ? 'audio/ogg; codecs=opus' : 'audio/ogg'
  if (type.startsWith('video/')) return type.replace('video/', 'audio/')
  return type.startsWith('audio/') ? type : undefined
}

/** What a video is announced as, by the type of its content; where that says nothing, the client is believed. */
export function videoTypeOf(type: string, file: FileInput | BareBase64): string {
  if (type.startsWith('video/')) return type
  const declared = typeof file === 'object' && 'mimeType' in file ? file.mimeType : ''
  return /^video\/[\w.+-]+$/.test(declared) ? declared : 'video/mp4'
}
