import { ApiError } from '../../../lib/errors.ts'
import { type BareBase64, type FileInput, isUpload, type Upload } from '../../../lib/file-input.ts'

/** The file of a form; undefined for none, and for a text in its place. */
export function uploadOf(given: FileInput | undefined): Upload | undefined {
  return typeof given === 'object' && isUpload(given) ? given : undefined
}

/** A text that can be nothing but base64; undefined for none, and for a file in its place. */
export function base64Of(given: FileInput | undefined): BareBase64 | undefined {
  if (given === undefined || given === '' || (typeof given === 'object' && isUpload(given))) return undefined
  return { base64: given }
}

/** How the failures of a request with a picture read, by their stage. */
export const pictureFailures = {
  decode: 'Invalid base64 photo data',
  convert: 'the photo is not a picture that can be read: %s',
}

/** The sentence for a form without the file it must have. */
export const NO_FILE = 'file is required'

/** The file of a form. Throws `missing_field` for none, and for an empty one. */
export function requireUpload(given: FileInput | undefined): Upload {
  const upload = uploadOf(given)
  if (upload === undefined || upload.sizeBytes === 0) throw new ApiError('missing_field', { text: NO_FILE })
  return upload
}
