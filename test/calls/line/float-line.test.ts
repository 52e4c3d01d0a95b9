import { expect, test } from 'vitest'
import { openFloatLine, readFloats, writeFloats } from '../../../src/calls/float-line.ts'
import { toneOf } from '../tones.ts'

const FRAME = 960

function open(now?: () => number) {
  const sent: Buffer[] = []
  let closings = 0
  const line = openFloatLine({
    send: (message) => sent.push(message),
    onClosed: () => {
      closings++
    },
    now,
  })
  return { line, sent, closings: () => closings }
}

/** A message of floats as they are. */
function message(...floats: number[]): Buffer {
  const bytes = Buffer.alloc(4 + floats.length * 4)
  bytes.writeUInt32LE(floats.length, 0)
  for (const [at, float] of floats.entries()) bytes.writeFloatLE(float, 4 + at * 4)
  return bytes
}

test('samples are as loud as before on the way to floats and back', () => {
  const tone = toneOf(440, FRAME, { amplitude: 32_767 })

  expect(readFloats(writeFloats(tone))).toEqual(tone)
  expect(writeFloats(Int16Array.of(-32_768)).readFloatLE(4)).toBe(-1)
})

test('what is too loud is clipped, and what is no number is silent', () => {
  const read = readFloats(message(1, -1, 2, -7, Infinity, -Infinity, NaN, 0.5))

  expect([...read]).toEqual([32_767, -32_767, 32_767, -32_767, 32_767, -32_767, 0, 16_384])
})

test.each([
  ['nothing', Buffer.alloc(0)],
  ['less than a number', Buffer.alloc(3)],
  ['less than it says', message(1, 2).subarray(0, 10)],
  ['more than it says', Buffer.concat([message(1), Buffer.alloc(4)])],
  ['a number that no buffer has', Buffer.from([0xff, 0xff, 0xff, 0xff])],
])('a message of %s is refused', (_, bytes) => {
  expect(open().line.hear(bytes)).toMatchObject({ code: 'unacceptable' })
})

test('a message of no samples says nothing', () => {
  const { line } = open()

  expect(line.hear(message())).toBeUndefined()
  expect(line.nextFrame()).toBeUndefined()
})

test('messages of any length become frames, after a moment that makes up for those that come late', () => {
  const { line } = open()
  const tone = toneOf(440, 2 * FRAME)

  line.hear(writeFloats(tone.subarray(0, 320)))
  expect(line.nextFrame()).toBeUndefined()
  line.hear(writeFloats(tone.subarray(320)))

  expect([...(line.nextFrame() ?? []), ...(line.nextFrame() ?? [])]).toEqual([...tone])
  expect(line.nextFrame()).toBeUndefined()
})

test('the end of a sentence is said though it is no whole frame', () => {
  const { line } = open()
  line.hear(writeFloats(Int16Array.of(1_000, 2_000)))

  const frames = [line.nextFrame(), line.nextFrame(), line.nextFrame()]

  expect(frames.slice(0, 2)).toEqual([undefined, undefined])
  expect([...(frames[2] ?? [])]).toEqual([1_000, 2_000, ...Array(FRAME - 2).fill(0)])
})

test('no more than a minute waits to be said', () => {
  const { line } = open()
  const second = writeFloats(new Int16Array(16_000))
  for (let seconds = 0; seconds < 60; seconds++) expect(line.hear(second)).toBeUndefined()

  expect(line.hear(message(0))).toMatchObject({
    code: 'too-much',
    reason: expect.stringContaining('60 seconds'),
  })
})

test('messages may come in a burst, and not in a flood', () => {
  let ms = 0
  const { line } = open(() => ms)
  const flood = () => line.hear(message())
  for (let count = 0; count < 6_000; count++) flood()

  expect(flood()).toMatchObject({ code: 'too-much', reason: 'too many messages' })
  ms += 1_000
  expect(flood()).toBeUndefined()
})

test('what is said before the call is taken is not kept', () => {
  let isHeard = false
  const line = openFloatLine({ send: () => {}, onClosed: () => {}, isHeard: () => isHeard })
  line.hear(writeFloats(toneOf(440, 3 * FRAME)))
  expect(line.hear(Buffer.from('abc'))).toMatchObject({ code: 'unacceptable' })

  isHeard = true
  expect(line.nextFrame()).toBeUndefined()
  line.hear(writeFloats(new Int16Array(2 * FRAME).fill(7)))

  expect(line.nextFrame()?.[0]).toBe(7)
})

test('a line that is closed tells so once, and neither says nor hears anything', () => {
  const { line, sent, closings } = open()
  line.push(new Int16Array(FRAME))

  line.close()
  line.close()
  line.push(new Int16Array(FRAME))

  expect(sent).toHaveLength(1)
  expect(closings()).toBe(1)
  expect(line.hear(message(1))).toBeUndefined()
})
