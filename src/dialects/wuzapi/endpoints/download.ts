import { type Endpoint, post } from '../../../http/endpoint/endpoint.ts'
import { fetchMedia } from '../../../operations/messages/media.ts'
import { dataUrl, fileDescription, remoteFileOf } from '../../shared/file-description.ts'

const KINDS = ['image', 'video', 'audio', 'document', 'sticker'] as const

export const downloadEndpoints: Endpoint[] = KINDS.map((kind) =>
  post(`/chat/download${kind}`, {
    summary: `Download the ${kind} of a message`,
    body: fileDescription,
    power: 'read',
    run: fetchMedia,
    input: ({ body }) => remoteFileOf(kind, body),
    reply: dataUrl,
    failure: `failed to download ${kind} %s`,
  }),
)
