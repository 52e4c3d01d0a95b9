import { extension, lookup } from 'mime-types'
import { detectContentType } from '../lib/text/detect-content-type.ts'
import { movieType } from './convert/movies.ts'
import type { MediaFile } from './source.ts'

const GENERIC = ['application/octet-stream', 'binary/octet-stream']

/** The type to announce for an image, a video or a sticker: the caller's, else what the bytes look like. */
export function plainType(asked: string | undefined, { head }: MediaFile): string {
  return asked || detectContentType(head)
}

/** The type to announce for a video that goes as it is: the caller's, else that of its container. */
export function videoType(asked: string | undefined, file: MediaFile): string {
  return asked || movieType(file) || detectContentType(file.head)
}

/** The type to announce for a document, without parameters. */
export function documentType(asked: string | undefined, file: MediaFile, fileName: string): string {
  const declared = bareType(file.declaredType)
  return (
    bareType(asked ?? '') ||
    (GENERIC.includes(declared) ? '' : declared) ||
    bareType(typeByName(fileName)) ||
    // The generic type is also the last resort.
    bareType(detectContentType(file.head))
  )
}

/** Endings that people and their programs know, where the table of types has another one or none. */
const ENDINGS: Record<string, string> = {
  'audio/mpeg': 'mp3',
  'audio/aac': 'aac',
  'audio/ogg': 'ogg',
  'audio/opus': 'opus',
  'audio/flac': 'flac',
  'video/quicktime': 'mov',
  'image/jpeg': 'jpg',
}

/** The usual file name extension for a type, without the dot; `bin` when there is none. */
export function extensionOf(mimeType: string): string {
  const bare = bareType(mimeType)
  if (bare === 'audio/ogg' && /codecs="?opus/i.test(mimeType)) return 'opus'
  return ENDINGS[bare] ?? (extension(mimeType) || 'bin')
}

/** `type/subtype` in lower case; '' when it is none. */
function bareType(type: string): string {
  const bare = type.split(';', 1)[0]?.trim().toLowerCase() ?? ''
  return /^[\w!#$&^.+-]+\/[\w!#$&^.+-]+$/.test(bare) ? bare : ''
}

function typeByName(fileName: string): string {
  const dot = fileName.lastIndexOf('.')
  return (dot >= 0 && lookup(fileName.slice(dot + 1).toLowerCase())) || ''
}
