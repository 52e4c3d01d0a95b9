import { writeFile } from 'node:fs/promises'
import { ApiError } from '../../lib/errors.ts'
import { unlessAborted } from '../../lib/flow/with-timeout.ts'
import { isChannelJid } from '../../lib/jid.ts'
import type { LinkPictures } from '../../media/convert/link-pictures.ts'
import { withScratch } from '../../media/scratch.ts'
import { uploadMedia } from '../../whatsapp/content/media-upload.ts'
import type { Preview } from '../../whatsapp/content/text.ts'
import type { LiveSession } from '../../whatsapp/session/session.ts'

/** A card is shown without it, too: nobody waits long for it. */
const PATIENCE_MS = 8_000

/**
 * The pictures of a card as a message to `to` has them: the small one inside, the large one on the media servers. In
 * channels, where files are not encrypted, there is the small one only, as there is when the other cannot be uploaded
 * within seconds: a message is worth sending without it.
 */
export async function picturesOf(
  session: LiveSession,
  to: string,
  { thumbnail, large }: Partial<LinkPictures>,
): Promise<Pick<Preview, 'thumbnail' | 'picture'>> {
  if (!large || isChannelJid(to)) return { thumbnail }
  const { bytes, width, height } = large
  return withScratch(async (scratch) => {
    const path = scratch.newPath('.jpg')
    await writeFile(path, bytes, { mode: 0o600 })
    const upload = uploadMedia(session, path, { kind: 'thumbnail-link', scratch })
    const tooLate = AbortSignal.timeout(PATIENCE_MS)
    const uploaded = await unlessAborted(upload, tooLate).catch((error: unknown) => {
      if (!(error instanceof ApiError || tooLate.aborted)) throw error
    })
    return { thumbnail, ...(uploaded && { picture: { uploaded, width, height } }) }
  })
}
