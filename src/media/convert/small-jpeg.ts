import { loadSharp } from './load-sharp.ts'

const FORMATS = ['jpeg', 'png', 'webp', 'gif']
// An image of a few kilobytes can say it is gigantic; decoding it would take the memory it claims.
const MAX_PIXELS = 4000 * 4000

/** A picture made for sending. */
export interface Jpeg {
  bytes: Buffer
  width: number
  height: number
}

/**
 * A JPEG of the image that fits into a square of `side` pixels, transparent parts white; of a moving image its first
 * picture. Rejects for anything but JPEG, PNG, WebP and GIF, and for more than 16 megapixels.
 */
export async function smallJpeg(image: Uint8Array, side: number): Promise<Jpeg> {
  const sharp = await loadSharp()
  const picture = sharp(image, { limitInputPixels: MAX_PIXELS })
  const { format } = await picture.metadata()
  if (!FORMATS.includes(format ?? '')) throw new Error(`cannot make a JPEG of ${format}`)
  const { data, info } = await picture
    .rotate()
    .resize(side, side, { fit: 'inside', withoutEnlargement: true })
    .flatten({ background: '#ffffff' })
    .jpeg({ quality: 75 })
    .toBuffer({ resolveWithObject: true })
  return { bytes: data, width: info.width, height: info.height }
}
