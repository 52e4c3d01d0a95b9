import { type FileHandle, open, rm } from 'node:fs/promises'
import { ApiError } from '../lib/errors.ts'
import { newScratchPath } from '../lib/process/scratch-folder.ts'
import type { Ffmpeg } from '../media/convert/ffmpeg.ts'
import { SAMPLE_RATE } from './codec.ts'
import { decodeFile } from './decode-file.ts'
import { FRAME_SAMPLES } from './rtp.ts'

/** What is played, or was last. */
export interface Playing {
  /** As it was asked for. */
  file: string
  state: 'playing' | 'paused' | 'finished' | 'stopped'
  /** Played so far. */
  seconds: number
  totalSeconds: number
}

interface Track {
  file: string
  state: Playing['state']
  /** The decoded samples. */
  path: string
  handle: FileHandle
  totalBytes: number
  playedBytes: number
  /** What is read and not played. */
  piece: Buffer
  /** Where the next piece is; undefined while it is being read. */
  nextPiece: Buffer | undefined
  readBytes: number
}

const FRAME_BYTES = FRAME_SAMPLES * 2
const BYTES_PER_SECOND = SAMPLE_RATE * 2
/** Frames in a piece: about a second. */
const PIECE_BYTES = 16 * FRAME_BYTES

/** Plays files, one at a time. */
export class Player {
  readonly #ffmpeg: Ffmpeg
  readonly #onFinished: (file: string) => void
  #track: Track | undefined
  /** Counts what was asked for: of two files that are decoded at the same time, the later one is played. */
  #asked = 0
  #isClosed = false

  constructor(ffmpeg: Ffmpeg, onFinished: (file: string) => void) {
    this.#ffmpeg = ffmpeg
    this.#onFinished = onFinished
  }

  get playing(): Playing | undefined {
    const track = this.#track
    return (
      track && {
        file: track.file,
        state: track.state,
        seconds: track.playedBytes / BYTES_PER_SECOND,
        totalSeconds: track.totalBytes / BYTES_PER_SECOND,
      }
    )
  }

  /**
   * Plays the file at `path` from its beginning, in place of what is played. Resolves when it has begun. `file` is how it
   * is called in `playing`.
   * @throws ApiError as `decodeFile` does, when what was played goes on, and `conflict` when the call has ended meanwhile.
   */
  async play(path: string, file = path): Promise<void> {
    const asked = ++this.#asked
    const decoded = await newScratchPath('call-audio')
    let track: Track | undefined
    try {
      await decodeFile(path, decoded, this.#ffmpeg)
      track = await openTrack(decoded, file)
    } finally {
      if (track === undefined) await rm(decoded, { force: true })
    }
    if (this.#isClosed) {
      await discard(track)
      throw hasEnded()
    }
    if (asked !== this.#asked) return discard(track)
    const former = this.#track
    this.#track = track
    if (former) await discard(former)
  }

  /** False when nothing was playing. */
  pause(): boolean {
    return this.#change('playing', 'paused')
  }

  /** Goes on where it paused. False when nothing was paused. */
  resume(): boolean {
    return this.#change('paused', 'playing')
  }

  /** Ends it for good. False when there was nothing. */
  async stop(): Promise<boolean> {
    this.#asked++
    const isThere = this.#change('playing', 'stopped') || this.#change('paused', 'stopped')
    if (isThere && this.#track) await discard(this.#track)
    return isThere
  }

  /** The next frame; undefined when nothing plays. The end of a file is filled up with silence. */
  nextFrame(): Int16Array | undefined {
    const track = this.#track
    if (track?.state !== 'playing') return undefined
    if (track.piece.length === 0) {
      if (track.playedBytes >= track.totalBytes) return this.#finish(track)
      // The disk is slow: the file waits for it.
      if (track.nextPiece === undefined) return undefined
      track.piece = track.nextPiece
      // It has become shorter in the meantime.
      if (track.piece.length === 0) return this.#finish(track)
      readAhead(track, () => this.#finish(track))
    }
    const bytes = track.piece.subarray(0, FRAME_BYTES)
    track.piece = track.piece.subarray(bytes.length)
    track.playedBytes += bytes.length
    const frame = new Int16Array(FRAME_SAMPLES)
    for (let at = 0; at * 2 + 1 < bytes.length; at++) frame[at] = bytes.readInt16LE(at * 2)
    return frame
  }

  async close(): Promise<void> {
    this.#isClosed = true
    await this.stop()
  }

  #change(from: Playing['state'], to: Playing['state']): boolean {
    if (this.#track?.state !== from) return false
    this.#track.state = to
    return true
  }

  #finish(track: Track): undefined {
    if (track.state === 'finished' || track.state === 'stopped') return
    track.state = 'finished'
    // A scratch file that stays is deleted with the folder.
    void discard(track).catch(() => {})
    this.#onFinished(track.file)
  }
}

async function openTrack(path: string, file: string): Promise<Track> {
  const handle = await open(path)
  const { size } = await handle.stat()
  const track: Track = {
    file,
    state: 'playing',
    path,
    handle,
    totalBytes: size - (size % 2),
    playedBytes: 0,
    piece: Buffer.alloc(0),
    nextPiece: undefined,
    readBytes: 0,
  }
  track.nextPiece = await readPiece(track)
  return track
}

async function readPiece(track: Track): Promise<Buffer> {
  const piece = Buffer.alloc(Math.min(PIECE_BYTES, track.totalBytes - track.readBytes))
  const { bytesRead } = await track.handle.read(piece, 0, piece.length, track.readBytes)
  track.readBytes += bytesRead
  return piece.subarray(0, bytesRead)
}

/** Reads what follows while the piece in hand is played. A disk that fails ends the file, and not the call. */
function readAhead(track: Track, onFailed: () => void): void {
  track.nextPiece = undefined
  readPiece(track).then((piece) => {
    track.nextPiece = piece
  }, onFailed)
}

async function discard({ handle, path }: Track): Promise<void> {
  await handle.close().catch(() => {})
  await rm(path, { force: true })
}

/** The failure of what came for a call that ended meanwhile. */
export function hasEnded(): ApiError {
  return new ApiError('conflict', { text: 'the call has ended' })
}
