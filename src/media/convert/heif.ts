import { type HeifItems, heifItems } from './heif-items.ts'
import type { Box } from './iso-boxes.ts'

/** A picture as phones store it: HEVC, in one piece or in tiles. */
export interface HeifPicture {
  /** The tiles one after the other, row by row, as a raw HEVC stream of one frame each. */
  hevc: Buffer
  columns: number
  rows: number
  /** Pixels of what is shown, before it is turned; the tiles may be larger. */
  width: number
  height: number
  /** How it is turned and mirrored afterwards, in order; degrees clockwise. */
  changes: ({ turn: number } | { mirror: 'top-bottom' | 'left-right' })[]
  /** The colours' ICC profile. */
  profile?: Buffer
  /** Whether the values of the colours take the full range from 0 to 255; what the stream says when undefined. */
  isFullRange?: boolean
}

const START_CODE = Buffer.from([0, 0, 0, 1])
const MAX_TILES = 1024

/**
 * The main picture of a HEIC file; undefined when it is broken or not made of HEVC. ffmpeg reads the tiles, but up to
 * version 7 not the file around them.
 */
export function readHeif(file: Buffer): HeifPicture | undefined {
  try {
    const items = heifItems(file)
    return items && pictureOf(items)
  } catch (error) {
    if (error instanceof RangeError) return undefined
    throw error
  }
}

function pictureOf(items: HeifItems): HeifPicture | undefined {
  const properties = items.propertiesOf(items.primary)
  const grid = items.typeOf(items.primary) === 'grid' ? gridIn(items.bytesOf(items.primary)) : undefined
  const tiles = grid ? items.partsOf(items.primary) : [items.primary]
  const size = grid ?? sizeIn(properties)
  if (!size || tiles.length > MAX_TILES || tiles.length !== (grid ? grid.columns * grid.rows : 1))
    return undefined
  if (tiles.some((tile) => items.typeOf(tile) !== 'hvc1')) return undefined
  return {
    columns: 1,
    rows: 1,
    ...size,
    hevc: Buffer.concat(tiles.map((tile) => streamOf(items, tile))),
    changes: properties.flatMap(changeIn),
    ...colourIn([...properties, ...items.propertiesOf(tiles[0] ?? 0)]),
  }
}

function gridIn(bytes: Buffer) {
  const size = bytes.readUInt8(1) & 1 ? 4 : 2
  return {
    rows: bytes.readUInt8(2) + 1,
    columns: bytes.readUInt8(3) + 1,
    width: bytes.readUIntBE(4, size),
    height: bytes.readUIntBE(4 + size, size),
  }
}

function sizeIn(properties: Box[]): { width: number; height: number } | undefined {
  const box = properties.find(({ type }) => type === 'ispe')?.content
  return box && { width: box.readUInt32BE(4), height: box.readUInt32BE(8) }
}

function changeIn({ type, content }: Box): HeifPicture['changes'] {
  if (type === 'irot') return [{ turn: (360 - (content.readUInt8(0) & 3) * 90) % 360 }]
  if (type === 'imir') return [{ mirror: content.readUInt8(0) & 1 ? 'left-right' : 'top-bottom' }]
  return []
}

function colourIn(properties: Box[]): Pick<HeifPicture, 'profile' | 'isFullRange'> {
  const found: Pick<HeifPicture, 'profile' | 'isFullRange'> = {}
  for (const { type, content } of properties) {
    if (type !== 'colr') continue
    const kind = content.toString('latin1', 0, 4)
    if (kind === 'nclx') found.isFullRange = (content.readUInt8(10) & 0x80) !== 0
    else if (kind === 'prof' || kind === 'rICC') found.profile = content.subarray(4)
  }
  return found
}

/** One tile as a raw stream: the parameter sets from its configuration (`hvcC`), then its own units. */
function streamOf(items: HeifItems, tile: number): Buffer {
  const setup = items.propertiesOf(tile).find(({ type }) => type === 'hvcC')?.content
  if (!setup) throw new RangeError('no HEVC configuration')
  const units: Buffer[] = []
  let at = 23
  for (let arrays = setup.readUInt8(22); arrays > 0; arrays--) {
    const count = setup.readUInt16BE(at + 1)
    at += 3
    for (let unit = 0; unit < count; unit++) {
      const length = setup.readUInt16BE(at)
      units.push(setup.subarray(at + 2, at + 2 + length))
      at += 2 + length
    }
  }
  const lengthSize = (setup.readUInt8(21) & 3) + 1
  const bytes = items.bytesOf(tile)
  for (let at = 0; at + lengthSize <= bytes.length; ) {
    const length = bytes.readUIntBE(at, lengthSize)
    units.push(bytes.subarray(at + lengthSize, at + lengthSize + length))
    at += lengthSize + length
  }
  return Buffer.concat(units.flatMap((unit) => [START_CODE, unit]))
}
