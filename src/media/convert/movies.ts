import type { Scratch } from '../scratch.ts'
import { fileAt, type MediaFile } from '../source.ts'
import type { Ffmpeg } from './ffmpeg.ts'
import { brandsOf } from './iso-boxes.ts'
import { loadSharp } from './load-sharp.ts'
import { type MovieFacts, movieFacts } from './movie-facts.ts'
import { converted } from './unusable.ts'

/** A video as phones play it. */
export interface Movie {
  file: MediaFile
  /** What it says about itself; undefined for what cannot be read. */
  facts?: MovieFacts
  /** Whether it was a GIF: it plays by itself, again and again, without sound. */
  isGif: boolean
}

interface Tools {
  ffmpeg: Ffmpeg
  scratch: Scratch
}

/** How the file is to change: its pictures too, or only the container around them. */
interface Change {
  /** What it is, for people. */
  what: string
  isRepacked?: boolean
}

const TYPE = 'video/mp4'
/** The longest side of what is converted: what phones send as HD. */
const SIDE = 1280
const TIMEOUT_MS = 300_000
/** Players do not follow shorter pauses between the pictures of a GIF, and no GIF needs more pictures per second. */
const GIF_RATE = 30

/**
 * The video as every phone plays it: H.264 and AAC in MP4. What is so already and what nobody can read stay as they are.
 * Throws UnusableFile for what cannot be converted.
 */
export async function toMovie(file: MediaFile, { ffmpeg, scratch }: Tools): Promise<Movie> {
  const facts = await movieFacts(file.path)
  const change = neededChange(file.head, facts)
  const isGif = isGifFile(file)
  if (!change) return { file, facts, isGif }
  // Every phone opens 3GP, though not every one plays what is in it.
  if (isThreeGp(file.head) && !(await ffmpeg.isAvailable())) return { file, facts, isGif }
  return converted(ffmpeg, change.what, async () => {
    const path = scratch.newPath('.mp4')
    await ffmpeg.run({
      input: file.path,
      args: [
        ...tracks(isGif),
        ...codecs(change, facts, isGif),
        '-movflags',
        '+faststart',
        '-f',
        'mp4',
        `file:${path}`,
      ],
      timeoutMs: TIMEOUT_MS,
    })
    const movie = await fileAt(path, TYPE)
    return { file: movie, facts: await movieFacts(path), isGif }
  })
}

/** Whether it is a GIF, moving or not. */
function isGifFile({ head }: Pick<MediaFile, 'head'>): boolean {
  return /^GIF8[79]a/.test(head.toString('latin1', 0, 6))
}

/** Whether it is a GIF of more than one picture. */
export async function isMovingGif(file: MediaFile): Promise<boolean> {
  if (!isGifFile(file)) return false
  const sharp = await loadSharp()
  const { pages = 1 } = await sharp(file.path)
    .metadata()
    .catch(() => ({ pages: 1 })) // Broken: whoever opens it next says so.
  return pages > 1
}

/** The type of a video by its bytes; undefined when they are none that a phone plays. */
export function movieType({ head }: Pick<MediaFile, 'head'>): string | undefined {
  if (brandsOf(head).length === 0) return undefined
  return isThreeGp(head) ? 'video/3gpp' : TYPE
}

/** Containers that no phone plays, by how they begin, in hexadecimal. */
const FOREIGN: [what: string, start: RegExp][] = [
  ['a GIF', /^474946383[79]61/],
  ['a WebM or Matroska video', /^1a45dfa3/],
  ['an AVI video', /^52494646.{8}41564920/],
  ['a WMV video', /^3026b2758e66cf11/],
  ['an FLV video', /^464c5601/],
  ['an MPEG transport stream', /^47.{374}47/],
]

function neededChange(head: Buffer, facts: MovieFacts | undefined): Change | undefined {
  const start = head.toString('hex')
  const foreign = FOREIGN.find(([, beginning]) => beginning.test(start))
  if (foreign) return { what: foreign[0] }
  if (!facts?.video) return undefined
  const isMov = isQuickTime(head)
  const container = isMov ? 'a MOV video' : isThreeGp(head) ? 'a 3GP video' : undefined
  const isPlain = facts.isPlainH264 && (facts.audio === undefined || facts.audio === 'mp4a')
  if (isPlain) return container ? { what: container, isRepacked: true } : undefined
  return { what: container ?? `${CODECS[facts.video] ?? 'a'} video` }
}

/** What people call the codecs that phones and cameras write besides H.264. */
const CODECS: Record<string, string> = {
  hvc1: 'an HEVC',
  hev1: 'an HEVC',
  dvh1: 'a Dolby Vision',
  av01: 'an AV1',
  vp09: 'a VP9',
  mp4v: 'an MPEG-4',
  s263: 'an H.263',
  apcn: 'a ProRes',
}

/** Files older than MP4 begin without a list of brands. */
function isQuickTime(head: Buffer): boolean {
  const brands = brandsOf(head)
  return brands.length === 0
    ? /^(moov|mdat|wide|free|skip)$/.test(head.toString('latin1', 4, 8))
    : brands[0] === 'qt  '
}

function isThreeGp(head: Buffer): boolean {
  return /^3g/.test(brandsOf(head)[0] ?? '')
}

/** Phones write tracks of measurements and second tracks of sound, which no MP4 has a place for. */
function tracks(isGif: boolean): string[] {
  return ['-map', '0:v:0', ...(isGif ? [] : ['-map', '0:a:0?']), '-map_metadata', '-1', '-dn', '-sn']
}

function codecs({ isRepacked }: Change, facts: MovieFacts | undefined, isGif: boolean): string[] {
  if (isRepacked) return ['-c', 'copy']
  const rate = isGif ? `fps=${GIF_RATE},` : ''
  const bound = `min(1\\,${SIDE}/max(iw\\,ih))`
  // H.264 of phones has colours at half the resolution, so that the sides are even.
  const size = `scale=max(2\\,trunc(iw*${bound}/2)*2):max(2\\,trunc(ih*${bound}/2)*2)`
  return [
    ...['-vf', `${rate}${size},setsar=1,format=yuv420p`],
    ...['-c:v', 'libx264', '-preset', 'veryfast', '-crf', '23', '-profile:v', 'high'],
    ...(facts?.audio === 'mp4a' ? ['-c:a', 'copy'] : ['-c:a', 'aac', '-b:a', '128k', '-ac', '2']),
  ]
}
