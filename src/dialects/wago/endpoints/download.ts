import { type Endpoint, post } from '../../../http/endpoint/endpoint.ts'
import { fetchMedia } from '../../../operations/messages/media.ts'
import { dataUrl, type FileKind, fileDescription, remoteFileOf } from '../../shared/file-description.ts'

function download(path: string, kind: FileKind): Endpoint {
  return post(path, {
    summary: `Download the ${kind} of a message`,
    body: fileDescription,
    run: fetchMedia,
    input: ({ body }) => remoteFileOf(kind, body),
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
