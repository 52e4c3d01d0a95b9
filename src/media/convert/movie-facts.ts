import { boxAt, boxesIn, readBox } from './iso-boxes.ts'

/** What an MP4, MOV or 3GP says about itself. */
export interface MovieFacts {
  /** Length, whole seconds; 0 = unknown. */
  seconds: number
  /** Of the picture as it is shown, that is, turned. */
  width: number
  height: number
  /** The four letters of the codecs (`avc1`, `hvc1`, `mp4a`); of the first track of each kind. */
  video?: string
  audio?: string
  /** Whether the video is H.264 as every phone decodes it: 8 bits, colours at half the resolution. */
  isPlainH264: boolean
}

const MAX_TABLE_BYTES = 32 * 1024 * 1024
/** Baseline, Main, Extended and High; those above are for studios. */
const PHONE_PROFILES = [66, 77, 88, 100]

/** Reads the tables of a movie; undefined when there are none. */
export async function movieFacts(path: string): Promise<MovieFacts | undefined> {
  const moov = await readBox(path, 'moov', MAX_TABLE_BYTES)
  if (!moov) return undefined
  try {
    const tracks = boxesIn(moov).filter(({ type }) => type === 'trak')
    const video = tracks.find(({ content }) => handlerOf(content) === 'vide')?.content
    const audio = tracks.find(({ content }) => handlerOf(content) === 'soun')?.content
    const entry = video && firstEntry(video)
    return {
      seconds: secondsIn(moov),
      ...(video ? shownSize(video) : { width: 0, height: 0 }),
      ...(entry && { video: entry.codec }),
      ...(audio && { audio: firstEntry(audio)?.codec ?? '' }),
      isPlainH264:
        entry !== undefined &&
        /^avc[13]$/.test(entry.codec) &&
        PHONE_PROFILES.includes(profileOf(entry.content)),
    }
  } catch (error) {
    // Cut off.
    if (error instanceof RangeError) return undefined
    throw error
  }
}

function handlerOf(track: Buffer): string {
  return boxAt(track, 'mdia', 'hdlr')?.toString('latin1', 8, 12) ?? ''
}

function firstEntry(track: Buffer): { codec: string; content: Buffer } | undefined {
  const table = boxAt(track, 'mdia', 'minf', 'stbl', 'stsd')
  const entry = table && boxesIn(table.subarray(8))[0]
  return entry && { codec: entry.type, content: entry.content }
}

/** The profile in the configuration of H.264 (`avcC`), which follows 78 bytes of the entry. */
function profileOf(entry: Buffer): number {
  return boxAt(entry.subarray(78), 'avcC')?.readUInt8(1) ?? 0
}

function secondsIn(moov: Buffer): number {
  const head = boxAt(moov, 'mvhd')
  if (!head) return 0
  const isWide = head.readUInt8(0) === 1
  const scale = head.readUInt32BE(isWide ? 20 : 12)
  const units = isWide ? Number(head.readBigUInt64BE(24)) : head.readUInt32BE(16)
  // All bits set = unknown; a movie that is not quite a second long has one.
  if (scale === 0 || units === 0 || units >= 0xffffffff) return 0
  return Math.max(1, Math.round(units / scale))
}

/** Width and height close the track's header, 16.16 each; before them stands the matrix that turns the picture. */
function shownSize(track: Buffer): Pick<MovieFacts, 'width' | 'height'> {
  const head = boxAt(track, 'tkhd')
  if (!head) return { width: 0, height: 0 }
  const [width, height] = [
    head.readUInt32BE(head.length - 8) >>> 16,
    head.readUInt32BE(head.length - 4) >>> 16,
  ]
  const isOnItsSide = head.readInt32BE(head.length - 44) === 0
  return isOnItsSide ? { width: height, height: width } : { width, height }
}
