import type { MediaReference, RenderedMedia } from '../../../delivery/renderer.ts'
import type { MessageEvent } from '../../../events/event.ts'
import { detectContentType } from '../../../lib/text/detect-content-type.ts'
import type { User } from '../../../store/users/users.ts'
import { mediaFileName, mediaReference } from '../../shared/whatsmeow/message-file.ts'

/** The settings that say where a user wants files. */
type Wish = Pick<User, 'mediaDelivery' | 's3'>

/** The file of a message that its user wants, in the event or in a bucket; undefined when there is none. */
export function wantedFile(event: MessageEvent, user: Wish): MediaReference | undefined {
  const { inline, s3 } = mediaDelivery(user)
  return inline || s3 ? mediaReference(event) : undefined
}

/** The file of a message that its user wants in a bucket, and its name. */
export function fileToStore(
  event: MessageEvent,
  user: Wish,
): { reference: MediaReference; fileName: string } | undefined {
  const reference = mediaDelivery(user).s3 ? wantedFile(event, user) : undefined
  return reference && { reference, fileName: mediaFileName(event.id, reference) }
}

/** Where a user wants files: inside the event, in a bucket, both or nowhere. */
export function mediaDelivery(user: Wish): { inline: boolean; s3: boolean } {
  const { mediaDelivery: wish, s3 } = user
  return {
    inline: wish === 'base64' || wish === 'both',
    s3: s3.enabled && (wish === 's3' || wish === 'both'),
  }
}

/**
 * The members a message gets from its file: `base64`, `mimeType` (by the bytes, not by the sender), `fileName`, `s3`,
 * and two more for stickers. Without bytes and without a bucket there are none, also no `isSticker`.
 */
export function mediaExtras(
  reference: MediaReference | undefined,
  media: RenderedMedia | undefined,
  options: { messageId: string; user: Wish },
): object {
  if (!reference || !media) return {}
  const wanted = mediaDelivery(options.user)
  const bytes = wanted.inline ? media.bytes : undefined
  const s3 = wanted.s3 ? media.s3 : undefined
  if (!bytes && !s3) return {}
  return {
    ...(bytes && {
      base64: Buffer.from(bytes).toString('base64'),
      mimeType: detectContentType(bytes),
      fileName: mediaFileName(options.messageId, reference),
    }),
    ...(s3 && {
      s3: {
        bucket: s3.bucket,
        fileName: s3.fileName,
        key: s3.key,
        mimeType: s3.mimeType,
        size: s3.size,
        url: s3.url,
      },
    }),
    ...(reference.kind === 'sticker' && {
      isSticker: true,
      stickerAnimated: reference.media.isAnimated === true,
    }),
  }
}
