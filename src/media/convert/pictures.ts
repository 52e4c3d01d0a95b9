import { readFile, writeFile } from 'node:fs/promises'
import type { Sharp } from 'sharp'
import { detectContentType } from '../../lib/text/detect-content-type.ts'
import type { Scratch } from '../scratch.ts'
import { fileAt, type MediaFile } from '../source.ts'
import type { Ffmpeg } from './ffmpeg.ts'
import { type HeifPicture, readHeif } from './heif.ts'
import { asImageError, openPicture } from './images.ts'
import { brandsOf } from './iso-boxes.ts'
import { withProfile } from './png-profile.ts'
import { converted, UnusableFile } from './unusable.ts'

interface Tools {
  ffmpeg: Ffmpeg
  scratch: Scratch
}

/** The longest side of what is made smaller: what phones send as HD. */
const SENT_SIDE = 4096
/** Larger pictures, such as those of cameras of 108 and 200 megapixels, are made smaller. */
const MAX_SENT_PIXELS = 50_000_000
/** HEIC is read into memory. */
const MAX_HEIC_BYTES = 64 * 1024 * 1024
const JPEG = 'image/jpeg'

/** The type of a picture by its bytes; also of those that Go's detection does not know. */
export function pictureType({ head }: Pick<MediaFile, 'head'>): string {
  const brands = brandsOf(head)
  if (brands.some((brand) => /^avi[fs]$/.test(brand))) return 'image/avif'
  // What phones write names `heic`; `mif1` alone is any codec.
  if (brands.some((brand) => /^(he[iv][cxms]|mif1|msf1)$/.test(brand))) return 'image/heic'
  return detectContentType(head)
}

/**
 * The picture as phones show it: HEIC, AVIF and BMP become JPEG, what is enormous becomes smaller, and PNG and WebP are
 * turned upright, because phones follow the EXIF of JPEG only. Everything else is the given file, also what is no picture.
 * Throws UnusableFile for what cannot be converted and ImageError for what is broken.
 */
export async function toPicture(file: MediaFile, tools: Tools): Promise<MediaFile> {
  try {
    switch (pictureType(file)) {
      case 'image/avif':
        return await toJpeg(file.path, tools.scratch)
      case 'image/heic':
        return await fromHeic(file, tools)
      case 'image/bmp':
        return await fromBmp(file, tools)
      case 'image/jpeg':
      case 'image/png':
      case 'image/webp':
        return await asShown(file, tools.scratch)
      default:
        return file
    }
  } catch (cause) {
    throw cause instanceof UnusableFile ? cause : asImageError(cause)
  }
}

async function asShown(file: MediaFile, scratch: Scratch): Promise<MediaFile> {
  const image = await openPicture(file.path)
  const { format, width, height, orientation = 1, pages = 1 } = await image.metadata()
  if (pages > 1) return file
  if (format === 'jpeg') return width * height > MAX_SENT_PIXELS ? toJpeg(file.path, scratch) : file
  // Turning takes all pixels into memory at once.
  if (orientation === 1 || width * height > MAX_SENT_PIXELS) return file
  const path = scratch.newPath()
  await image.autoOrient().toFile(path)
  return fileAt(path, `image/${format}`)
}

async function toJpeg(path: string, scratch: Scratch): Promise<MediaFile> {
  return written(await openPicture(path).then((image) => image.autoOrient()), scratch)
}

async function written(image: Sharp, scratch: Scratch): Promise<MediaFile> {
  const path = scratch.newPath('.jpg')
  await image
    .resize(SENT_SIDE, SENT_SIDE, { fit: 'inside', withoutEnlargement: true })
    .flatten({ background: '#fff' })
    .jpeg({ quality: 90 })
    .toFile(path)
  return fileAt(path, JPEG)
}

function fromBmp({ path }: MediaFile, { ffmpeg, scratch }: Tools): Promise<MediaFile> {
  return converted(ffmpeg, 'a BMP picture', async () => {
    const png = scratch.newPath('.png')
    await ffmpeg.run({ input: path, args: ['-frames:v', '1', ...PNG, `file:${png}`] })
    return toJpeg(png, scratch)
  })
}

/** Quickly made, as it is read once. */
const PNG = ['-c:v', 'png', '-compression_level', '1', '-f', 'image2']

async function fromHeic({ path, sizeBytes }: MediaFile, { ffmpeg, scratch }: Tools): Promise<MediaFile> {
  if (sizeBytes > MAX_HEIC_BYTES) throw new UnusableFile('a HEIC picture of more than 64 MB')
  const picture = readHeif(await readFile(path))
  if (!picture) throw new UnusableFile('a HEIC picture that is broken or of an unknown kind')
  return converted(ffmpeg, 'a HEIC picture', async () => {
    const stream = scratch.newPath('.hevc')
    const png = scratch.newPath('.png')
    await writeFile(stream, picture.hevc)
    await ffmpeg.run({
      input: stream,
      args: ['-vf', filtersFor(picture), '-frames:v', '1', '-pix_fmt', 'rgb24', ...PNG, `file:${png}`],
    })
    const { profile } = picture
    if (profile) await writeFile(png, withProfile(await readFile(png), profile))
    return written(await openPicture(png), scratch)
  })
}

/** Puts the tiles together, cuts off what stands over, and turns. */
function filtersFor({ columns, rows, width, height, changes, isFullRange }: HeifPicture): string {
  return [
    ...(isFullRange === undefined ? [] : [`setparams=range=${isFullRange ? 'pc' : 'tv'}`]),
    ...(columns * rows > 1 ? [`tile=${columns}x${rows}`] : []),
    // A single picture may be cut by its stream already, and then be smaller than the file says.
    `crop=min(iw\\,${width}):min(ih\\,${height}):0:0`,
    ...changes.flatMap((change) => {
      if ('mirror' in change) return change.mirror === 'left-right' ? 'hflip' : 'vflip'
      return { 90: 'transpose=clock', 180: 'hflip,vflip', 270: 'transpose=cclock' }[change.turn] ?? []
    }),
  ].join(',')
}
