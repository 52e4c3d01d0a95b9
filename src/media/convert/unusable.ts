import { type Ffmpeg, FfmpegError } from './ffmpeg.ts'

/** The file is of a kind that phones do not show, and it cannot be made into one that they do; `message` says why. */
export class UnusableFile extends Error {
  override readonly name = 'UnusableFile'
}

/** What `convert` makes with ffmpeg of a file that is `what` ("HEVC video"). Throws UnusableFile, also without ffmpeg. */
export async function converted<Result>(
  ffmpeg: Ffmpeg,
  what: string,
  convert: () => Promise<Result>,
): Promise<Result> {
  if (!(await ffmpeg.isAvailable()))
    throw new UnusableFile(`${what} does not open on every phone; install ffmpeg to have it converted`)
  return convert().catch((cause: unknown) => {
    if (!(cause instanceof FfmpegError)) throw cause
    throw new UnusableFile(`${what} that cannot be converted: ${lastLine(cause.message)}`, { cause })
  })
}

/** ffmpeg says a lot about paths and addresses in memory; its last line is the outcome. */
function lastLine(complaint: string): string {
  const line = complaint.trim().split('\n').at(-1) ?? ''
  return line.replace(/^(\[[^\]]*\] ?|file:\S+: )+/, '')
}
