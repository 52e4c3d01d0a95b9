import { bytes } from '../../../http/endpoint/fields.ts'
import { ApiError } from '../../../lib/errors.ts'
import { disappearingSeconds } from '../../../lib/text/disappearing-words.ts'
import { demand } from './fields.ts'
import { requireJid } from './jid.ts'

/** The group a request names; an empty one cannot be parsed either. */
export function requireGroup(jid: string, profile: string): string {
  return requireJid(jid, 'Group JID', profile)
}

/** The people a request names, checked after the group. */
export function requirePeople(phones: string[], profile: string): string[] {
  if (phones.length === 0) throw new ApiError('missing_field', { text: 'missing Phone in Payload' })
  return phones.map((phone) => requireJid(phone, 'Phone', profile))
}

/** One of the allowed words. Throws `missing …` when there is none and `sentence` when it is another one. */
export function requireWord<Word extends string>(
  value: string,
  name: string,
  { words, sentence }: { words: readonly Word[]; sentence: string },
): Word {
  demand(value, name)
  const word = words.find((one) => one === value)
  if (word === undefined) throw new ApiError('invalid_field', { text: sentence })
  return word
}

/** `24h`, `7d`, `90d` or `off` in seconds. */
export function requireDuration(value: string): number {
  demand(value, 'Duration')
  const seconds = disappearingSeconds(value)
  if (seconds !== undefined) return seconds
  throw new ApiError('invalid_field', { text: 'invalid duration. Use: 24h, 7d, 90d, or off' })
}

/** The bytes of `data:image/…;base64,…`, which must be a JPEG. */
export function requireJpeg(image: string): Buffer {
  demand(image, 'Image')
  if (!image.startsWith('data:image/')) {
    throw new ApiError('invalid_field', {
      text: 'image data should start with "data:image/" (supported formats: jpeg, png, gif, webp)',
    })
  }
  const encoded = /^data:image\/[^,]*;base64,/.exec(image)?.[0]
  const decoded = bytes().safeParse(encoded === undefined ? undefined : image.slice(encoded.length))
  if (encoded === undefined || !decoded.success) {
    throw new ApiError('invalid_field', { text: 'could not decode base64 encoded data from payload' })
  }
  if (decoded.data.length === 0) {
    throw new ApiError('invalid_field', { text: 'no image data found in payload' })
  }
  if (!decoded.data.subarray(0, JPEG_START.length).equals(JPEG_START)) {
    throw new ApiError('invalid_field', {
      text: 'image must be in JPEG format. WhatsApp only accepts JPEG images for group photos',
    })
  }
  return decoded.data
}

const JPEG_START = Buffer.from([0xff, 0xd8, 0xff])

/** The words Go reads as a yes or no; an absent parameter is a no. */
export function requireFlag(value: string, name: string): boolean {
  if (/^(1|t|T|true|TRUE|True)$/.test(value)) return true
  if (/^(|0|f|F|false|FALSE|False)$/.test(value)) return false
  throw new ApiError('invalid_field', { text: `invalid ${name} parameter, must be true or false` })
}
