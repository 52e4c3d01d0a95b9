import { limits } from './limits.ts'

/** A file that came as a part of a form. It lies on disk until the request is answered. */
export interface Upload {
  path: string
  /** As the client names it: for display, never for a path. */
  fileName: string
  mimeType: string
  sizeBytes: number
}

/** A text of a JSON body that was too long for the memory. It lies on disk, in UTF-8, until the request is answered. */
export interface LongText {
  path: string
  sizeBytes: number
  /** How it begins. */
  head: string
}

/** A file as a caller gives it: an upload, or a text (a data URL, an address, base64) for its reader to tell apart. */
export type FileInput = string | Upload | LongText

/** A file as text that can be nothing but base64: no data URL, no address. */
export interface BareBase64 {
  base64: string | LongText
}

export function isBareBase64(given: FileInput | BareBase64): given is BareBase64 {
  return typeof given === 'object' && 'base64' in given
}

export function isUpload(given: FileInput): given is Upload {
  return typeof given === 'object' && 'fileName' in given
}

export function isLongText(given: FileInput): given is LongText {
  return typeof given === 'object' && 'head' in given
}

/** What an upload is called, as far as a message has room for it; '' for every other file. */
export function nameOfUpload(given: FileInput): string {
  return isUpload(given) ? given.fileName.slice(0, limits.fileName.max) : ''
}
