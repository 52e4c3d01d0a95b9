/** Samples of calls: 16 000 per second, one channel, signed, 16 bits. */

/** The sample nearest to a number. */
export function clampSample(value: number): number {
  return Math.max(-32_768, Math.min(32_767, Math.round(value)))
}

/** Both at once. */
export function mixFrames(one: Int16Array, other: Int16Array): Int16Array {
  return one.map((sample, at) => clampSample(sample + (other[at] ?? 0)))
}

/** By turns: the left channel and the right one. */
export function interleaveFrames(left: Int16Array, right: Int16Array): Int16Array {
  const both = new Int16Array(left.length * 2)
  for (let at = 0; at < left.length; at++) {
    both[at * 2] = left[at] ?? 0
    both[at * 2 + 1] = right[at] ?? 0
  }
  return both
}

/** Samples as bytes; both have the order of bytes that WAV has on every machine Node runs on. */
export function bytesOf(samples: Int16Array): Buffer {
  return Buffer.from(samples.buffer, samples.byteOffset, samples.byteLength)
}
