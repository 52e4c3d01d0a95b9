import type { Readable } from 'node:stream'

/** A line, or that one was longer than it may be. */
export type Line = { kind: 'line'; text: string } | { kind: 'too long' }

const LINE_FEED = 0x0a
const CARRIAGE_RETURN = 0x0d

/**
 * The lines of a stream, each as soon as it is there, the last one also without its end. Of a line with more than
 * `maxBytes` nothing is kept: it is told once, when it has become too long. Nothing is read while a line is being used.
 * Ends with the stream, and when `signal` aborts.
 */
export async function* readLines(
  input: Readable,
  { maxBytes, signal }: { maxBytes: number; signal: AbortSignal },
): AsyncGenerator<Line> {
  let parts: Buffer[] = []
  let sizeBytes = 0
  const taken = (): Line => {
    const line = Buffer.concat(parts)
    const end = line.at(-1) === CARRIAGE_RETURN ? line.length - 1 : line.length
    return { kind: 'line', text: line.toString('utf8', 0, end) }
  }
  try {
    for await (const chunk of input) {
      let rest: Buffer = Buffer.from(chunk)
      while (rest.length > 0) {
        const at = rest.indexOf(LINE_FEED)
        const part = at === -1 ? rest : rest.subarray(0, at)
        rest = at === -1 ? rest.subarray(rest.length) : rest.subarray(at + 1)
        const wasTooLong = sizeBytes > maxBytes
        sizeBytes += part.length
        if (sizeBytes > maxBytes) {
          parts = []
          if (!wasTooLong) yield { kind: 'too long' }
        } else parts.push(part)
        if (at === -1) continue
        if (sizeBytes <= maxBytes) yield taken()
        parts = []
        sizeBytes = 0
      }
      if (signal.aborted) return
    }
    if (sizeBytes > 0 && sizeBytes <= maxBytes) yield taken()
  } catch (error) {
    // A stream that is closed under the reader is at its end.
    if (!signal.aborted && !input.destroyed) throw error
  }
}
