import { readFile, writeFile } from 'node:fs/promises'
import type { Scratch } from '../scratch.ts'
import type { MediaFile } from '../source.ts'
import { type Ffmpeg, FfmpegError } from './ffmpeg.ts'
import { asImageError, checkFormat, ImageError, openPicture } from './images.ts'
import { loadSharp } from './load-sharp.ts'
import { movieType } from './movies.ts'
import { pictureType, toPicture } from './pictures.ts'
import { UnusableFile } from './unusable.ts'
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
const MAX_FRAMES = MAX_SECONDS * MAX_FRAMES_PER_SECOND
const MAX_ANIMATION_BYTES = 1024 * 1024
/** All frames together: they are in memory at the same time. */
const MAX_ANIMATION_PIXELS = 40_000_000
/** Tried one after the other until an animation is small enough. */
const QUALITIES = [75, 50, 30, 15]
/** A sticker larger than this is sent as it is: to look into it, it has to be in memory. */
const MAX_INSPECTED_BYTES = 16 * 1024 * 1024

/**
 * Makes a sticker of a file: pictures become WebP of 512 × 512 pixels, never stretched, GIF and videos an animated one of
 * at most ten seconds and 1 MB. Throws StickerError, and UnusableFile for what is none of these.
 */
export async function makeSticker(file: MediaFile, options: StickerOptions): Promise<Sticker> {
  const { pack, scratch } = options
  const type = sourceType(file, options.mimeType)
  if (type === WEBP && file.sizeBytes > MAX_INSPECTED_BYTES)
    return { file, mimeType: WEBP, isAnimated: false }

  const webp = type === WEBP ? await readFile(file.path) : await convert(file, { ...options, mimeType: type })
  const finished = pack ? withPack(webp, pack) : webp
  const path = scratch.newPath('.webp')
  await writeFile(path, finished)
  return {
    file: { path, sizeBytes: finished.length },
    mimeType: WEBP,
    isAnimated: isAnimatedWebp(finished),
  }
}

/** What to convert it from: what the bytes are, else what it is said to be. Throws UnusableFile for what is no sticker. */
function sourceType(file: MediaFile, declared: string): string {
  const found = pictureType(file)
  if (/^(image|video)\//.test(found)) return found
  const type = movieType(file) ?? declared
  if (type !== WEBP && /^(image\/(jpeg|png|gif)$|video\/)/.test(type)) return type
  throw new UnusableFile(
    'a sticker is WebP or made of a picture, a GIF or a video; this file is none of these',
  )
}

async function convert(file: MediaFile, options: StickerOptions): Promise<Buffer> {
  if (options.mimeType === 'image/gif') return fromGif(file, options)
  return options.mimeType.startsWith('video/') ? fromVideo(file, options) : fromImage(file, options)
}

async function fromImage(given: MediaFile, options: StickerOptions): Promise<Buffer> {
  try {
    const { path, head } = await toPicture(given, options)
    checkFormat(head)
    const image = (await openPicture(path)).autoOrient()
    return await image
      .resize(SIDE, SIDE, { fit: 'contain', background: '#0000' })
      .webp({ lossless: true })
      .toBuffer()
  } catch (cause) {
    if (cause instanceof UnusableFile) throw cause
    throw new StickerError('image', asImageError(cause).message, { cause })
  }
}

async function fromGif(file: MediaFile, options: StickerOptions): Promise<Buffer> {
  const { path, head } = file
  try {
    checkFormat(head)
    const sharp = await loadSharp()
    const { pages = 1, delay: delays = [] } = await sharp(path, {
      limitInputPixels: MAX_ANIMATION_PIXELS,
    }).metadata()
    const delay = delays.slice(0, pages).map(playedDelay)
    const frames = framesWithin(delay)
    // More pictures than a sticker has in ten seconds: some are left out, which ffmpeg does.
    if (frames > MAX_FRAMES && (await options.ffmpeg.isAvailable())) return await fromVideo(file, options)
    const shown = Math.min(frames, MAX_FRAMES)
    return await smallEnough(async (quality) =>
      sharp(path, { limitInputPixels: MAX_ANIMATION_PIXELS, pages: shown })
        .resize(SIDE, SIDE, { fit: 'contain', background: '#0000' })
        .webp({ quality, loop: 0, effort: 2, ...(shown > 1 && { delay: delay.slice(0, shown) }) })
        .toBuffer(),
    )
  } catch (cause) {
    if (cause instanceof StickerError) throw cause
    throw new StickerError('video/gif', asImageError(cause).message, { cause })
  }
}

/** How long a picture of a GIF is shown, in milliseconds: players take what is shorter than 20 for a mistake, and for 100. */
function playedDelay(delayMs: number): number {
  return delayMs < 20 ? 100 : delayMs
}

/** How many frames are shown in the first ten seconds; `delays` are milliseconds. */
function framesWithin(delays: number[]): number {
  let elapsedMs = 0
  let frames = 0
  for (const delay of delays) {
    if (elapsedMs >= MAX_SECONDS * 1000) break
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
