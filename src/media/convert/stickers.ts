import { readFile, writeFile } from 'node:fs/promises'
import sharp from 'sharp'
import type { Scratch } from '../scratch.ts'
import type { MediaFile } from '../source.ts'
import { type Ffmpeg, FfmpegError } from './ffmpeg.ts'
import { asImageError, checkFormat, ImageError, openPicture } from './images.ts'
import { isAnimatedWebp, type StickerPack, withPack } from './webp.ts'

/** A sticker ready to be sent. */
export interface Sticker {
  file: Pick<MediaFile, 'path' | 'sizeBytes'>
  mimeType: string
  isAnimated: boolean
}

export interface StickerOptions {
  /** The type of the given file. */
  mimeType: string
  pack?: StickerPack
  ffmpeg: Ffmpeg
  scratch: Scratch
}

/** A conversion failed; `source` says what was converted. */
export class StickerError extends Error {
  override readonly name = 'StickerError'
  readonly source: 'image' | 'video/gif'

  constructor(source: 'image' | 'video/gif', message: string, options?: ErrorOptions) {
    super(message, options)
    this.source = source
  }
}

const WEBP = 'image/webp'
const SIDE = 512
const MAX_SECONDS = 10
const MAX_FRAMES_PER_SECOND = 15
const MAX_ANIMATION_BYTES = 1024 * 1024
/** All frames together: they are in memory at the same time. */
const MAX_ANIMATION_PIXELS = 40_000_000
/** Tried one after the other until an animation is small enough. */
const QUALITIES = [75, 50, 30, 15]
/** A sticker larger than this is sent as it is: to look into it, it has to be in memory. */
const MAX_INSPECTED_BYTES = 16 * 1024 * 1024

/**
 * Makes a sticker of a file: JPEG and PNG become WebP of 512 × 512 pixels, GIF and videos an animated one of at most
 * ten seconds and 1 MB, anything else stays as it is. Throws StickerError.
 */
export async function makeSticker(file: MediaFile, options: StickerOptions): Promise<Sticker> {
  const { mimeType, pack, scratch } = options
  const converted = await convert(file, options)
  if (!converted && (mimeType !== WEBP || file.sizeBytes > MAX_INSPECTED_BYTES))
    return { file, mimeType, isAnimated: false }

  const webp = converted ?? (await readFile(file.path))
  const finished = pack ? withPack(webp, pack) : webp
  const path = scratch.newPath('.webp')
  await writeFile(path, finished)
  return {
    file: { path, sizeBytes: finished.length },
    mimeType: WEBP,
    isAnimated: isAnimatedWebp(finished),
  }
}

async function convert(file: MediaFile, options: StickerOptions): Promise<Buffer | undefined> {
  const { mimeType } = options
  if (mimeType === 'image/jpeg' || mimeType === 'image/png') return fromImage(file)
  if (mimeType === 'image/gif') return fromGif(file)
  return mimeType.startsWith('video/') ? fromVideo(file, options) : undefined
}

async function fromImage({ path, head }: MediaFile): Promise<Buffer> {
  try {
    checkFormat(head)
    const image = (await openPicture(path)).autoOrient()
    return await image.resize(SIDE, SIDE, { fit: 'fill' }).webp({ lossless: true }).toBuffer()
  } catch (cause) {
    throw new StickerError('image', asImageError(cause).message, { cause })
  }
}

async function fromGif({ path, head }: MediaFile): Promise<Buffer> {
  try {
    checkFormat(head)
    const { pages = 1, delay = [] } = await sharp(path, { limitInputPixels: MAX_ANIMATION_PIXELS }).metadata()
    const frames = framesWithin(delay.slice(0, pages))
    return await smallEnough(async (quality) =>
      sharp(path, { limitInputPixels: MAX_ANIMATION_PIXELS, pages: frames })
        .resize(SIDE, SIDE, { fit: 'contain', background: '#0000' })
        .webp({ quality, loop: 0, effort: 2 })
        .toBuffer(),
    )
  } catch (cause) {
    throw new StickerError('video/gif', asImageError(cause).message, { cause })
  }
}

/** How many frames are shown in the first ten seconds; `delays` are milliseconds. */
function framesWithin(delays: number[]): number {
  let elapsedMs = 0
  let frames = 0
  for (const delay of delays) {
    if (elapsedMs >= MAX_SECONDS * 1000 || frames >= MAX_SECONDS * MAX_FRAMES_PER_SECOND) break
    elapsedMs += delay
    frames++
  }
  return Math.max(1, frames)
}

async function fromVideo({ path }: MediaFile, { ffmpeg, scratch }: StickerOptions): Promise<Buffer> {
  if (!(await ffmpeg.isAvailable())) throw new StickerError('video/gif', 'ffmpeg is not installed')
  const fit = `scale=${SIDE}:${SIDE}:force_original_aspect_ratio=decrease,format=rgba`
  const square = `pad=${SIDE}:${SIDE}:(ow-iw)/2:(oh-ih)/2:color=black@0`
  try {
    return await smallEnough(async (quality) => {
      const target = scratch.newPath('.webp')
      await ffmpeg.run({
        input: path,
        args: [
          ...['-map', '0:v:0', '-an', '-t', String(MAX_SECONDS)],
          ...['-vf', `fps=${MAX_FRAMES_PER_SECOND},${fit},${square}`],
          ...['-c:v', 'libwebp_anim', '-quality', String(quality), '-compression_level', '3'],
          ...['-loop', '0', '-f', 'webp', `file:${target}`],
        ],
      })
      return readFile(target)
    })
  } catch (cause) {
    if (!(cause instanceof FfmpegError) && !(cause instanceof ImageError)) throw cause
    throw new StickerError('video/gif', cause.message, { cause })
  }
}

async function smallEnough(encode: (quality: number) => Promise<Buffer>): Promise<Buffer> {
  for (const quality of QUALITIES) {
    const webp = await encode(quality)
    if (webp.length <= MAX_ANIMATION_BYTES) return webp
  }
  throw new ImageError('the animation is larger than 1 MB')
}
