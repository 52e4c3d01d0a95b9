import type { MediaFile } from '../source.ts'
import { type Ffmpeg, FfmpegError } from './ffmpeg.ts'

/** A JPEG of a video's first picture within 72 × 72 pixels; undefined when ffmpeg is missing or cannot read the video. */
export async function firstFrame(file: MediaFile, ffmpeg: Ffmpeg): Promise<Buffer | undefined> {
  if (!(await ffmpeg.isAvailable())) return undefined
  const chunks: Buffer[] = []
  try {
    await ffmpeg.run({
      input: file.path,
      args: [
        ...['-map', '0:v:0', '-frames:v', '1'],
        ...['-vf', 'scale=72:72:force_original_aspect_ratio=decrease', '-f', 'mjpeg', 'pipe:1'],
      ],
      onOutput: (chunk) => chunks.push(chunk),
      timeoutMs: 20_000,
    })
  } catch (error) {
    // A video without a preview is still a video; the original never makes one.
    if (error instanceof FfmpegError) return undefined
    throw error
  }
  return chunks.length > 0 ? Buffer.concat(chunks) : undefined
}
