import { randomUUID } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import type { MediaEnd } from './media-ends.ts'

/** What both ends of a call say for a while, as one of them hears it. */
export interface Heard {
  peer: Int16Array
  own: Int16Array
}

/** Records one end for so many milliseconds, in a file of `folder`. */
export async function listen({ media }: MediaEnd, folder: string, ms: number): Promise<Heard> {
  const path = join(folder, `${randomUUID()}.wav`)
  await media.record(path, 'stereo')
  await delay(ms)
  await media.stopRecording()
  const bytes = (await readFile(path)).subarray(44)
  const side = (offset: number) =>
    Int16Array.from({ length: bytes.length >> 2 }, (_, at) => bytes.readInt16LE(at * 4 + offset))
  return { peer: side(0), own: side(2) }
}
