import { FILE_MEMBERS, MESSAGE_KINDS } from '../../events/message-kinds.ts'
import { innermost } from '../../events/unwrap.ts'
import { ApiError } from '../../lib/errors.ts'
import { type MessageName, type MessageRef, refOf } from '../../lib/message-ref.ts'
import { DownloadError } from '../../media/download.ts'
import { extensionOf } from '../../media/media-types.ts'
import { askForUpload } from '../../whatsapp/content/media-retry.ts'
import { proto } from '../../whatsapp/library/engine.ts'
import type { LiveSession } from '../../whatsapp/session/session.ts'
import type { UserScope } from '../services.ts'
import { type DownloadedMedia, fetchMedia, type MediaRequest } from './media.ts'
import { requireStored, sessionOf } from './stored-messages.ts'

/** The file of a message, and what to call it. */
export interface MessageFile extends DownloadedMedia {
  fileName: string
}

/**
 * Downloads the file of a stored message; one that WhatsApp no longer has is asked of the phone. Throws `not_found` for
 * an unknown message, `invalid_field` for one without a file, and `media_unavailable`.
 */
export async function fetchMessageFile(scope: UserScope, name: MessageName): Promise<MessageFile> {
  const stored = await requireStored(scope, name)
  return fetchFileOf(sessionOf(scope), refOf(stored), proto.Message.decode(stored.proto))
}

/** The same for a message that the caller has. Throws `invalid_field` for one without a file, and `media_unavailable`. */
export async function fetchFileOf(
  session: LiveSession,
  ref: MessageRef,
  message: proto.IMessage,
): Promise<MessageFile> {
  const file = fileOf(message)
  if (!file) throw new ApiError('invalid_field', { text: 'Message media not found' })
  const { request } = file
  const downloaded = await fetchMedia(session, request).catch(async (error: unknown) => {
    if (!isExpired(error)) throw error
    const { directPath } = await askForUpload(session, {
      message: ref,
      mediaKey: request.mediaKey,
    })
    if (!directPath) throw error
    return fetchMedia(session, { ...request, url: '', directPath })
  })
  return { ...downloaded, fileName: file.fileName || `${ref.id}.${extensionOf(downloaded.mimeType)}` }
}

/** Whether a file could not be had because WhatsApp no longer has it. */
export function isExpired(error: unknown): boolean {
  const cause = error instanceof ApiError ? error.cause : undefined
  return cause instanceof DownloadError && cause.reason === 'expired'
}

function fileOf(message: proto.IMessage): { request: MediaRequest; fileName: string } | undefined {
  const content = innermost(message)
  for (const member of FILE_MEMBERS) {
    const media = content[member]
    if (!media?.mediaKey) continue
    const request = {
      kind: MESSAGE_KINDS[member].file,
      url: media.url ?? '',
      directPath: media.directPath ?? '',
      mediaKey: media.mediaKey,
      mimeType: media.mimetype ?? '',
      fileSha256: media.fileSha256 ?? Buffer.alloc(0),
      fileEncSha256: media.fileEncSha256 ?? Buffer.alloc(0),
      fileLength: Number(media.fileLength ?? 0),
    }
    return { request, fileName: content.documentMessage?.fileName ?? '' }
  }
  return undefined
}
