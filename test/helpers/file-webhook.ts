import { createHmac } from 'node:crypto'
import { encodeMultipart, hashMultipart } from '../../src/delivery/multipart-body.ts'
import type { EventRenderers, MediaReference } from '../../src/delivery/renderer.ts'
import type { WebhookProfile } from '../../src/delivery/webhook-profiles.ts'
import type { Event, MessageEvent } from '../../src/events/event.ts'
import { createLogger } from '../../src/lib/process/logger.ts'
import { type EventMedia, openEventMedia } from '../../src/operations/deliveries/event-media.ts'
import type { MediaTools } from '../../src/whatsapp/outbound/media-tools.ts'
import { plainProfile } from './outbox.ts'

const reference: MediaReference = {
  kind: 'video',
  media: { directPath: '/file', mediaKey: 'AAAA', fileName: 'a "film".mp4', mimetype: 'video/mp4' },
}

/** Which events carry a file: messages of these chats. */
const hasFile = (event: Event) => event.type === 'message' && event.chat.startsWith('file')

const renderers: Partial<EventRenderers> = {
  ...plainProfile.renderers,
  message: ({ chat, id }, { media }) => ({
    name: 'Message',
    payload: {
      type: 'Message',
      chat,
      id,
      ...(media?.bytes && { base64: Buffer.from(media.bytes).toString('base64') }),
    },
    ...(media?.file && {
      file: { ...media.file, fileName: String(reference.media.fileName), mimeType: 'video/mp4' },
    }),
  }),
}

/** A plain dialect whose webhooks take the files of messages as a part of a form, with the fields `token` and `jsonData`. */
export const fileProfile: WebhookProfile = {
  ...plainProfile,
  // All other events are unknown to it.
  renderers: renderers as EventRenderers,
  format: 'form',
  files: {
    as: 'file',
    wanted: (event) => (hasFile(event) ? reference : undefined),
    toStore: () => undefined,
  },
  wants: () => true,
  encode: async ({ payload, file }, { user, id, format, hmacKey }) => {
    const jsonData = JSON.stringify(payload)
    if (format === 'json') return { body: jsonData, headers: { 'content-type': 'application/json' } }
    const fields = { token: user.token, jsonData }
    if (!file) {
      const headers = { 'content-type': 'application/x-www-form-urlencoded' }
      return { body: new URLSearchParams(fields).toString(), headers }
    }
    const encoded = encodeMultipart(id, { fields, file: { ...file, name: 'file' } })
    if (!hmacKey) return encoded
    const hmac = createHmac('sha256', hmacKey)
    await hashMultipart(encoded.body, hmac)
    return { ...encoded, headers: { ...encoded.headers, 'x-hmac': hmac.digest('hex') } }
  },
}

/** The same, with the files inside the event. */
export const inlineProfile: WebhookProfile = {
  ...fileProfile,
  slot: 'inline',
  shared: undefined,
  queue: undefined,
  files: fileProfile.files && { ...fileProfile.files, as: 'bytes' },
}

/** A message; one of a chat whose name begins with `file` carries one. */
export function messageIn(chat: string, id: string): Event {
  // Only these parts are looked at.
  return { type: 'message', chat, id, sender: chat, fromMe: false, raw: {} } as unknown as MessageEvent
}

/** The real store of files, in which a download is whatever `write` does. */
export function filesFrom(write: (path: string) => Promise<void>): EventMedia {
  const media = { download: (_user, _remote, { path }) => write(path) } as MediaTools
  return openEventMedia({
    log: createLogger('silent'),
    media,
    concurrency: 4,
    sessionOf: () => undefined,
  })
}
