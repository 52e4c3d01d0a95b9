import { ApiError } from '../../lib/errors.ts'
import type { BareBase64, FileInput } from '../../lib/file-input.ts'
import { ImageError, makeProfilePicture } from '../../media/convert/images.ts'
import { toPicture } from '../../media/convert/pictures.ts'
import { UnusableFile } from '../../media/convert/unusable.ts'
import { withScratch } from '../../media/scratch.ts'
import { openSource } from '../../media/source.ts'
import type { LiveSession } from '../../whatsapp/session/session.ts'

/** Largest picture fetched from an address. */
const MAX_FETCHED_BYTES = 16 * 1024 * 1024

/**
 * A picture as WhatsApp takes it for people, groups and channels: a square JPEG of 640 pixels, cut out of the middle.
 * Throws as `openSource` does, and `invalid_field` in the stage `convert` for what is not a picture.
 */
export function profileJpeg({ media }: LiveSession, given: FileInput | BareBase64): Promise<Buffer> {
  return withScratch(async (scratch) => {
    const file = await openSource(given, {
      scratch,
      maxBytes: MAX_FETCHED_BYTES,
      agents: media.sourceAgents,
    })
    const picture = toPicture(file, { ffmpeg: media.ffmpeg, scratch })
    return picture.then(makeProfilePicture).catch((cause: unknown) => {
      if (!(cause instanceof ImageError) && !(cause instanceof UnusableFile)) throw cause
      throw new ApiError('invalid_field', { stage: 'convert', text: cause.message }, { cause })
    })
  })
}
