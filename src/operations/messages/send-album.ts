import { ApiError } from '../../lib/errors.ts'
import type { BareBase64, FileInput } from '../../lib/file-input.ts'
import { derivedId, newMessageId } from '../../lib/ids.ts'
import { isGroupJid, isPersonJid } from '../../lib/jid.ts'
import { limits } from '../../lib/limits.ts'
import { withScratch } from '../../media/scratch.ts'
import { albumContent, albumItem } from '../../whatsapp/content/album.ts'
import type { ContextInput } from '../../whatsapp/content/context.ts'
import type { proto } from '../../whatsapp/library/engine.ts'
import type { Sent } from '../../whatsapp/outbound/outgoing.ts'
import type { LiveSession } from '../../whatsapp/session/session.ts'
import { type Addressed, addressed } from './addressed.ts'
import { buildPicture, buildVideo, openWorkbench } from './media-parts.ts'

/** A picture or video of an album. */
export interface AlbumItem {
  kind: 'image' | 'video'
  file: FileInput | BareBase64
  /** The type to announce; by the file when empty. */
  mimeType?: string
  caption?: string
}

export interface AlbumMessage extends Addressed {
  items: AlbumItem[]
}

/** What became of an item once the album had been announced. */
export type ItemOutcome = { sent: Sent } | { id: string; failure: ApiError }

/** An album that was announced, and its items in their order. */
export interface SentAlbum extends Sent {
  items: ItemOutcome[]
}

/** WhatsApp's phones make an album of what is sent at once from so many pictures and videos on. */
const FEWEST_ITEMS = 2

/**
 * Sends pictures and videos that phones show as one. All files are uploaded before anything leaves: one that cannot be used
 * is refused by its number, and nothing is sent. What WhatsApp then refuses is told item by item; where it takes none, the
 * failure is that of the first item. Mentions go with the captions, what is quoted with the album.
 */
export async function sendAlbum(session: LiveSession, album: AlbumMessage): Promise<SentAlbum> {
  checkNumber(album.items.length)
  const { to, id: _id, items, quoted, ...context } = await addressed(session, album)
  if (!isGroupJid(to) && !isPersonJid(to)) throw invalid('an album is sent to a person or a group')
  const built: proto.IMessage[] = []
  // One after the other: they wait for the same line, and only one lies on the disk.
  for (const [index, item] of items.entries()) {
    const said = item.caption ? context : { forwarded: context.forwarded }
    built.push(await buildItem(session, { ...said, ...item }).catch(failAt(index + 1)))
  }
  const id = album.id || newMessageId()
  const videos = built.filter(({ videoMessage }) => videoMessage).length
  const images = built.length - videos
  const head = await session.send({ to, id, ...albumContent({ images, videos, quoted }) })
  const outcomes = await sendItems(session, head, built)
  const [first] = outcomes
  if (first && 'failure' in first && outcomes.every((one) => 'failure' in one)) throw first.failure
  return { ...head, items: outcomes }
}

function buildItem(
  session: LiveSession,
  { kind, file, ...item }: AlbumItem & ContextInput,
): Promise<proto.IMessage> {
  return withScratch(async (scratch) => {
    const bench = await openWorkbench(session, { file, kind, scratch })
    return kind === 'video' ? buildVideo(bench, item) : buildPicture(bench, item)
  })
}

/** Names the item. A file that cannot be used is the caller's to change, whatever it failed in. */
function failAt(number: number): (cause: unknown) => never {
  return (cause) => {
    if (!(cause instanceof ApiError)) throw cause
    const text = `item ${number}: ${cause.message}`
    if (cause.code === 'media_unavailable') throw new ApiError('invalid_field', { text }, { cause })
    throw new ApiError(cause.code, { ...cause.details, stage: undefined, text }, { cause })
  }
}

/** Sends the items one after the other. Where WhatsApp cannot be reached, the rest is not tried: each would wait in vain. */
async function sendItems(session: LiveSession, album: Sent, built: proto.IMessage[]): Promise<ItemOutcome[]> {
  const outcomes: ItemOutcome[] = []
  let unreachable: ApiError | undefined
  for (const [index, message] of built.entries()) {
    // The same when the request is repeated, so that it is the same message.
    const id = `3EB0${derivedId(album.id, String(index)).slice(0, 18).toUpperCase()}`
    const named = albumItem(message, { chat: album.to, id: album.id })
    const send = () => session.send({ to: album.to, id, message: named })
    outcomes.push(
      unreachable
        ? { id, failure: unreachable }
        : await send().then(
            (sent) => ({ sent }),
            (failure: unknown) => ({ id, failure: asApiError(failure) }),
          ),
    )
    const last = outcomes.at(-1)
    if (last && 'failure' in last && last.failure.code !== 'upstream_refused') unreachable = last.failure
  }
  return outcomes
}

function asApiError(error: unknown): ApiError {
  if (error instanceof ApiError) return error
  throw error
}

function checkNumber(items: number): void {
  const { max } = limits.albumItems
  if (items < FEWEST_ITEMS || items > max) throw invalid(`an album has ${FEWEST_ITEMS} to ${max} items`)
}

function invalid(text: string): ApiError {
  return new ApiError('invalid_field', { text })
}
