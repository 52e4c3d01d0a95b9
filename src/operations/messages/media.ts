import { readFile } from 'node:fs/promises'
import { ApiError } from '../../lib/errors.ts'
import type { MessageRef } from '../../lib/message-ref.ts'
import { detectContentType } from '../../lib/text/detect-content-type.ts'
import { DownloadError, type RemoteMedia } from '../../media/download.ts'
import { withScratch } from '../../media/scratch.ts'
import { requestUpload } from '../../whatsapp/content/media-retry.ts'
import type { LiveSession } from '../../whatsapp/session/session.ts'

/** A file of a message, as the message describes it. */
export interface MediaRequest extends RemoteMedia {
  /** The type the message declares; by the bytes when it is none. */
  mimeType: string
}

export interface DownloadedMedia {
  bytes: Buffer
  mimeType: string
}

/** A file of a message that WhatsApp no longer has. */
export interface LostMedia extends MessageRef {
  mediaKey: Uint8Array
}

/** Asks the phone to upload the file of a message again; its answer comes as `media.retry`. */
export function requestMedia(session: LiveSession, { mediaKey, ...message }: LostMedia): Promise<void> {
  return requestUpload(session, message, mediaKey)
}

/** Downloads, decrypts and checks a file. Throws `media_unavailable` (500) when that fails. */
export function fetchMedia(
  session: LiveSession,
  { mimeType, ...media }: MediaRequest,
): Promise<DownloadedMedia> {
  return withScratch(async (scratch) => {
    const path = scratch.newPath()
    await session.media.download(session.user, media, { path }).catch((cause: unknown) => {
      if (!(cause instanceof DownloadError)) throw cause
      throw new ApiError('media_unavailable', { status: 500, text: cause.message }, { cause })
    })
    const bytes = await readFile(path)
    return { bytes, mimeType: mimeType.includes('/') ? mimeType : detectContentType(bytes) }
  })
}
