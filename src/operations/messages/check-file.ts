import { ApiError } from '../../lib/errors.ts'
import type { Upload } from '../../lib/file-input.ts'
import { detectContentType } from '../../lib/text/detect-content-type.ts'
import { readHead } from '../../media/file-head.ts'

/** Which files are taken as what. */
export interface FileRule {
  /** What it is to be, with a capital: `Video`. */
  name: string
  maxBytes: number
  /** Types by content; any when absent. What nobody recognizes counts as `application/octet-stream`. */
  types?: RegExp
  /** What a refusal of the type adds. */
  advice?: string
}

/** Looks at a file before it is sent as something that it may not be; yields its type by content. Throws `invalid_field`. */
export async function checkFile(
  { path, sizeBytes }: Pick<Upload, 'path' | 'sizeBytes'>,
  { name, maxBytes, types, advice = '' }: FileRule,
): Promise<string> {
  if (sizeBytes === 0) throw refused(`${name} payload cannot be empty`)
  if (sizeBytes > maxBytes)
    throw refused(`${name.toLowerCase()} exceeds maximum allowed size (${sizeBytes} > ${maxBytes})`)
  const type = detectContentType(await readHead(path))
  if (types && !types.test(type)) throw refused(`${name} MIME type ${type} is not allowed${advice}`)
  return type
}

function refused(text: string): ApiError {
  return new ApiError('invalid_field', { text })
}
