import type { Sharp } from 'sharp'
import { detectContentType } from '../../lib/text/detect-content-type.ts'
import type { MediaFile } from '../source.ts'
import { loadSharp } from './load-sharp.ts'

/** A small JPEG that is shown until the file itself is there, and the size of the picture it was made from. */
export interface Thumbnail {
  jpeg: Buffer
  width: number
  height: number
}

/** The bytes are not a picture that can be read; `message` says it in the words of Go's library where it has some. */
export class ImageError extends Error {
  override readonly name = 'ImageError'
}

/** Larger pictures are refused: a few kilobytes of PNG can claim to be gigabytes of pixels. */
const MAX_PIXELS = 100_000_000
/** Phones have cameras of 200 megapixels. JPEG is reduced while it is read, unless it is progressive. */
const MAX_JPEG_PIXELS = 256_000_000
const THUMBNAIL_PIXELS = 72
const PROFILE_PIXELS = 640
const PRODUCT_PIXELS = 1600
/** The formats the original decodes. Others the library could read, such as SVG, name files and addresses. */
const FORMATS = ['image/jpeg', 'image/png', 'image/gif', 'image/webp']

/** Throws ImageError. */
export async function makeThumbnail({ path, head }: MediaFile): Promise<Thumbnail> {
  checkFormat(head)
  try {
    const image = await openUpright(path)
    const { autoOrient } = await image.metadata()
    const jpeg = await image
      .resize(THUMBNAIL_PIXELS, THUMBNAIL_PIXELS, { fit: 'inside', withoutEnlargement: true })
      .flatten({ background: '#fff' })
      .jpeg({ quality: 75 })
      .toBuffer()
    return { jpeg, width: autoOrient.width, height: autoOrient.height }
  } catch (cause) {
    throw asImageError(cause)
  }
}

/** A square JPEG cut out of the middle, of the size in which people and groups show themselves. Throws ImageError. */
export async function makeProfilePicture({ path, head }: MediaFile): Promise<Buffer> {
  checkFormat(head)
  try {
    const image = await openUpright(path)
    return await image
      .resize(PROFILE_PIXELS, PROFILE_PIXELS, { fit: 'cover' })
      .flatten({ background: '#fff' })
      .jpeg({ quality: 80 })
      .toBuffer()
  } catch (cause) {
    throw asImageError(cause)
  }
}

/** A JPEG as catalogues take it, the only format; a large picture becomes smaller. Throws ImageError. */
export async function makeProductPicture({ path, head }: MediaFile): Promise<Buffer> {
  checkFormat(head)
  try {
    const image = await openUpright(path)
    return await image
      .resize(PRODUCT_PIXELS, PRODUCT_PIXELS, { fit: 'inside', withoutEnlargement: true })
      .flatten({ background: '#fff' })
      .jpeg({ quality: 85 })
      .toBuffer()
  } catch (cause) {
    throw asImageError(cause)
  }
}

/** Throws ImageError unless the bytes begin like a picture that may be opened. */
export function checkFormat(head: Buffer): void {
  if (!FORMATS.includes(detectContentType(head))) throw new ImageError('image: unknown format')
}

/**
 * Opens a picture so that it is never in memory as a whole: read line by line or, as the library does with JPEG,
 * reduced while it is read. Throws ImageError for what is too large.
 */
export async function openPicture(path: string): Promise<Sharp> {
  const sharp = await loadSharp()
  const image = sharp(path, { limitInputPixels: MAX_JPEG_PIXELS, sequentialRead: true })
  const { format, isProgressive, width, height } = await image.metadata()
  const max = format === 'jpeg' && !isProgressive ? MAX_JPEG_PIXELS : MAX_PIXELS
  if (width * height > max) throw new ImageError('Input image exceeds pixel limit')
  return image
}

/** The same, upright. Turning needs all pixels, so only JPEG, what cameras write, is turned. */
async function openUpright(path: string): Promise<Sharp> {
  const image = await openPicture(path)
  const { format } = await image.metadata()
  return format === 'jpeg' ? image.autoOrient() : image
}

/** What the library says about a picture it cannot read. */
export function asImageError(cause: unknown): ImageError {
  if (cause instanceof ImageError) return cause
  return new ImageError(cause instanceof Error ? cause.message : String(cause), { cause })
}
