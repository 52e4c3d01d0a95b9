import { z } from 'zod'
import { file, formNeeded, formOnly, requiredFile } from '../../../http/endpoint/fields.ts'
import type { Upload } from '../../../lib/file-input.ts'
import { uploadOf } from './pictures.ts'

/** A file that must be a part of a form; anything else counts as none. */
export function requiredUpload(sentence: string) {
  return requiredFile(sentence)
    .meta(formNeeded)
    .refine((given) => uploadOf(given) !== undefined, sentence)
    .transform((given) => given as Upload)
}

/** The same where it may be absent. */
export const upload = file().meta(formOnly).transform(uploadOf)

/** A yes or no in a form, where every value is a text: what is no yes is a no. */
export const flag = z
  .unknown()
  .optional()
  .transform((value) => /^(true|1|t|yes|on)$/i.test(String(value)))
  .meta({ type: 'boolean' })

/** The same where absence leaves it to the settings. */
export const flagIfGiven = z
  .unknown()
  .optional()
  .transform((value) =>
    value === undefined || value === '' ? undefined : /^(true|1|t|yes|on)$/i.test(String(value)),
  )
  .meta({ type: 'boolean' })
