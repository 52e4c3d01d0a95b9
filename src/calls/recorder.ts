import { type FileHandle, open } from 'node:fs/promises'
import { SAMPLE_RATE } from './codec.ts'
import { FRAME_SAMPLES } from './rtp.ts'
import { bytesOf, interleaveFrames, mixFrames } from './samples.ts'
import { HEADER_BYTES, MAX_WAV_BYTES, wavHeader } from './wav.ts'

/** `mixed`: both sides on one channel; `stereo`: the peer on the left, we on the right. */
export type RecordingLayout = 'mixed' | 'stereo'

export interface RecorderOptions {
  /** A file that is not there yet. */
  path: string
  /** The file itself, where somebody has opened it already, and how it is called where the path is told. */
  file?: { handle: FileHandle; name: string }
  layout: RecordingLayout
  /** The recording has ended because the disk failed or is full. */
  onFailed: (error: unknown) => void
}

/** Frames that are written at once: about a second. */
const FRAMES_PER_WRITE = 16
/** Writes after which the header says how long the file is: five seconds. */
const WRITES_PER_HEADER = 5
/** Seconds of sound that may wait for the disk. */
const MAX_WAITING_WRITES = 30

/** Writes both sides of a call to a WAV file, which can be played as it is after a crash, up to the last seconds. */
export class Recorder {
  readonly path: string
  readonly #file: FileHandle
  readonly #options: RecorderOptions
  readonly #channels: number
  #frames: Int16Array[] = []
  #written = 0
  #recordedFrames = 0
  #writes = 0
  #waiting = 0
  #isOver = false
  #hasFailed = false
  #stopped: Promise<number> | undefined
  /** The last of the writes, which are made one after the other. */
  #lastWrite: Promise<void> = Promise.resolve()

  private constructor(file: FileHandle, options: RecorderOptions) {
    this.#file = file
    this.#options = options
    this.path = options.file?.name ?? options.path
    this.#channels = options.layout === 'stereo' ? 2 : 1
  }

  /** Begins a file. @throws the system's error when it is there already, or cannot be. */
  static async start(options: RecorderOptions): Promise<Recorder> {
    const file = options.file?.handle ?? (await open(options.path, 'wx'))
    const recorder = new Recorder(file, options)
    try {
      await file.write(wavHeader(recorder.#channels, 0), 0, undefined, 0)
    } catch (error) {
      await file.close().catch(() => {})
      throw error
    }
    return recorder
  }

  /** Length so far. */
  get seconds(): number {
    return (this.#recordedFrames * FRAME_SAMPLES) / SAMPLE_RATE
  }

  /** Takes what was heard and what was said in the same 60 ms. */
  add(peer: Int16Array, own: Int16Array): void {
    if (this.#isOver) return
    this.#frames.push(this.#options.layout === 'stereo' ? interleaveFrames(peer, own) : mixFrames(peer, own))
    this.#recordedFrames++
    if (this.#frames.length >= FRAMES_PER_WRITE) this.#flush()
  }

  /** Writes what is left and closes the file, once. Resolves with its length in seconds. */
  stop(): Promise<number> {
    this.#stopped ??= this.#complete()
    return this.#stopped
  }

  async #complete(): Promise<number> {
    if (!this.#isOver) this.#flush()
    this.#isOver = true
    await this.#lastWrite
    await this.#writeHeader().catch((error: unknown) => this.#fail(error))
    await this.#file.close().catch(() => {})
    return this.seconds
  }

  #flush(): void {
    const bytes = Buffer.concat(this.#frames.map(bytesOf))
    this.#frames = []
    if (this.#waiting >= MAX_WAITING_WRITES || this.#written + bytes.length > MAX_WAV_BYTES) {
      this.#fail(new Error('the recording is too long, or the disk too slow'))
      return
    }
    this.#waiting++
    this.#lastWrite = this.#lastWrite
      .then(async () => {
        await this.#file.write(bytes, 0, bytes.length, HEADER_BYTES + this.#written)
        this.#written += bytes.length
        if (++this.#writes % WRITES_PER_HEADER === 0) await this.#writeHeader()
      })
      .catch((error: unknown) => this.#fail(error))
      .finally(() => {
        this.#waiting--
      })
  }

  /** Told once: whoever is told stops the recording, which may fail again. */
  #fail(error: unknown): void {
    this.#isOver = true
    if (this.#hasFailed) return
    this.#hasFailed = true
    this.#options.onFailed(error)
  }

  async #writeHeader(): Promise<void> {
    await this.#file.write(wavHeader(this.#channels, this.#written), 0, undefined, 0)
  }
}
