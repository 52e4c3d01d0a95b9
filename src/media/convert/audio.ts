import { open } from 'node:fs/promises'
import type { Scratch } from '../scratch.ts'
import { fileAt, type MediaFile } from '../source.ts'
import { audioFormat, OPUS } from './audio-formats.ts'
import { type Ffmpeg, FfmpegError } from './ffmpeg.ts'
import { movieFacts } from './movie-facts.ts'

/** What a chat shows of an audio before it is played. */
export interface AudioFacts {
  /** Length, whole seconds. */
  seconds: number
  /** Loudness over its length: 64 values from 0 to 100. */
  waveform?: Buffer
}

const WAVEFORM_LENGTH = 64
const WAVEFORM_MAX = 100
/** The samples ffmpeg is asked for: one channel, signed, 16 bits, so many per second. */
const SAMPLE_RATE = 8_000
const SAMPLE_BYTES = 2
/** Samples that are summed up while they arrive: a fiftieth of a second. */
const WINDOW = SAMPLE_RATE / 50
/** Opus always counts in 48 kHz, and its last Ogg page (at most 65 307 bytes) tells the total (RFC 7845). */
const OPUS_RATE = 48_000
const LARGEST_PAGE = 65_307

/** How loud and how wide: speech as phones record it, or anything else. */
const VOICE = ['-b:a', '32k', '-application', 'voip', '-ac', '1']
const MUSIC = ['-b:a', '96k', '-ac', '2']

/** Converts an audio of any format to Opus in Ogg. Throws FfmpegError. */
export async function toOpus(
  file: MediaFile,
  { ffmpeg, scratch, isVoice }: { ffmpeg: Ffmpeg; scratch: Scratch; isVoice: boolean },
): Promise<MediaFile> {
  const path = scratch.newPath('.ogg')
  const codec = ['-c:a', 'libopus', '-ar', '48000', ...(isVoice ? VOICE : MUSIC)]
  await ffmpeg.run({
    input: file.path,
    args: ['-map', '0:a:0', '-map_metadata', '-1', ...codec, '-f', 'ogg', `file:${path}`],
  })
  return fileAt(path, OPUS)
}

/**
 * Length and waveform of an audio. Without ffmpeg, or for what ffmpeg cannot read, only the length of Opus and MP4 is
 * known; 0 where it is not.
 */
export async function audioFacts(file: MediaFile, ffmpeg: Ffmpeg): Promise<AudioFacts> {
  const seconds = (await movieFacts(file.path))?.seconds ?? (await opusSeconds(file))
  if (!(await ffmpeg.isAvailable())) return { seconds }
  const loudness = new Loudness()
  try {
    await ffmpeg.run({
      input: file.path,
      args: ['-map', '0:a:0', '-ac', '1', '-ar', String(SAMPLE_RATE), '-f', 's16le', 'pipe:1'],
      onOutput: (chunk) => loudness.add(chunk),
    })
  } catch (error) {
    if (!(error instanceof FfmpegError)) throw error
    return { seconds }
  }
  return { seconds: Math.round(loudness.seconds), waveform: loudness.waveform() }
}

/** Length of Opus in Ogg by its last page, rounded; 0 for anything else. */
async function opusSeconds({ path, sizeBytes, head }: MediaFile): Promise<number> {
  if (audioFormat({ head })?.type !== OPUS) return 0
  const opusHead = head.indexOf('OpusHead')
  const length = Math.min(sizeBytes, LARGEST_PAGE + 27)
  const handle = await open(path)
  try {
    const tail = Buffer.alloc(length)
    await handle.read(tail, 0, length, sizeBytes - length)
    const page = tail.lastIndexOf('OggS')
    if (page < 0 || page + 14 > tail.length) return 0
    const preSkip = opusHead + 12 <= head.length ? head.readUInt16LE(opusHead + 10) : 0
    const samples = Number(tail.readBigInt64LE(page + 6)) - preSkip
    return Math.max(0, Math.round(samples / OPUS_RATE))
  } finally {
    await handle.close()
  }
}

/** Sums up samples as they arrive, so that the length need not be known in advance. */
class Loudness {
  readonly #windows: number[] = []
  #half: Buffer = Buffer.alloc(0)
  #sum = 0
  #count = 0
  #samples = 0

  get seconds(): number {
    return this.#samples / SAMPLE_RATE
  }

  add(chunk: Buffer): void {
    const bytes = this.#half.length > 0 ? Buffer.concat([this.#half, chunk]) : chunk
    const end = bytes.length - (bytes.length % SAMPLE_BYTES)
    this.#half = bytes.subarray(end)
    for (let at = 0; at < end; at += SAMPLE_BYTES) {
      this.#sum += Math.abs(bytes.readInt16LE(at))
      if (++this.#count === WINDOW) this.#close()
    }
    this.#samples += end / SAMPLE_BYTES
  }

  /** Mean loudness of 64 equal parts, the loudest being 100. */
  waveform(): Buffer {
    if (this.#count > 0) this.#close()
    const parts = Array.from({ length: WAVEFORM_LENGTH }, (_, part) => {
      const from = Math.floor((part * this.#windows.length) / WAVEFORM_LENGTH)
      const to = Math.max(from + 1, Math.floor(((part + 1) * this.#windows.length) / WAVEFORM_LENGTH))
      const windows = this.#windows.slice(from, to)
      return windows.reduce((sum, window) => sum + window, 0) / Math.max(1, windows.length)
    })
    const loudest = Math.max(...parts)
    return Buffer.from(parts.map((part) => (loudest > 0 ? Math.round((part / loudest) * WAVEFORM_MAX) : 0)))
  }

  #close(): void {
    this.#windows.push(this.#sum / this.#count)
    this.#sum = 0
    this.#count = 0
  }
}
