import { createHash } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { ApiError } from '../../lib/errors.ts'
import type { FileInput } from '../../lib/file-input.ts'
import { limits } from '../../lib/limits.ts'
import { ImageError, makeProductPicture } from '../../media/convert/images.ts'
import { toPicture } from '../../media/convert/pictures.ts'
import { UnusableFile } from '../../media/convert/unusable.ts'
import { type Scratch, withScratch } from '../../media/scratch.ts'
import { openSource } from '../../media/source.ts'
import { getUrlFromDirectPath } from '../../whatsapp/library/engine.ts'
import type { LiveSession } from '../../whatsapp/session/session.ts'
import type { ProductImage } from './catalog.ts'

/** Largest picture, from an address or inside the request. */
const MAX_BYTES = 16 * 1024 * 1024
/** Longest silence of the media server. */
const IDLE_TIMEOUT_MS = 60_000

/** Throws `invalid_field` for more pictures than a product can have. */
export function checkImageCount(images: readonly FileInput[]): void {
  const { max } = limits.productImages
  if (images.length > max)
    throw new ApiError('invalid_field', { text: `a product has at most ${max} images, not ${images.length}` })
}

/**
 * Puts pictures of a product on WhatsApp's media servers and resolves with their addresses. Every picture is opened and
 * read before the first one leaves. An address that is one of `existing` stays as it is. Throws as `openSource` does,
 * `invalid_field` in the stage `convert` for what is not a picture, and `media_too_large`.
 */
export function uploadProductImages(
  session: LiveSession,
  { images, existing }: { images: readonly FileInput[]; existing: readonly ProductImage[] },
): Promise<string[]> {
  return withScratch(async (scratch) => {
    const prepared: Prepared[] = []
    for (const [index, image] of images.entries()) {
      const kept = existing.find(({ url, previewUrl }) => image === url || image === previewUrl)
      prepared.push(kept ? { url: kept.url } : await prepare(session, image, { scratch, number: index + 1 }))
    }
    const urls: string[] = []
    for (const image of prepared) urls.push('url' in image ? image.url : await upload(session, image))
    return urls
  })
}

/** A picture that is there already, or one on disk that is ready to go. */
type Prepared = { url: string } | { path: string; sha256: string }

async function prepare(
  { media }: LiveSession,
  given: FileInput,
  { scratch, number }: { scratch: Scratch; number: number },
): Promise<Prepared> {
  const file = await openSource(given, { scratch, maxBytes: MAX_BYTES, agents: media.sourceAgents })
  if (file.sizeBytes > MAX_BYTES)
    throw new ApiError('media_too_large', { text: `image ${number} has more than ${MAX_BYTES} bytes` })
  const picture = toPicture(file, { ffmpeg: media.ffmpeg, scratch })
  const jpeg = await picture.then(makeProductPicture).catch((cause: unknown) => {
    if (!(cause instanceof ImageError) && !(cause instanceof UnusableFile)) throw cause
    throw new ApiError(
      'invalid_field',
      { stage: 'convert', text: `image ${number}: ${cause.message}` },
      { cause },
    )
  })
  const path = scratch.newPath('.jpg')
  await writeFile(path, jpeg, { flag: 'wx', mode: 0o600 })
  return { path, sha256: createHash('sha256').update(jpeg).digest('base64') }
}

/** Pictures of products are for everybody, so they are not encrypted. */
async function upload(
  session: LiveSession,
  { path, sha256 }: { path: string; sha256: string },
): Promise<string> {
  const { directPath } = await session.call((socket) =>
    socket.waUploadToServer(path, {
      mediaType: 'product-catalog-image',
      // The library's name for what it addresses the file by.
      fileEncSha256B64: sha256,
      timeoutMs: IDLE_TIMEOUT_MS,
    }),
  )
  return getUrlFromDirectPath(directPath)
}
