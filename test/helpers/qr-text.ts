import { createRequire } from 'node:module'
import { create, type QRCodeMaskPattern } from 'qrcode'
import sharp from 'sharp'

// The package does not export what it knows of blocks; a reader needs the same table as a writer.
const load = createRequire(createRequire(import.meta.url).resolve('qrcode/package.json'))
const blocks = load('./lib/core/error-correction-code.js')
const levels = load('./lib/core/error-correction-level.js')
const ALPHANUMERIC = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:'

/** Modules of a code, row by row: 1 is dark. */
interface Grid {
  size: number
  at(row: number, column: number): number
}

/** The text of a QR code that was drawn by this server: a picture without faults, with medium error correction. */
export async function qrText(dataUrl: string): Promise<string> {
  const grid = await readGrid(Buffer.from(dataUrl.split(',')[1] ?? '', 'base64'))
  const version = (grid.size - 17) / 4
  const { mask, isReserved } = frameOf(grid, version)
  const codewords = readCodewords(grid, { mask, isReserved })
  return readSegments(dataOf(codewords, version), version)
}

async function readGrid(png: Buffer): Promise<Grid> {
  const { data, info } = await sharp(png).greyscale().raw().toBuffer({ resolveWithObject: true })
  const isDark = (x: number, y: number) => (data[(y * info.width + x) * info.channels] ?? 255) < 128
  const first = data.findIndex((value) => value < 128) / info.channels
  const top = Math.floor(first / info.width)
  const left = first % info.width
  let finder = 0
  while (isDark(left + finder, top)) finder++
  let right = info.width - 1
  while (!isDark(right, top)) right--
  const width = right - left + 1
  const size = 17 + 4 * Math.round((width / (finder / 7) - 17) / 4)
  const pixel = (module: number) => Math.floor(((module + 0.5) * width) / size)
  return { size, at: (row, column) => Number(isDark(left + pixel(column), top + pixel(row))) }
}

/** Which modules are no data, and the mask: that of the empty code whose frame looks the same. */
function frameOf({ size, at }: Grid, version: number) {
  for (let mask = 0; mask < 8; mask++) {
    const { modules } = create('1', {
      version,
      errorCorrectionLevel: 'M',
      maskPattern: mask as QRCodeMaskPattern,
    })
    const { data, reservedBit } = modules
    const isSame = [...data].every(
      (module, index) => !reservedBit[index] || Number(module) === at(Math.floor(index / size), index % size),
    )
    const isReserved = (row: number, column: number) => Boolean(reservedBit[row * size + column])
    if (isSame) return { mask, isReserved }
  }
  throw new Error('this is no code of ours')
}

const MASKS: ((row: number, column: number) => boolean)[] = [
  (i, j) => (i + j) % 2 === 0,
  (i) => i % 2 === 0,
  (_i, j) => j % 3 === 0,
  (i, j) => (i + j) % 3 === 0,
  (i, j) => (Math.floor(i / 2) + Math.floor(j / 3)) % 2 === 0,
  (i, j) => ((i * j) % 2) + ((i * j) % 3) === 0,
  (i, j) => (((i * j) % 2) + ((i * j) % 3)) % 2 === 0,
  (i, j) => (((i * j) % 3) + ((i + j) % 2)) % 2 === 0,
]

/** Two columns at a time from the right, up and down in turn. */
function readCodewords(
  { size, at }: Grid,
  { mask, isReserved }: { mask: number; isReserved: (row: number, column: number) => boolean },
): number[] {
  const bits: number[] = []
  let isUpwards = true
  for (let right = size - 1; right > 0; right -= 2) {
    // The column of the timing pattern is no part of a pair.
    if (right === 6) right--
    for (let step = 0; step < size; step++) {
      const row = isUpwards ? size - 1 - step : step
      for (const column of [right, right - 1])
        if (!isReserved(row, column)) bits.push(at(row, column) ^ Number(MASKS[mask]?.(row, column)))
    }
    isUpwards = !isUpwards
  }
  return Array.from({ length: Math.floor(bits.length / 8) }, (_, index) =>
    Number.parseInt(bits.slice(index * 8, index * 8 + 8).join(''), 2),
  )
}

/** The bits of the data: the codewords of all blocks take turns, and those for corrections come last. */
function dataOf(codewords: number[], version: number): string {
  const count: number = blocks.getBlocksCount(version, levels.M)
  const total = codewords.length - blocks.getTotalCodewordsCount(version, levels.M)
  const short = Math.floor(total / count)
  const longFrom = count - (total % count)
  const data: number[][] = Array.from({ length: count }, () => [])
  let next = 0
  for (let place = 0; place <= short; place++)
    for (const [index, block] of data.entries())
      if (place < short || index >= longFrom) block.push(codewords[next++] ?? 0)
  return data
    .flat()
    .map((word) => word.toString(2).padStart(8, '0'))
    .join('')
}

function readSegments(bits: string, version: number): string {
  let at = 0
  const take = (length: number) => {
    at += length
    return Number.parseInt(bits.slice(at - length, at), 2)
  }
  const step = version < 10 ? 0 : version < 27 ? 1 : 2
  let text = ''
  while (at + 4 <= bits.length) {
    const mode = take(4)
    if (mode === 1) {
      let left = take([10, 12, 14][step] ?? 0)
      for (; left > 0; left -= 3) {
        const digits = Math.min(left, 3)
        text += String(take([0, 4, 7, 10][digits] ?? 0)).padStart(digits, '0')
      }
    } else if (mode === 2) {
      let left = take([9, 11, 13][step] ?? 0)
      for (; left > 1; left -= 2) {
        const pair = take(11)
        text += `${ALPHANUMERIC[Math.floor(pair / 45)]}${ALPHANUMERIC[pair % 45]}`
      }
      if (left === 1) text += ALPHANUMERIC[take(6)]
    } else if (mode === 4) {
      const bytes = Array.from({ length: take([8, 16, 16][step] ?? 0) }, () => take(8))
      text += Buffer.from(bytes).toString('utf8')
    } else break
  }
  return text
}
