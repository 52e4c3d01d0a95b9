import { open } from 'node:fs/promises'
import { Worker } from 'node:worker_threads'
import { createLimiter } from '../../lib/flow/limiter.ts'
import { programFile } from '../../lib/process/project-folder.ts'
import type { MediaFile } from '../source.ts'
import { loadSharp } from './load-sharp.ts'

/** What phones show of a PDF before it is opened. */
export interface PdfFacts {
  pages: number
  /** A JPEG of the first page. */
  thumbnail: Buffer
}

/** What looking at a file may cost. */
export interface PdfLimits {
  timeoutMs?: number
  /** Memory of the renderer, the file included. */
  memoryBytes?: number
}

/** What the thread answers: the first page in red, green, blue and alpha, eight bits each. */
interface Look {
  pages: number
  picture: { pixels: Uint8Array; width: number; height: number }
}

const MEGABYTE = 1024 * 1024
const TIMEOUT_MS = 10_000
const MEMORY_BYTES = 256 * MEGABYTE
/** Larger files go without a picture: the renderer has all of a file in its memory. */
const MAX_FILE_BYTES = 64 * MEGABYTE
/** Threads at the same time: each may keep a core busy. */
const PLACES = 2
const THUMBNAIL_SIDE = 480
/** Readers look for the beginning of a PDF in so many bytes (ISO 32000, annex H of the first edition). */
const HEAD_BYTES = 1024

const places = createLimiter(PLACES)

/**
 * Looks at a PDF in a thread of its own, which ends when it takes too long or too much memory; undefined for what is no PDF,
 * for one that cannot be shown (encrypted, broken, hostile), and when the others take too long.
 */
export async function pdfFacts(
  { path, sizeBytes }: Pick<MediaFile, 'path' | 'sizeBytes'>,
  { timeoutMs = TIMEOUT_MS, memoryBytes = MEMORY_BYTES }: PdfLimits = {},
): Promise<PdfFacts | undefined> {
  if (sizeBytes > MAX_FILE_BYTES || !(await isPdf(path))) return undefined
  let release: (() => void) | undefined
  try {
    // Whoever sends many slow files must not delay the documents of others by more than that.
    release = await places.acquire(AbortSignal.timeout(timeoutMs))
    const { pages, picture } = await lookAt(path, { timeoutMs, memoryBytes })
    const { pixels, width, height } = picture
    const sharp = await loadSharp()
    const thumbnail = await sharp(pixels, { raw: { width, height, channels: 4 } })
      .removeAlpha()
      .jpeg({ quality: 75 })
      .toBuffer()
    return { pages, thumbnail }
  } catch {
    // A document without a preview is still a document.
    return undefined
  } finally {
    release?.()
  }
}

function lookAt(path: string, { timeoutMs, memoryBytes }: Required<PdfLimits>): Promise<Look> {
  const worker = new Worker(programFile('media/convert/pdf-worker.js'), {
    workerData: { path, side: THUMBNAIL_SIDE, memoryBytes },
    // It needs nothing of ours: neither the environment, which holds secrets, nor our options.
    env: {},
    execArgv: [],
    // What the renderer says of a file is nobody's business.
    stdout: true,
    stderr: true,
    resourceLimits: { maxOldGenerationSizeMb: 128, maxYoungGenerationSizeMb: 32 },
  })
  const answer = new Promise<Look>((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error('the file takes too long')), timeoutMs)
    timer.unref()
    worker.once('message', resolve)
    worker.once('error', reject)
    worker.once('exit', () => reject(new Error('the renderer ended')))
    worker.once('exit', () => clearTimeout(timer))
  })
  return answer.finally(() => worker.terminate())
}

async function isPdf(path: string): Promise<boolean> {
  const file = await open(path, 'r')
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(HEAD_BYTES), 0, HEAD_BYTES, 0)
    return buffer.subarray(0, bytesRead).includes('%PDF-')
  } finally {
    await file.close()
  }
}
