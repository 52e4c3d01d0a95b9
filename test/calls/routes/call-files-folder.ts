import { mkdtemp, readFile, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { bytesOf } from '../../../src/calls/samples.ts'
import { wavHeader } from '../../../src/calls/wav.ts'
import type { Answer } from '../../helpers/app.ts'
import { CallScene } from '../call-scene.ts'
import { loudnessOf, toneOf } from '../tones.ts'

/** A server whose calls may play and record files, with `440.wav` in the folder. */
export async function startWithFiles(
  env: Record<string, string> = {},
  fields?: Record<string, unknown>,
): Promise<{ scene: CallScene; files: string }> {
  const files = await mkdtemp(join(tmpdir(), 'parley-test-'))
  await writeFile(join(files, '440.wav'), toneWav(440))
  return { scene: await CallScene.start({ env: { CALL_FILES_DIR: files, ...env } }, fields), files }
}

/** A WAV file with a tone of some seconds. */
export function toneWav(hz: number, seconds = 60): Buffer {
  const samples = bytesOf(toneOf(hz, seconds * 16_000))
  return Buffer.concat([wavHeader(1, samples.length), samples])
}

/** How loud tones are in a recording. */
export async function tonesIn(path: string, ...tones: number[]): Promise<number[]> {
  const bytes = (await readFile(path)).subarray(44)
  const samples = Int16Array.from({ length: bytes.length >> 1 }, (_, at) => bytes.readInt16LE(at * 2))
  return tones.map((hz) => loudnessOf(samples, hz))
}

/** The status of an answer and what it says. */
export function outcome({ status, json }: Answer): [number, Answer['json']] {
  return [status, json]
}
