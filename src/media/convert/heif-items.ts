import { type Box, boxAt, boxesIn } from './iso-boxes.ts'

/** What a HEIF file consists of: numbered items with properties and relations (ISO/IEC 23008-12). */
export interface HeifItems {
  /** The number of the picture to be shown. */
  primary: number
  typeOf(item: number): string
  /** The items that one is put together from, in order. */
  partsOf(item: number): number[]
  /** Its properties, in the order in which they take effect. */
  propertiesOf(item: number): Box[]
  /** Its bytes; empty when the file is cut off. */
  bytesOf(item: number): Buffer
}

/** Reads numbers one after the other; throws RangeError behind the end. */
class Reader {
  #at = 0
  readonly #bytes: Buffer

  constructor(bytes: Buffer) {
    this.#bytes = bytes
  }

  /** A number of 0, 1, 2, 4 or 8 bytes. */
  number(size: number): number {
    if (size === 0) return 0
    this.#at += size
    return size === 8
      ? Number(this.#bytes.readBigUInt64BE(this.#at - 8))
      : this.#bytes.readUIntBE(this.#at - size, size)
  }

  text(size: number): string {
    this.#at += size
    return this.#bytes.toString('latin1', this.#at - size, this.#at)
  }

  /** Version and flags, which most parts begin with. */
  version(): { version: number; flags: number } {
    return { version: this.number(1), flags: this.number(1) * 65_536 + this.number(2) }
  }
}

/** Reads the tables of a HEIF file; undefined when it has none. Throws RangeError where they are cut off. */
export function heifItems(file: Buffer): HeifItems | undefined {
  const meta = boxAt(file, 'meta')?.subarray(4)
  const primaryBox = meta && boxAt(meta, 'pitm')
  if (!primaryBox) return undefined
  const reader = new Reader(primaryBox)
  const primary = reader.number(reader.version().version === 0 ? 2 : 4)
  const types = itemTypes(boxAt(meta, 'iinf'))
  const parts = itemParts(boxAt(meta, 'iref'))
  const properties = itemProperties(boxAt(meta, 'iprp'))
  const extents = itemExtents(boxAt(meta, 'iloc'))
  const own = boxAt(meta, 'idat') ?? Buffer.alloc(0)
  return {
    primary,
    typeOf: (item) => types.get(item) ?? '',
    partsOf: (item) => parts.get(item) ?? [],
    propertiesOf: (item) => properties.get(item) ?? [],
    bytesOf: (item) =>
      Buffer.concat(
        (extents.get(item) ?? []).map(({ isOwn, from, length }) =>
          (isOwn ? own : file).subarray(from, length === 0 ? undefined : from + length),
        ),
      ),
  }
}

function itemTypes(box: Buffer | undefined): Map<number, string> {
  const types = new Map<number, string>()
  if (!box) return types
  const start = box.readUInt8(0) === 0 ? 6 : 8
  for (const { content } of boxesIn(box.subarray(start))) {
    const reader = new Reader(content)
    const item = reader.number(reader.version().version < 3 ? 2 : 4)
    reader.number(2)
    types.set(item, reader.text(4))
  }
  return types
}

function itemParts(box: Buffer | undefined): Map<number, number[]> {
  const parts = new Map<number, number[]>()
  if (!box) return parts
  const idSize = box.readUInt8(0) === 0 ? 2 : 4
  for (const { type, content } of boxesIn(box.subarray(4))) {
    if (type !== 'dimg') continue
    const reader = new Reader(content)
    const item = reader.number(idSize)
    const count = reader.number(2)
    parts.set(
      item,
      Array.from({ length: count }, () => reader.number(idSize)),
    )
  }
  return parts
}

function itemProperties(box: Buffer | undefined): Map<number, Box[]> {
  const properties = new Map<number, Box[]>()
  const known = boxesIn((box && boxAt(box, 'ipco')) ?? Buffer.alloc(0))
  for (const { type, content } of boxesIn(box ?? Buffer.alloc(0))) {
    if (type !== 'ipma') continue
    const reader = new Reader(content)
    const { version, flags } = reader.version()
    const isWide = flags % 2 === 1
    for (let left = reader.number(4); left > 0; left--) {
      const item = reader.number(version < 1 ? 2 : 4)
      // The highest bit says whether a reader must know the property; the rest is its number, from 1.
      const numbers = Array.from({ length: reader.number(1) }, () =>
        isWide ? reader.number(2) & 0x7fff : reader.number(1) & 0x7f,
      )
      properties.set(
        item,
        numbers.flatMap((number) => known[number - 1] ?? []),
      )
    }
  }
  return properties
}

interface Extent {
  /** Whether it counts from the start of the tables' own data, not of the file. */
  isOwn: boolean
  from: number
  /** 0 = all that is left. */
  length: number
}

function itemExtents(box: Buffer | undefined): Map<number, Extent[]> {
  const extents = new Map<number, Extent[]>()
  if (!box) return extents
  const reader = new Reader(box)
  const { version } = reader.version()
  const sizes = reader.number(2)
  const [offsetSize, lengthSize, baseSize, indexSize] = [12, 8, 4, 0].map((shift) => (sizes >> shift) & 15)
  for (let left = reader.number(version < 2 ? 2 : 4); left > 0; left--) {
    const item = reader.number(version < 2 ? 2 : 4)
    const isOwn = version > 0 && (reader.number(2) & 15) === 1
    reader.number(2)
    const base = reader.number(baseSize ?? 0)
    extents.set(
      item,
      Array.from({ length: reader.number(2) }, () => {
        if (version > 0) reader.number(indexSize ?? 0)
        return { isOwn, from: base + reader.number(offsetSize ?? 0), length: reader.number(lengthSize ?? 0) }
      }),
    )
  }
  return extents
}
