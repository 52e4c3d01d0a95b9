import { FRAME_SAMPLES } from '../../src/calls/rtp.ts'

/** Frame number `at` of a tone that goes on. */
export function toneFrame(hz: number, at: number, amplitude = 8_000): Int16Array {
  return toneOf(hz, FRAME_SAMPLES, { from: at * FRAME_SAMPLES, amplitude })
}

/** Samples of a tone, at 16 000 per second unless told otherwise. */
export function toneOf(
  hz: number,
  length: number,
  { from = 0, amplitude = 8_000, rate = 16_000 } = {},
): Int16Array {
  return Int16Array.from({ length }, (_, at) =>
    Math.round(amplitude * Math.sin((2 * Math.PI * hz * (from + at)) / rate)),
  )
}

/** How loud a frequency is in the samples, by Goertzel's algorithm: the amplitude of that tone. */
export function amplitudeOf(samples: Int16Array, hz: number, rate = 16_000): number {
  const coefficient = 2 * Math.cos((2 * Math.PI * hz) / rate)
  let [before, last] = [0, 0]
  for (const sample of samples) [before, last] = [last, sample + coefficient * last - before]
  const power = last * last + before * before - coefficient * last * before
  return (2 * Math.sqrt(power)) / samples.length
}

/** How loud a frequency is on the average of pieces of 60 ms: also where some are missing between them. */
export function loudnessOf(samples: Int16Array, hz: number): number {
  const pieces = Math.floor(samples.length / FRAME_SAMPLES)
  const amplitudes = Array.from({ length: pieces }, (_, at) =>
    amplitudeOf(samples.subarray(at * FRAME_SAMPLES, (at + 1) * FRAME_SAMPLES), hz),
  )
  return amplitudes.reduce((sum, amplitude) => sum + amplitude, 0) / pieces
}

/** Frames in a row. */
export function joinFrames(frames: readonly Int16Array[]): Int16Array {
  const joined = new Int16Array(frames.reduce((length, frame) => length + frame.length, 0))
  let at = 0
  for (const frame of frames) {
    joined.set(frame, at)
    at += frame.length
  }
  return joined
}
