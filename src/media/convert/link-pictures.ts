import { type Jpeg, smallJpeg } from './small-jpeg.ts'

/** The pictures of a card about a link. */
export interface LinkPictures {
  /** A small JPEG beside the title. */
  thumbnail: Buffer
  /** A large one above it, where the picture is large enough for that. */
  large?: Jpeg
}

const THUMBNAIL_SIDE = 192
const LARGE_SIDE = 1024
// WhatsApp's advice to those who make pages: pictures for links are 300 pixels wide or more, and at most four times as wide as high.
const LEAST_WIDTH = 300
const GREATEST_RATIO = 4

/** Makes both of any picture. Rejects as `smallJpeg` does. */
export async function linkPictures(image: Uint8Array): Promise<LinkPictures> {
  const { bytes: thumbnail } = await smallJpeg(image, THUMBNAIL_SIDE)
  const large = await smallJpeg(image, LARGE_SIDE)
  const { width, height } = large
  return width < LEAST_WIDTH || width > GREATEST_RATIO * height ? { thumbnail } : { thumbnail, large }
}
