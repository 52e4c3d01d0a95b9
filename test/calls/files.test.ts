import { mkdtemp, readFile, rm, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { decodeFile } from '../../src/calls/decode-file.ts'
import { Player } from '../../src/calls/player.ts'
import { Recorder, type RecordingLayout } from '../../src/calls/recorder.ts'
import { bytesOf } from '../../src/calls/samples.ts'
import { createFfmpeg } from '../../src/media/convert/ffmpeg.ts'
import { ffmpegFile, hasFfmpeg } from '../helpers/media.ts'
import { amplitudeOf, joinFrames, toneFrame, toneOf } from './tones.ts'

const ffmpeg = createFfmpeg('ffmpeg')
const without = createFfmpeg('there is no such program')
let folder: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'parley-test-'))
})

afterAll(() => rm(folder, { recursive: true }))

interface Format {
  tag?: number
  channels?: number
  rate?: number
  bits?: number
}

/** A WAV file around samples that are ready. */
function wav(samples: Buffer, { tag = 1, channels = 1, rate = 16_000, bits = 16 }: Format = {}): Buffer {
  const format = Buffer.alloc(16)
  format.writeUInt16LE(tag, 0)
  format.writeUInt16LE(channels, 2)
  format.writeUInt32LE(rate, 4)
  format.writeUInt32LE((rate * channels * bits) / 8, 8)
  format.writeUInt16LE((channels * bits) / 8, 12)
  format.writeUInt16LE(bits, 14)
  const chunk = (name: string, body: Buffer) => {
    const length = Buffer.alloc(4)
    length.writeUInt32LE(body.length)
    return Buffer.concat([Buffer.from(name), length, body])
  }
  const odd = Buffer.concat([chunk('LIST', Buffer.alloc(3)), Buffer.alloc(1)])
  const body = Buffer.concat([Buffer.from('WAVE'), odd, chunk('fmt ', format), chunk('data', samples)])
  return chunk('RIFF', body)
}

async function write(name: string, bytes: Buffer): Promise<string> {
  const path = join(folder, name)
  await writeFile(path, bytes)
  return path
}

async function decode(path: string, program = without): Promise<Int16Array> {
  const target = join(folder, 'decoded')
  await decodeFile(path, target, program)
  return samplesIn(await readFile(target))
}

function samplesIn(bytes: Buffer): Int16Array {
  return Int16Array.from({ length: bytes.length >> 1 }, (_, at) => bytes.readInt16LE(at * 2))
}

/** A second of 440 Hz, each sample written by `put` into so many bytes. */
function second(
  rate: number,
  bytes: number,
  put: (target: Buffer, sample: number, at: number) => void,
): Buffer {
  const samples = toneOf(440, rate, { rate })
  const target = Buffer.alloc(samples.length * bytes)
  for (const [at, sample] of samples.entries()) put(target, sample, at * bytes)
  return target
}

const stereo = (rate: number) =>
  second(rate, 4, (target, sample, at) => {
    target.writeInt16LE(sample, at)
    target.writeInt16LE(sample, at + 2)
  })

