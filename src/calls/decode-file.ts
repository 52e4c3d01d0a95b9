import { type FileHandle, open, stat } from 'node:fs/promises'
import { ApiError } from '../lib/errors.ts'
import type { Ffmpeg } from '../media/convert/ffmpeg.ts'
import { SAMPLE_RATE } from './codec.ts'
import { Resampler } from './resample.ts'
import { bytesOf, clampSample } from './samples.ts'
import { readSamples, readWavFormat, type WavFormat } from './wav.ts'

/** Larger files are refused. */
const MAX_FILE_BYTES = 100 * 1024 * 1024
/** What comes after an hour is not played. */
const MAX_SECONDS = 3_600
const MAX_PIECE_BYTES = 1024 * 1024

/**
 * Writes an audio file as bare samples of a call to `target`: WAV by itself, anything else with ffmpeg.
 * @throws ApiError `media_unavailable`, `media_too_large` or `unsupported` (without ffmpeg).
 */
export async function decodeFile(path: string, target: string, ffmpeg: Ffmpeg): Promise<void> {
  const found = await stat(path).catch((cause) => {
    throw new ApiError('media_unavailable', { text: 'the audio file is not there' }, { cause })
  })
  if (!found.isFile()) throw new ApiError('media_unavailable', { text: 'the audio file is no file' })
  if (found.size > MAX_FILE_BYTES) throw new ApiError('media_too_large')
  const isDone = await decodeWav(path, target)
  if (isDone) return
  if (!(await ffmpeg.isAvailable()))
    throw new ApiError('unsupported', { text: 'ffmpeg is needed for audio files that are not WAV' })
  const output = ['-t', String(MAX_SECONDS), '-ac', '1', '-ar', String(SAMPLE_RATE), '-f', 's16le']
  await ffmpeg.run({ input: path, args: ['-map', '0:a:0', ...output, `file:${target}`] }).catch((cause) => {
    throw new ApiError('media_unavailable', { text: 'the audio file cannot be decoded' }, { cause })
  })
}

/** False when the file is not WAV with samples as they are. */
async function decodeWav(path: string, target: string): Promise<boolean> {
  const source = await open(path)
  try {
    const format = await readWavFormat(source)
    if (format === undefined) return false
    const output = await open(target, 'w')
    try {
      await convert(source, format, output)
    } finally {
      await output.close()
    }
    return true
  } finally {
    await source.close()
  }
}

async function convert(source: FileHandle, format: WavFormat, output: FileHandle): Promise<void> {
  const { channels, bytesPerSample, rate, start, length } = format
  const frameBytes = channels * bytesPerSample
  const end = start + Math.min(length, MAX_SECONDS * rate * frameBytes)
  // A second at once: whatever else the process does, other calls included, waits for each.
  const piece = Buffer.alloc(Math.min(rate, Math.floor(MAX_PIECE_BYTES / frameBytes)) * frameBytes)
  const resampler = rate === SAMPLE_RATE ? undefined : new Resampler(rate, SAMPLE_RATE)
  for (let at = start; at < end; ) {
    const { bytesRead } = await source.read(piece, 0, Math.min(piece.length, end - at), at)
    if (bytesRead === 0) break
    const samples = readSamples(piece.subarray(0, bytesRead), format)
    await output.write(bytesOf(resampler?.add(samples) ?? Int16Array.from(samples, clampSample)))
    at += bytesRead
  }
  if (resampler) await output.write(bytesOf(resampler.end()))
}
