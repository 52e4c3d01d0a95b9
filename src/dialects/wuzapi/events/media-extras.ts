import type { MediaReference, RenderedMedia } from '../../../delivery/renderer.ts'
import type { MessageEvent } from '../../../events/event.ts'
import type { JsonObject, ProtoJson } from '../../../events/event-parts.ts'
import { contentOf } from '../../../events/message-kinds.ts'
import { textAt, unwrapMessage } from '../../../events/unwrap.ts'
import { ownMember } from '../../../lib/own-member.ts'
import { detectContentType } from '../../../lib/text/detect-content-type.ts'
import type { User } from '../../../store/users/users.ts'

/** The settings that say where a user wants files. */
type Wish = Pick<User, 'mediaDelivery' | 's3'>

/** What to use when no file name extension is known for a type. */
const FALLBACK_EXTENSIONS = { image: '.jpg', audio: '.ogg', video: '.mp4', sticker: '.webp' }

// The first extension, in alphabetical order, that the system table of wuzapi's published image has for a type.
const EXTENSIONS: Record<string, string> = {
  'image/jpeg': '.jpe',
  'image/png': '.png',
  'image/gif': '.gif',
  'image/webp': '.webp',
  'audio/ogg': '.oga',
  'audio/mpeg': '.mp3',
  'audio/mp4': '.f4a',
  'audio/aac': '.aac',
  'audio/amr': '.amr',
  'video/mp4': '.f4v',
  'video/3gpp': '.3ga',
  'text/plain': '.asc',
  'text/csv': '.csv',
  'text/html': '.htm',
  'application/pdf': '.pdf',
  'application/zip': '.zip',
  'application/json': '.json',
  'application/msword': '.doc',
  'application/vnd.ms-excel': '.xla',
  'application/vnd.ms-powerpoint': '.pot',
  'application/vnd.openxmlformats-officedocument.wordprocessingml.document': '.docx',
  'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet': '.xlsx',
  'application/vnd.openxmlformats-officedocument.presentationml.presentation': '.pptx',
}

/** The file of an unwrapped message, if it holds one directly: files of quoted or template messages do not count. */
export function mediaReference(message: ProtoJson): MediaReference | undefined {
  const { file, member, content: media } = contentOf(message) ?? {}
  // The original does not know round videos.
  return file && media && member !== 'ptvMessage' ? { kind: file, media } : undefined
}

/** The file of a message that its user wants, in the event or in a bucket; undefined when there is none. */
export function wantedFile(event: MessageEvent, user: Wish): MediaReference | undefined {
  const { inline, s3 } = mediaDelivery(user)
  return inline || s3 ? mediaReference(unwrapMessage(event.raw).message) : undefined
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

/** `<message id><extension>`, the extension by the type the sender declared. */
export function mediaFileName(messageId: string, { kind, media }: MediaReference): string {
  const declared = (textAt(media, 'mimetype').split(';')[0] ?? '').trim().toLowerCase()
  const known = ownMember(EXTENSIONS, declared)
  return messageId + (known ?? (kind === 'document' ? documentExtension(media) : FALLBACK_EXTENSIONS[kind]))
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

function documentExtension(media: JsonObject): string {
  const name = textAt(media, 'fileName')
  if (!name) return '.bin'
  const file = name.slice(name.lastIndexOf('/') + 1)
  const dot = file.lastIndexOf('.')
  return dot < 0 ? '' : file.slice(dot)
}
