import { z } from 'zod'
import { reply } from '../../http/endpoint/endpoint.ts'
import { bytes, text, unsigned } from '../../http/endpoint/fields.ts'
import { limits } from '../../lib/limits.ts'
import type { DownloadedMedia, MediaRequest } from '../../operations/messages/media.ts'

/** The kinds of files that messages have. */
export type FileKind = MediaRequest['kind']

/** Where the file of a message is and how it is opened, as the message says. */
export const fileDescription = z.object({
  Url: text(limits.url).describe('As the message says, like all other members'),
  DirectPath: text(limits.url),
  MediaKey: bytes(),
  Mimetype: text(limits.mimeType),
  FileEncSHA256: bytes(),
  FileSHA256: bytes(),
  FileLength: unsigned(),
})

/** What the operation is told of it. */
export function remoteFileOf(kind: FileKind, body: z.infer<typeof fileDescription>): MediaRequest {
  return {
    kind,
    url: body.Url,
    directPath: body.DirectPath,
    mediaKey: body.MediaKey,
    mimeType: body.Mimetype,
    fileEncSha256: body.FileEncSHA256,
    fileSha256: body.FileSHA256,
    fileLength: body.FileLength,
  }
}

/** The file, as a data URL. */
export const dataUrl = reply(
  z.object({ Data: z.string().describe('Data URL'), Mimetype: z.string() }),
  ({ bytes, mimeType }: DownloadedMedia) => ({
    Data: `data:${mimeType};base64,${bytes.toString('base64')}`,
    Mimetype: mimeType,
  }),
)
