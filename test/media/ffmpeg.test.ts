import { writeFile } from 'node:fs/promises'
import { describe, expect, test } from 'vitest'
import { createFfmpeg, FfmpegError, warnWithoutFfmpeg } from '../../src/media/convert/ffmpeg.ts'
import { withScratch } from '../../src/media/scratch.ts'
import { hasFfmpeg, tone } from '../helpers/media.ts'

const raw = ['-f', 's16le', 'pipe:1']

test('a machine without ffmpeg is noticed', async () => {
  const ffmpeg = createFfmpeg('/nowhere/ffmpeg')

  expect(await ffmpeg.isAvailable()).toBe(false)
  await expect(ffmpeg.run({ input: 'x', args: raw })).rejects.toThrow(FfmpegError)
})

test('a machine without ffmpeg is told of at the start', async () => {
  const told: string[] = []

  await warnWithoutFfmpeg(createFfmpeg('/nowhere/ffmpeg'), { warn: (text: string) => told.push(text) })

  expect(told).toEqual([expect.stringMatching(/^ffmpeg is not there \(FFMPEG_PATH\): /)])
})

describe.skipIf(!hasFfmpeg)('with ffmpeg', () => {
  const ffmpeg = createFfmpeg('ffmpeg')

  /** What ffmpeg reads from a file with these bytes. */
  function read(bytes: string | Buffer, timeoutMs?: number): Promise<Buffer> {
    return withScratch(async (scratch) => {
      const input = scratch.newPath()
      await writeFile(input, bytes)
      const chunks: Buffer[] = []
      await ffmpeg.run({ input, args: raw, onOutput: (chunk) => chunks.push(chunk), timeoutMs })
      return Buffer.concat(chunks)
    })
  }

  test.each(['mp3', 'wav', 'm4a', 'flac', 'mkv', 'ogg'])('%s is read', async (ending) => {
    expect((await read(tone(ending))).length).toBeGreaterThan(10_000)
  })

  test.each([
    ['HLS', '#EXTM3U\n#EXTINF:1,\nfile:///etc/hostname\n'],
    ['concat', "ffconcat version 1.0\nfile '/etc/hostname'\n"],
    ['SDP', 'v=0\nc=IN IP4 127.0.0.1\nm=audio 5000 RTP/AVP 0\n'],
  ])('a play list, which names other files, is not: %s', async (_format, text) => {
    await expect(read(text)).rejects.toThrow(FfmpegError)
  })

  test('what takes too long is ended', async () => {
    await expect(read(tone('wav'), 1)).rejects.toThrow('ffmpeg took too long')
  })
})
