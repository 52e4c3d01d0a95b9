import type { StageFailures } from '../../../http/endpoint/endpoint.ts'
import { limits } from '../../../lib/limits.ts'
import { required } from './fields.ts'

/** A picture that must be there: a data URL or an address. */
export function requiredPicture(name: string) {
  return required(name, limits.picture).describe('JPEG, PNG, WebP or GIF as data URL or https URL')
}

/** How the failures of a request with a picture read, by their stage. */
export const pictureFailures: StageFailures = {
  decode: 'could not decode base64 encoded data from payload',
  convert: 'could not decode image: %s',
  fetch: 'failed to fetch the image: %s',
}