describe('audio files', () => {
  test.each<[string, Buffer]>([
    ['16 bits', wav(bytesOf(toneOf(440, 16_000)))],
    [
      '8 bits',
      wav(
        second(16_000, 1, (to, x, at) => to.writeUInt8((x >> 8) + 128, at)),
        { bits: 8 },
      ),
    ],
    [
      '24 bits',
      wav(
        second(16_000, 3, (to, x, at) => to.writeIntLE(x * 256, at, 3)),
        { bits: 24 },
      ),
    ],
    [
      '32 bits',
      wav(
        second(16_000, 4, (to, x, at) => to.writeInt32LE(x * 65_536, at)),
        { bits: 32 },
      ),
    ],
    [
      'floats',
      wav(
        second(16_000, 4, (to, x, at) => to.writeFloatLE(x / 32_768, at)),
        { bits: 32, tag: 3 },
      ),
    ],
    ['two channels', wav(stereo(16_000), { channels: 2 })],
    ['8 000 per second', wav(bytesOf(toneOf(440, 8_000, { rate: 8_000 })), { rate: 8_000 })],
    ['44 100 per second', wav(stereo(44_100), { rate: 44_100, channels: 2 })],
    ['48 000 per second', wav(bytesOf(toneOf(440, 48_000, { rate: 48_000 })), { rate: 48_000 })],
  ])('WAV with %s needs no other program', async (name, bytes) => {
    const samples = await decode(await write(`${name}.wav`, bytes))

    expect(Math.abs(samples.length - 16_000)).toBeLessThan(64)
    expect(amplitudeOf(samples, 440)).toBeGreaterThan(7_800)
    expect(amplitudeOf(samples, 440)).toBeLessThan(8_200)
    expect(amplitudeOf(samples, 880)).toBeLessThan(80)
  })

  test('what is too high for 16 000 samples per second is not heard as something else', async () => {
    const bytes = bytesOf(toneOf(11_000, 48_000, { rate: 48_000 }))
    const samples = await decode(await write('high.wav', wav(bytes, { rate: 48_000 })))

    // 11 000 Hz would be heard as 5 000.
    expect(amplitudeOf(samples, 5_000)).toBeLessThan(40)
  })

  test('louder than loud is as loud as can be', async () => {
    const bytes = second(16_000, 4, (to, x, at) => to.writeFloatLE(x / 1_000, at))
    const samples = await decode(await write('loud.wav', wav(bytes, { bits: 32, tag: 3 })))

    expect([samples.reduce((a, b) => Math.max(a, b)), samples.reduce((a, b) => Math.min(a, b))]).toEqual([
      32_767, -32_768,
    ])
  })

  test('a file that ends before it says so is played as far as it goes', async () => {
    const path = await write('short.wav', wav(bytesOf(toneOf(440, 16_000))))
    await truncate(path, 16_000)

    expect((await decode(path)).length).toBeGreaterThan(7_900)
  })

  test.runIf(hasFfmpeg)('anything else goes through ffmpeg', async () => {
    const bytes = ffmpegFile(['-f', 'lavfi', '-i', 'sine=frequency=440:duration=1'], 'mp3')
    const samples = await decode(await write('tone.mp3', bytes), ffmpeg)

    expect(samples.length).toBeGreaterThanOrEqual(16_000)
    expect(amplitudeOf(samples, 440)).toBeGreaterThan(2_000)
  })

  test.each([
    ['a file that is not there', 'nothing.wav', undefined, 'the audio file is not there'],
    ['a folder', '.', undefined, 'the audio file is no file'],
    ['what is no WAV, without ffmpeg', 'x.ogg', Buffer.from('OggS'), 'ffmpeg is needed for audio files'],
    ['A-law, without ffmpeg', 'a.wav', wav(Buffer.alloc(9), { tag: 6, bits: 8 }), 'ffmpeg is needed'],
  ])('%s is refused', async (_what, name, bytes, text) => {
    const path = bytes ? await write(name, bytes) : join(folder, name)

    await expect(decode(path)).rejects.toThrow(text)
  })

  test.runIf(hasFfmpeg)('what nobody can decode is refused', async () => {
    await expect(decode(await write('y.ogg', Buffer.alloc(100, 1)), ffmpeg)).rejects.toThrow(
      'cannot be decoded',
    )
  })
})

/** Plays to the end, or so many frames, at the pace at which the disk gives them. */
async function playAll(player: Player, most = 1_000): Promise<Int16Array[]> {
  const frames: Int16Array[] = []
  while (frames.length < most && player.playing?.state === 'playing') {
    const frame = player.nextFrame()
    if (frame) frames.push(frame)
    else await delay(1)
  }
  return frames
}

