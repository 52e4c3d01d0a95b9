import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { readFloats, writeFloats } from '../../../src/calls/float-line.ts'
import { type CallListener, Listeners } from '../../../src/calls/listeners.ts'
import { bytesOf } from '../../../src/calls/samples.ts'
import { wavHeader } from '../../../src/calls/wav.ts'
import { listen } from '../listen.ts'
import { type Call, startCall } from '../media-ends.ts'
import { joinFrames, loudnessOf, toneOf } from '../tones.ts'

let folder: string
let call: Call | undefined

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'parley-test-'))
})

afterAll(() => rm(folder, { recursive: true }))

afterEach(async () => {
  await call?.stop()
  call = undefined
})

/** Lets a program into a call at the end `a`. */
async function enter({ a }: Call) {
  const heard: Int16Array[] = []
  const end = { isClosed: false }
  const line = await a.media.attachLine({
    send: (message) => heard.push(readFloats(message)),
    onClosed: () => {
      end.isClosed = true
    },
  })
  return { line, heard, end }
}

test('a program is heard, and hears', async () => {
  call = await startCall()
  const samples = bytesOf(toneOf(440, 16_000 * 10))
  await writeFile(join(folder, '440.wav'), Buffer.concat([wavHeader(1, samples.length), samples]))
  await call.b.media.play(join(folder, '440.wav'))
  const { line, heard } = await enter(call)
  // Twenty milliseconds each, sent faster than they are said.
  const tone = toneOf(700, 16_000 * 5)
  for (let at = 0; at < tone.length; at += 320) line.hear(writeFloats(tone.subarray(at, at + 320)))
  await delay(800)
  heard.length = 0

  const { peer } = await listen(call.b, folder, 1_500)

  expect(loudnessOf(peer, 700)).toBeGreaterThan(6_000)
  expect(loudnessOf(peer, 440)).toBeLessThan(200)
  expect(loudnessOf(joinFrames(heard), 440)).toBeGreaterThan(6_000)
  expect(loudnessOf(joinFrames(heard), 700)).toBeLessThan(200)
  expect(call.a.media.stats).toMatchObject({ hasLine: true, hasBrowser: false })
})

test('a second program takes the place of the first, and the end of the call closes it', async () => {
  call = await startCall()
  const first = await enter(call)
  const second = await enter(call)

  expect([first.end.isClosed, second.end.isClosed]).toEqual([true, false])
  await call.a.media.close()
  expect(second.end.isClosed).toBe(true)
  expect(call.a.media.stats.hasLine).toBe(false)
  await expect(enter(call)).rejects.toMatchObject({ code: 'conflict' })
})

test('a program that leaves is forgotten', async () => {
  call = await startCall()
  const { line } = await enter(call)

  line.close()

  expect(call.a.media.stats.hasLine).toBe(false)
})

test('a browser and a program are heard together', () => {
  const listeners = new Listeners()
  const saying = (sample?: number): CallListener => ({
    push: () => {},
    nextFrame: () => (sample === undefined ? undefined : new Int16Array(960).fill(sample)),
    close: () => {},
  })
  void listeners.replace('browser', saying())
  expect(listeners.nextFrame()).toBeUndefined()

  void listeners.replace('browser', saying(1_000))
  void listeners.replace('line', saying(500))

  expect(listeners.nextFrame()?.[0]).toBe(1_500)
})
