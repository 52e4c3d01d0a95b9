import { z } from 'zod'
import { type Endpoint, post, reply } from '../../../http/endpoint/endpoint.ts'
import { bytes, text, unsigned } from '../../../http/endpoint/fields.ts'
import { limits } from '../../../lib/limits.ts'
import { type DownloadedMedia, fetchMedia } from '../../../operations/messages/media.ts'

const KINDS = ['image', 'video', 'audio', 'document', 'sticker'] as const

const description = z.object({
  Url: text(limits.url).describe('As the message says, like all other members'),
  DirectPath: text(limits.url),
  MediaKey: bytes(),
  Mimetype: text(limits.mimeType),
  FileEncSHA256: bytes(),
  FileSHA256: bytes(),
  FileLength: unsigned(),
})

const file = reply(
  z.object({ Data: z.string().describe('Data URL'), Mimetype: z.string() }),
  ({ bytes, mimeType }: DownloadedMedia) => ({
    Data: `data:${mimeType};base64,${bytes.toString('base64')}`,
    Mimetype: mimeType,
  }),
)

export const downloadEndpoints: Endpoint[] = KINDS.map((kind) =>
  post(`/chat/download${kind}`, {
    summary: `Download the ${kind} of a message`,
    body: description,
    run: fetchMedia,
    input: ({ body }) => ({
      kind,
      url: body.Url,
      directPath: body.DirectPath,
      mediaKey: body.MediaKey,
      mimeType: body.Mimetype,
      fileEncSha256: body.FileEncSHA256,
      fileSha256: body.FileSHA256,
      fileLength: body.FileLength,
    }),
    reply: file,
    failure: `failed to download ${kind} %s`,
  }),
)
