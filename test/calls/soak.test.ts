import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { expect, test } from 'vitest'
import { bytesOf } from '../../src/calls/samples.ts'
import { wavHeader } from '../../src/calls/wav.ts'
import { startCall } from './media-ends.ts'
import { toneOf } from './tones.ts'

setFlagsFromString('--expose-gc')
// What the flag brings is in contexts that are made after it.
const collectGarbage: () => void = runInNewContext('gc')

const SECONDS = 60
const MAX_GROWTH_BYTES = 3 * 1024 * 1024

test('a call of a minute keeps the time, and its memory', { timeout: (SECONDS + 60) * 1_000 }, async () => {
  const folder = await mkdtemp(join(tmpdir(), 'parley-test-'))
  const call = await startCall()
  const samples = bytesOf(toneOf(440, 16_000 * (SECONDS + 20)))
  const file = join(folder, 'tone.wav')
  await writeFile(file, Buffer.concat([wavHeader(1, samples.length), samples]))
  await Promise.all([call.a.media.play(file), call.b.media.play(file)])
  await call.a.media.record(join(folder, 'call.wav'))
  await delay(3_000)
  const before = { at: performance.now(), sent: call.a.media.stats.sent.packets, used: usedBytes() }

  await delay(SECONDS * 1_000)
  const frames = call.a.media.stats.sent.packets - before.sent
  const expected = (performance.now() - before.at) / 60
  const growth = usedBytes() - before.used
  const { received } = call.b.media.stats
  await call.stop()
  await rm(folder, { recursive: true })

  expect(Math.abs(frames - expected)).toBeLessThan(2)
  expect(growth).toBeLessThan(MAX_GROWTH_BYTES)
  expect(received.undecodable + received.refused.forged + received.refused.malformed).toBe(0)
})

function usedBytes(): number {
  collectGarbage()
  const { heapUsed, external, arrayBuffers } = process.memoryUsage()
  return heapUsed + external + arrayBuffers
}
