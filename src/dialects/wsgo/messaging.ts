import { z } from 'zod'
import { type Endpoint, post, type Reply, reply } from '../../http/endpoint/endpoint.ts'
import { requiredBase64, text } from '../../http/endpoint/fields.ts'
import { limits } from '../../lib/limits.ts'
import { sendText } from '../../operations/messages/send.ts'
import { sendDocument, sendImage } from '../../operations/messages/send-media.ts'
import type { Sent } from '../../whatsapp/outbound/outgoing.ts'
import { instant, mentionFields, mentionsOf, phone, required } from './fields.ts'

/** Answer of everything that is sent. */
export const sent: Reply<Sent> = reply(
  z.object({
    status: z.literal('sent'),
    messageID: z.string(),
    timestamp: z.string().describe('RFC 3339, UTC'),
  }),
  ({ id, timestamp }: Sent) => ({ status: 'sent', messageID: id, timestamp: instant(timestamp) }),
)

/** How it reads when a file cannot be used. */
function fileFailures(name: string) {
  return {
    decode: `${name} must be bare base64, neither a data URL nor an address: %s`,
    thumbnail: `${name} is not an image that can be read: %s`,
  }
}

export const messagingEndpoints: Endpoint[] = [
  post('/api/send/text', {
    summary: 'Send text',
    body: z.object({ phone: phone('phone'), message: required('message'), ...mentionFields }),
    run: sendText,
    repeatable: 'message',
    input: ({ body }) => ({ to: body.phone, text: body.message, ...mentionsOf(body) }),
    reply: sent,
  }),

  post('/api/send/image', {
    summary: 'Send an image',
    body: z.object({
      phone: phone('phone'),
      image_base64: requiredBase64('image_base64 is required'),
      caption: text(),
      mime_type: text(limits.mimeType).describe('By the file when empty'),
      ...mentionFields,
    }),
    run: sendImage,
    repeatable: 'message',
    input: ({ body }) => ({
      to: body.phone,
      file: body.image_base64,
      caption: body.caption,
      ...mentionsOf(body),
      mimeType: body.mime_type,
    }),
    reply: sent,
    failure: fileFailures('image_base64'),
  }),

  post('/api/send/document', {
    summary: 'Send a document',
    body: z.object({
      phone: phone('phone'),
      document_base64: requiredBase64('document_base64 is required'),
      filename: required('filename', limits.fileName),
      mime_type: text(limits.mimeType).describe('By the name or the file when empty'),
      caption: text(),
      ...mentionFields,
    }),
    run: sendDocument,
    repeatable: 'message',
    input: ({ body }) => ({
      to: body.phone,
      file: body.document_base64,
      fileName: body.filename,
      mimeType: body.mime_type,
      caption: body.caption,
      ...mentionsOf(body),
    }),
    reply: sent,
    failure: fileFailures('document_base64'),
  }),
]
