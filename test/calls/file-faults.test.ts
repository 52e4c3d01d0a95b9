import { mkdtemp, open, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { decodeFile } from '../../src/calls/decode-file.ts'
import { Recorder } from '../../src/calls/recorder.ts'
import { createFfmpeg } from '../../src/media/convert/ffmpeg.ts'

let folder: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'parley-test-'))
})

afterAll(() => rm(folder, { recursive: true }))

test('a recording whose disk fails as it ends says so once, though it is stopped once more', async () => {
  const handle = await open(join(folder, 'call.wav'), 'wx')
  let failures = 0
  const recorder = await Recorder.start({
    path: 'call.wav',
    file: { handle, name: 'call.wav' },
    layout: 'mixed',
    onFailed: () => {
      failures++
      if (failures < 100) void recorder.stop()
    },
  })
  await handle.close()

  await recorder.stop()
  for (let turns = 0; turns < 1_000; turns++) await nextTurn()

  expect(failures).toBe(1)
})

test('others have their turns while a long file is decoded', async () => {
  const source = join(folder, 'long.wav')
  await writeFile(source, slowWav(4 * 60))
  let isDone = false
  let longestMs = 0
  const begun = performance.now()

  const decoded = decodeFile(source, join(folder, 'samples'), createFfmpeg('ffmpeg')).finally(() => {
    isDone = true
  })
  for (let at = begun; !isDone; ) {
    await nextTurn()
    const now = performance.now()
    longestMs = Math.max(longestMs, now - at)
    at = now
  }
  await decoded

  expect(longestMs).toBeLessThan((performance.now() - begun) / 4)
})

/** Seconds of silence in 4 000 samples of 8 bits each, which a call needs four times as many of. */
function slowWav(seconds: number): Buffer {
  const [rate, length] = [4_000, seconds * 4_000]
  const file = Buffer.alloc(44 + length, 128)
  file.write('RIFF', 0, 'latin1')
  file.writeUInt32LE(36 + length, 4)
  file.write('WAVEfmt ', 8, 'latin1')
  file.writeUInt32LE(16, 16)
  file.writeUInt16LE(1, 20)
  file.writeUInt16LE(1, 22)
  file.writeUInt32LE(rate, 24)
  file.writeUInt32LE(rate, 28)
  file.writeUInt16LE(1, 32)
  file.writeUInt16LE(8, 34)
  file.write('data', 36, 'latin1')
  file.writeUInt32LE(length, 40)
  return file
}
