import { crc32 } from 'node:zlib'

/** 1980-01-01 00:00, the first instant of ZIP: the same files always give the same bytes. */
const DATE = 0x00_21
/** UTF-8 names. */
const FLAGS = 0x08_00
const VERSION = 20

/**
 * A ZIP archive that compresses nothing (APPNOTE 6.3.3, without extensions): for some small files.
 * @param {{name: string, bytes: Buffer}[]} files
 * @returns {Buffer}
 */
export function storedZip(files) {
  const parts = []
  const directory = []
  let offset = 0
  for (const { name, bytes } of files) {
    const path = Buffer.from(name)
    const common = Buffer.alloc(26)
    common.writeUInt16LE(VERSION, 0)
    common.writeUInt16LE(FLAGS, 2)
    common.writeUInt16LE(DATE, 8)
    common.writeUInt32LE(crc32(bytes), 10)
    common.writeUInt32LE(bytes.length, 14)
    common.writeUInt32LE(bytes.length, 18)
    common.writeUInt16LE(path.length, 22)
    parts.push(uint32(0x04_03_4b_50), common, path, bytes)

    const places = Buffer.alloc(14)
    places.writeUInt32LE(offset, 10)
    directory.push(uint32(0x02_01_4b_50), uint16(VERSION), common, places, path)
    offset += 4 + common.length + path.length + bytes.length
  }
  const listed = Buffer.concat(directory)
  const end = Buffer.alloc(18)
  end.writeUInt16LE(files.length, 4)
  end.writeUInt16LE(files.length, 6)
  end.writeUInt32LE(listed.length, 8)
  end.writeUInt32LE(offset, 12)
  return Buffer.concat([...parts, listed, uint32(0x06_05_4b_50), end])
}

function uint16(value) {
  const bytes = Buffer.alloc(2)
  bytes.writeUInt16LE(value)
  return bytes
}

function uint32(value) {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32LE(value)
  return bytes
}
