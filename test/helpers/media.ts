import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import sharp from 'sharp'

/** Whether this machine can convert audio and video; `.ci/run` installs ffmpeg where it is missing. */
export const hasFfmpeg = (() => {
  try {
    execFileSync('ffmpeg', ['-version'], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
})()

/** A file that ffmpeg makes of one of its own sources: `ffmpegFile(['-f', 'lavfi', '-i', 'sine=d=1'], 'mp3')`. */
export function ffmpegFile(args: string[], ending: string): Buffer {
  const folder = mkdtempSync(join(tmpdir(), 'parley-test-'))
  const path = join(folder, `file.${ending}`)
  try {
    execFileSync('ffmpeg', ['-loglevel', 'error', ...args, path])
    return readFileSync(path)
  } finally {
    rmSync(folder, { recursive: true })
  }
}

/** One second of a tone, in the format of `ending`. */
export function tone(ending: string): Buffer {
  return ffmpegFile(['-f', 'lavfi', '-i', 'sine=duration=1'], ending)
}

/** One second of a test picture that moves. */
export function movie(ending: string): Buffer {
  return ffmpegFile(
    ['-f', 'lavfi', '-i', 'testsrc=duration=1:size=320x240:rate=10', '-pix_fmt', 'yuv420p'],
    ending,
  )
}

/** A picture of one colour. */
export function picture(
  format: 'jpeg' | 'png' | 'webp' | 'gif' | 'tiff',
  [width, height]: [number, number] = [320, 200],
): Promise<Buffer> {
  return sharp({ create: { width, height, channels: 3, background: '#25d366' } })
    .toFormat(format)
    .toBuffer()
}

/** A GIF of so many frames, each shown for so long. */
export function animation(frames: number, delayMs = 100): Promise<Buffer> {
  const pixels = Buffer.alloc(64 * 64 * 3 * frames)
  for (let frame = 0; frame < frames; frame++)
    pixels.fill((frame * 40) % 256, frame * 64 * 64 * 3, (frame + 1) * 64 * 64 * 3)
  return sharp(pixels, { raw: { width: 64, height: 64 * frames, channels: 3, pageHeight: 64 } })
    .gif({ delay: Array(frames).fill(delayMs) })
    .toBuffer()
}

export function dataUrl(type: string, bytes: Uint8Array): string {
  return `data:${type};base64,${Buffer.from(bytes).toString('base64')}`
}
