import type { Event, EventOf, EventType } from '../events/event.ts'
import type { JsonObject } from '../events/event-parts.ts'
import { BoundedCache } from '../lib/flow/bounded-cache.ts'
import type { MediaKind } from '../media/cipher.ts'
import type { User } from '../store/users/users.ts'
import type { AttachedFile, MultipartBody } from './multipart-body.ts'

/** An event in a dialect's words: the name subscriptions are compared with, and the body. */
export interface Rendered {
  name: string
  /** May hold values only the dialect's own encoder can write (64-bit integers); `JSON.stringify` approximates them. */
  payload: object
  /** The file that goes beside the payload: `RenderedMedia.file` under the name and type its receiver is told. */
  file?: AttachedFile
}

/** What the media step adds to a message before it is delivered. */
export interface RenderedMedia {
  /** The file itself, when it could be downloaded and the user wants it inside the event. */
  bytes?: Uint8Array
  /** The same on disk, when the webhook takes it as a part of a form; there until the attempt has ended. */
  file?: FileOnDisk
  /** Where the file was put, when the user wants it in a bucket. */
  s3?: { url: string; key: string; bucket: string; size: number; mimeType: string; fileName: string }
}

/** A file that is never in memory as a whole. */
export interface FileOnDisk {
  path: string
  sizeBytes: number
  /** Its first bytes, 512 at most: enough to tell its type. */
  head: Uint8Array
}

/** Everything a renderer may know besides the event. */
export interface RenderContext {
  user: User
  /** IANA name of the zone instants are written in, `America/Sao_Paulo`; '' = UTC. */
  timeZone: string
  /** When the event was stored, in unix milliseconds; the same in all attempts. */
  at?: number
  /** Which of the things that a profile tells of the event (`WebhookProfile.parts`); absent where it is told once. */
  part?: string
  media?: RenderedMedia
}

type Renderer<T extends EventType> = (
  event: EventOf<T>,
  context: RenderContext,
) => Rendered | undefined | Promise<Rendered | undefined>

/** Event type -> how a dialect writes it; null for an event that it does not have. Total, so that none is forgotten. */
export type EventRenderers = { [T in EventType]: Renderer<T> | null }

/** Entries for events that a dialect has no word for. */
export function untold<T extends EventType>(...types: T[]): { [One in T]: null } {
  // The keys are the given types, which TypeScript cannot see through `fromEntries`.
  return Object.fromEntries(types.map((type) => [type, null])) as { [One in T]: null }
}

/** Renders `event`, or `undefined` when the dialect has no word for it. */
export async function renderEvent<T extends EventType>(
  renderers: EventRenderers,
  event: EventOf<T> & { type: T },
  context: RenderContext,
): Promise<Rendered | undefined> {
  return renderers[event.type]?.(event, context)
}

/** An event as it is stored, of which a delivery tells. */
export interface StoredEvent {
  eventId: string
  /** As JSON text. */
  payload: string
}

/** Longer ones are rendered each time: what is remembered is in memory. */
const LONGEST_REMEMBERED = 64 * 1024

/** Renders stored events, once for all receivers of a user that want the same words and come about the same time. */
export class EventRenderer {
  readonly #last = new BoundedCache<string, Rendering>({ max: 64 })

  /** As `renderEvent`. What it resolves with belongs to all its callers, who change nothing in it. */
  render(
    renderers: EventRenderers,
    stored: StoredEvent,
    context: RenderContext,
  ): Promise<Rendered | undefined> {
    const { eventId, payload } = stored
    // The payload is what the bus stored, and only events are.
    const make = async () => renderEvent(renderers, JSON.parse(payload) as Event, context)
    // A file is each receiver's own.
    if (context.media || payload.length > LONGEST_REMEMBERED) return make()
    const key = `${eventId}/${context.part}`
    const last = this.#last.get(key)
    // A user who was changed is another object.
    if (last?.renderers === renderers && last.user === context.user && last.payload === payload)
      return last.rendered
    const rendered = make()
    this.#last.set(key, { renderers, user: context.user, payload, rendered })
    return rendered
  }
}

/** What an event was rendered from, and what came of it. */
interface Rendering {
  renderers: EventRenderers
  user: User
  payload: string
  rendered: Promise<Rendered | undefined>
}

export interface DeliveryOptions {
  /** `users.id` and `users.name`: bodies say which session they come from. */
  user: User
  format: 'form' | 'json'
  /** Signs the body; '' or absent = unsigned. */
  hmacKey?: string
  /** Adds the session's token to the body, for receivers that still expect it. */
  includeToken?: boolean
}

/** A request body ready to be posted, as text. */
export interface EncodedText {
  body: string
  headers: Record<string, string>
}

/** A form with a file, which is read from disk when it is sent; made by `encodeMultipart`. */
export interface EncodedMultipart {
  body: MultipartBody
  headers: Record<string, string>
}

/** A request body ready to be posted. */
export type EncodedDelivery = EncodedText | EncodedMultipart

/**
 * How a dialect writes a rendered event onto the wire: format, escaping and signature. `id` is the delivery's, the same in
 * all attempts; the format `json` is always text.
 */
export type DeliveryEncoder = (
  rendered: Rendered,
  options: DeliveryOptions & { id: string },
) => EncodedDelivery | Promise<EncodedDelivery>

/** The encoder of a dialect whose deliveries are all text. */
export type TextDeliveryEncoder = (rendered: Rendered, options: DeliveryOptions) => EncodedText

/** What is known of a webhook delivery that was given up. */
export interface FailedDelivery {
  url: string
  userId: string
  /** The key that signed it, encrypted; '' when it was not signed. */
  sealedHmacKey: string
  /** Unix milliseconds. */
  failedAt: number
  timeZone: string
  /** HTTP status of the last answer, absent when there was none. */
  status?: number
  /** The answer, or why there was none. */
  answer: string
}

/** How a dialect reports a delivery that was given up; `encoded` is what the webhook would have got. */
export type ErrorReportEncoder = (encoded: EncodedText, failed: FailedDelivery) => string

/** Facts about a message's file that the media step needs to download it. */
export interface MediaReference {
  kind: MediaKind
  /** The protobuf member itself (`imageMessage`, ...), with url, directPath, mediaKey and hashes as base64. */
  media: JsonObject
}

/** A file that goes into the bucket of its user, and its name there. */
export interface StoredFile {
  reference: MediaReference
  fileName: string
}
