import type { FileHandle } from 'node:fs/promises'
import { SAMPLE_RATE } from './codec.ts'

/** WAV files: RIFF with samples as they are (PCM). */

/** How the samples of a file are written. */
export interface WavFormat {
  encoding: 'integer' | 'float'
  channels: number
  /** Samples per second. */
  rate: number
  bytesPerSample: number
  /** Where the samples begin, in bytes. */
  start: number
  /** Bytes of samples. */
  length: number
}

const INTEGER = 1
const FLOAT = 3
const EXTENSIBLE = 0xfffe
const MAX_CHANNELS = 8
const [MIN_RATE, MAX_RATE] = [4_000, 192_000]
/** Chunks in front of the samples that are looked at. */
const MAX_CHUNKS = 64
/** Bytes in front of the samples in the files written here. */
export const HEADER_BYTES = 44
/** RIFF counts in 32 bits. */
export const MAX_WAV_BYTES = 0xffffffff - HEADER_BYTES

/** Reads where the samples of a file are and how they are written; undefined for what is not WAV with PCM. */
export async function readWavFormat(file: FileHandle): Promise<WavFormat | undefined> {
  const { size } = await file.stat()
  const head = Buffer.alloc(12)
  await file.read(head, 0, head.length, 0)
  if (head.toString('latin1', 0, 4) !== 'RIFF' || head.toString('latin1', 8, 12) !== 'WAVE') return undefined
  let format: Omit<WavFormat, 'start' | 'length'> | undefined
  for (let at = 12, chunks = 0; at + 8 <= size && chunks < MAX_CHUNKS; chunks++) {
    const chunk = Buffer.alloc(48)
    const { bytesRead } = await file.read(chunk, 0, chunk.length, at)
    const name = chunk.toString('latin1', 0, 4)
    const length = chunk.readUInt32LE(4)
    if (name === 'fmt ') format = parseFormat(chunk.subarray(8, bytesRead))
    if (name === 'data') {
      // A length that is not true, or not yet, comes from programs that could not go back to write it.
      const start = at + 8
      return format && { ...format, start, length: Math.min(length, size - start) }
    }
    at += 8 + length + (length % 2)
  }
  return undefined
}

function parseFormat(chunk: Buffer): Omit<WavFormat, 'start' | 'length'> | undefined {
  if (chunk.length < 16) return undefined
  const tag = chunk.readUInt16LE(0)
  const actual = tag === EXTENSIBLE && chunk.length >= 26 ? chunk.readUInt16LE(24) : tag
  const [channels, rate, bits] = [chunk.readUInt16LE(2), chunk.readUInt32LE(4), chunk.readUInt16LE(14)]
  const isInteger = actual === INTEGER && [8, 16, 24, 32].includes(bits)
  if (!isInteger && !(actual === FLOAT && bits === 32)) return undefined
  if (channels < 1 || channels > MAX_CHANNELS || rate < MIN_RATE || rate > MAX_RATE) return undefined
  return { encoding: isInteger ? 'integer' : 'float', channels, rate, bytesPerSample: bits / 8 }
}

/** The mean of the channels of whole frames of samples, from -32 768 to 32 767. */
export function readSamples(bytes: Buffer, format: WavFormat): Float32Array {
  const { channels, bytesPerSample } = format
  const read = sampleReader(format)
  const samples = new Float32Array(Math.floor(bytes.length / (channels * bytesPerSample)))
  for (let at = 0, offset = 0; at < samples.length; at++) {
    let sum = 0
    for (let channel = 0; channel < channels; channel++, offset += bytesPerSample) sum += read(bytes, offset)
    samples[at] = sum / channels
  }
  return samples
}

function sampleReader({ encoding, bytesPerSample }: WavFormat): (bytes: Buffer, offset: number) => number {
  if (encoding === 'float') return (bytes, offset) => (bytes.readFloatLE(offset) || 0) * 32_767
  // Eight bits have no sign, and any other number has one.
  if (bytesPerSample === 1) return (bytes, offset) => (bytes.readUInt8(offset) - 128) * 256
  const scale = 2 ** (8 * bytesPerSample - 16)
  return (bytes, offset) => bytes.readIntLE(offset, bytesPerSample) / scale
}

/** The header of a file with `length` bytes of samples of 16 bits. */
export function wavHeader(channels: number, length: number): Buffer {
  const bytes = Buffer.alloc(HEADER_BYTES)
  bytes.write('RIFF', 0, 'latin1')
  bytes.writeUInt32LE(HEADER_BYTES - 8 + length, 4)
  bytes.write('WAVEfmt ', 8, 'latin1')
  bytes.writeUInt32LE(16, 16)
  bytes.writeUInt16LE(INTEGER, 20)
  bytes.writeUInt16LE(channels, 22)
  bytes.writeUInt32LE(SAMPLE_RATE, 24)
  bytes.writeUInt32LE(SAMPLE_RATE * channels * 2, 28)
  bytes.writeUInt16LE(channels * 2, 32)
  bytes.writeUInt16LE(16, 34)
  bytes.write('data', 36, 'latin1')
  bytes.writeUInt32LE(length, 40)
  return bytes
}