describe('the player', () => {
  test('plays a file to its end, pauses and goes on where it was', async () => {
    const finished: string[] = []
    const player = new Player(without, (file) => finished.push(file))
    await player.play(await write('tone.wav', wav(bytesOf(toneOf(440, 40_000)))), 'tone.wav')

    const before = await playAll(player, 20)
    expect(player.pause()).toBe(true)
    expect(player.nextFrame()).toBeUndefined()
    expect(player.playing).toEqual({ file: 'tone.wav', state: 'paused', seconds: 1.2, totalSeconds: 2.5 })
    expect(player.resume()).toBe(true)
    const after = await playAll(player)

    expect(before.length + after.length).toBe(Math.ceil(40_000 / 960))
    const samples = joinFrames([...before, ...after]).subarray(0, 40_000)
    expect(samples).toEqual(toneOf(440, 40_000))
    expect(finished).toEqual(['tone.wav'])
    expect(player.playing?.state).toBe('finished')
    expect([player.pause(), player.resume(), await player.stop()]).toEqual([false, false, false])
  })

  test('another file takes the place of what plays, and one that cannot be does not', async () => {
    const player = new Player(without, () => {})
    await player.play(await write('one.wav', wav(bytesOf(toneOf(440, 16_000)))), 'one')
    await player.play(await write('two.wav', wav(bytesOf(toneOf(1_000, 16_000)))), 'two')

    await expect(player.play(join(folder, 'none.wav'))).rejects.toThrow()
    expect(player.playing?.file).toBe('two')
    expect(amplitudeOf(joinFrames(await playAll(player)), 1_000)).toBeGreaterThan(7_000)
    await player.close()
  })

  test('what was stopped does not go on', async () => {
    const player = new Player(without, () => {})
    await player.play(await write('one.wav', wav(bytesOf(toneOf(440, 16_000)))), 'one')

    expect(await player.stop()).toBe(true)
    expect([player.resume(), player.nextFrame(), player.playing?.state]).toEqual([
      false,
      undefined,
      'stopped',
    ])
  })

  test('a file that is still being decoded when the call ends is not played', async () => {
    const player = new Player(without, () => {})
    const playing = player.play(await write('one.wav', wav(bytesOf(toneOf(440, 16_000)))), 'one')
    const refused = expect(playing).rejects.toMatchObject({ code: 'conflict' })
    await player.close()

    await refused
    expect(player.playing).toBeUndefined()
  })
})

async function record(name: string, layout: RecordingLayout, frames: number): Promise<Recorder> {
  const recorder = await Recorder.start({ path: join(folder, name), layout, onFailed: () => {} })
  for (let at = 0; at < frames; at++) recorder.add(toneFrame(440, at), toneFrame(1_000, at))
  return recorder
}

describe('a recording', () => {
  test('has both sides on one channel', async () => {
    const recorder = await record('mixed.wav', 'mixed', 50)

    expect(await recorder.stop()).toBe(3)
    const samples = await decode(join(folder, 'mixed.wav'))
    expect(samples).toHaveLength(48_000)
    expect([amplitudeOf(samples, 440) > 7_900, amplitudeOf(samples, 1_000) > 7_900]).toEqual([true, true])
  })

  test('or the peer on the left and us on the right', async () => {
    await (await record('stereo.wav', 'stereo', 50)).stop()

    const bytes = await readFile(join(folder, 'stereo.wav'))
    const both = samplesIn(bytes.subarray(44))
    expect(
      amplitudeOf(
        both.filter((_, at) => at % 2 === 0),
        440,
      ),
    ).toBeGreaterThan(7_900)
    expect(
      amplitudeOf(
        both.filter((_, at) => at % 2 === 1),
        1_000,
      ),
    ).toBeGreaterThan(7_900)
    expect(bytes.readUInt16LE(22)).toBe(2)
  })

  test('can be played while it is written, as after a crash', async () => {
    const recorder = await record('crash.wav', 'mixed', 16 * 5 + 3)
    await expect
      .poll(async () => (await readFile(join(folder, 'crash.wav'))).readUInt32LE(40))
      .toBe(80 * 1_920)

    expect(await decode(join(folder, 'crash.wav'))).toHaveLength(80 * 960)
    await recorder.stop()
  })

  test('never takes the place of a file', async () => {
    const path = await write('kept.wav', Buffer.from('kept'))

    await expect(Recorder.start({ path, layout: 'mixed', onFailed: () => {} })).rejects.toThrow('EEXIST')
    expect(await readFile(path, 'utf8')).toBe('kept')
  })
})
