import type { z } from 'zod'
import { type Endpoint, post } from '../../../http/endpoint/endpoint.ts'
import { ApiError } from '../../../lib/errors.ts'
import { fetchMedia } from '../../../operations/messages/media.ts'
import { dataUrl, type FileKind, fileDescription, remoteFileOf } from '../../shared/file-description.ts'
import { missing } from '../shapes/fields.ts'

type Description = z.infer<typeof fileDescription>

/** Throws `missing_field` for a description that lacks what the document requires; either address will do. */
function requireWhole({ Url, DirectPath, MediaKey, Mimetype, FileSHA256 }: Description): void {
  const needed = { Url: Url || DirectPath, MediaKey, Mimetype, FileSHA256 }
  const absent = Object.entries(needed).find(([, value]) => value.length === 0)
  if (absent) throw new ApiError('missing_field', { text: missing(absent[0]) })
}

function download(path: string, kind: FileKind): Endpoint {
  return post(path, {
    summary: `Download the ${kind} of a message`,
    body: fileDescription,
    power: 'read',
    run: fetchMedia,
    input: ({ body }) => {
      requireWhole(body)
      return remoteFileOf(kind, body)
    },
    reply: dataUrl,
    failure: `failed to download ${kind} %s`,
  })
}

export const downloadEndpoints: Endpoint[] = [
  download('/message/downloadimage', 'image'),
  download('/message/download/image', 'image'),
  download('/message/download/video', 'video'),
  download('/message/download/document', 'document'),
  download('/message/download/audio', 'audio'),
  download('/message/download/sticker', 'sticker'),
]
