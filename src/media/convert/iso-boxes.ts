import { open } from 'node:fs/promises'

/** A part of an ISO base media file (MP4, MOV, 3GP, HEIF): four letters and content (ISO/IEC 14496-12). */
export interface Box {
  type: string
  content: Buffer
}

/** Against files that claim endless lists of parts. */
const MAX_BOXES = 10_000

/** The parts that `bytes` consist of; those before the first that is broken. */
export function boxesIn(bytes: Buffer): Box[] {
  const boxes: Box[] = []
  for (let at = 0; at + 8 <= bytes.length && boxes.length < MAX_BOXES; ) {
    const { size, headSize } = sizesAt(bytes, at, bytes.length - at)
    if (size < headSize || at + size > bytes.length) break
    boxes.push({
      type: bytes.toString('latin1', at + 4, at + 8),
      content: bytes.subarray(at + headSize, at + size),
    })
    at += size
  }
  return boxes
}

/** The content of the first part of that name at each step of `path`, downwards; undefined when there is none. */
export function boxAt(bytes: Buffer, ...path: string[]): Buffer | undefined {
  let content: Buffer | undefined = bytes
  for (const step of path) content = content && boxesIn(content).find(({ type }) => type === step)?.content
  return content
}

/** The content of one of the outermost parts of a file; undefined when there is none or it is larger than `maxBytes`. */
export async function readBox(path: string, name: string, maxBytes: number): Promise<Buffer | undefined> {
  const file = await open(path, 'r')
  try {
    const { size: fileSize } = await file.stat()
    const head = Buffer.alloc(16)
    for (let at = 0, count = 0; at + 8 <= fileSize && count < MAX_BOXES; count++) {
      await file.read(head, 0, 16, at)
      const { size, headSize } = sizesAt(head, 0, fileSize - at)
      if (size < headSize) return undefined
      if (head.toString('latin1', 4, 8) === name) {
        const length = Math.min(size, fileSize - at) - headSize
        if (length > maxBytes) return undefined
        const content = Buffer.alloc(length)
        await file.read(content, 0, length, at + headSize)
        return content
      }
      at += size
    }
    return undefined
  } finally {
    await file.close()
  }
}

/** The brands that a file says it follows, the main one first; none when it is no such file. */
export function brandsOf(head: Buffer): string[] {
  if (head.length < 16 || head.toString('latin1', 4, 8) !== 'ftyp') return []
  const end = Math.min(head.readUInt32BE(0), head.length)
  const brands = [head.toString('latin1', 8, 12)]
  // Between the main brand and the others stands the version number.
  for (let at = 16; at + 4 <= end; at += 4) brands.push(head.toString('latin1', at, at + 4))
  return brands
}

/** The size 1 stands for a longer number behind the name, 0 for everything that is left. */
function sizesAt(bytes: Buffer, at: number, left: number): { size: number; headSize: number } {
  const size = bytes.readUInt32BE(at)
  if (size === 0) return { size: left, headSize: 8 }
  if (size !== 1) return { size, headSize: 8 }
  return at + 16 <= bytes.length
    ? { size: Number(bytes.readBigUInt64BE(at + 8)), headSize: 16 }
    : { size: 0, headSize: 16 }
}
