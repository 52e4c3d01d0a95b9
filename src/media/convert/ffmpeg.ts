import { spawn } from 'node:child_process'
import { createLimiter } from '../../lib/flow/limiter.ts'
import type { Logger } from '../../lib/process/logger.ts'

/** Reads and writes audio and video with the ffmpeg program. */
export interface Ffmpeg {
  /** Whether the program is there; asked once. */
  isAvailable(): Promise<boolean>
  /**
   * Converts one file; what it writes to standard output goes to `onOutput`. Throws FfmpegError when it fails, takes
   * too long or is not there.
   */
  run(job: FfmpegJob): Promise<void>
}

export interface FfmpegJob {
  input: string
  /** What to do: the options behind the input, with the output last. */
  args: string[]
  onOutput?: (chunk: Buffer) => void
  timeoutMs?: number
}

/** A conversion failed; `message` ends with what ffmpeg said. */
export class FfmpegError extends Error {
  override readonly name = 'FfmpegError'
}

/** Conversions at the same time: each may keep a core busy. */
const PLACES = 2
const TIMEOUT_MS = 120_000
/** What is kept of its complaints. */
const COMPLAINT_BYTES = 500
/** Places to look for the program, as it does not get our environment, which holds secrets. */
const SEARCH_PATH = '/usr/local/bin:/usr/bin:/bin:/opt/homebrew/bin'

/**
 * Containers of single files, by the names of their demuxers. Play lists are not among them: they name other files and
 * addresses, which ffmpeg would read for whoever sends one.
 */
const FORMATS =
  'ogg,mp3,wav,flac,aac,amr,amrnb,amrwb,caf,mov,matroska,gif,avi,asf,mpegts,flv,aiff,webp_pipe,bmp_pipe,hevc'
/** Against files that claim enormous pictures or packets. */
const LIMITS = ['-max_alloc', String(512 * 1024 * 1024), '-max_pixels', String(50_000_000), '-threads', '1']

/** Says at the start, rather than with the first file that needs it, that ffmpeg is not there. */
export async function warnWithoutFfmpeg(
  ffmpeg: Pick<Ffmpeg, 'isAvailable'>,
  log: Pick<Logger, 'warn'>,
): Promise<void> {
  if (await ffmpeg.isAvailable()) return
  log.warn(
    'ffmpeg is not there (FFMPEG_PATH): voice messages that are not Opus, HEIC and BMP pictures, and videos that are not MP4 ' +
      'with H.264 are refused; videos have no preview',
  )
}

/** The ffmpeg at `program`, a name in the usual places or a path. */
export function createFfmpeg(program: string): Ffmpeg {
  const places = createLimiter(PLACES)
  let availability: Promise<boolean> | undefined
  const env = { PATH: SEARCH_PATH }

  function start(args: string[], { onOutput, timeoutMs = TIMEOUT_MS }: Omit<FfmpegJob, 'input' | 'args'>) {
    return new Promise<void>((resolve, reject) => {
      const child = spawn(program, args, {
        env,
        stdio: ['ignore', 'pipe', 'pipe'],
        timeout: timeoutMs,
        killSignal: 'SIGKILL',
      })
      let complaint = ''
      child.stdout.on('data', (chunk: Buffer) => onOutput?.(chunk))
      child.stderr.on('data', (chunk: Buffer) => {
        complaint = (complaint + chunk.toString('utf8')).slice(-COMPLAINT_BYTES)
      })
      child.once('error', (cause) => reject(new FfmpegError(`ffmpeg cannot be started`, { cause })))
      child.once('close', (code, signal) => {
        if (code === 0) resolve()
        else reject(new FfmpegError(signal ? 'ffmpeg took too long' : complaint.trim() || `ffmpeg: ${code}`))
      })
    })
  }

  return {
    isAvailable() {
      availability ??= start(['-version'], { timeoutMs: 10_000 }).then(
        () => true,
        () => false,
      )
      return availability
    },
    async run({ input, args, ...options }) {
      const release = await places.acquire()
      try {
        const before = ['-hide_banner', '-nostdin', '-loglevel', 'error', '-y', ...LIMITS]
        const source = [
          '-protocol_whitelist',
          'file,pipe',
          '-format_whitelist',
          FORMATS,
          '-i',
          `file:${input}`,
        ]
        await start([...before, ...source, ...args], options)
      } finally {
        release()
      }
    },
  }
}
