import { limits } from '../../../lib/limits.ts'
import { required } from './fields.ts'

/** A picture: base64, a data URL or an address. Yields what operations take as a file; its own bytes say its type. */
export function picture(name: string) {
  return required(name, limits.picture)
    .describe('JPEG, PNG, WebP or GIF: base64, a data URL or an https URL')
    .transform((given) => (/^(data:|https?:\/\/)/i.test(given) ? given : `data:image/jpeg;base64,${given}`))
}

/** How the failures of a request with a picture read, by their stage. */
export function pictureFailures(name: string) {
  return {
    decode: `${name} is neither base64 nor a data URL`,
    convert: `${name} is not a picture that can be read`,
    fetch: `${name} cannot be fetched: %s`,
  }
}
