import { crc32 } from 'node:zlib'

const LOCAL_HEADER = 0x04034b50
const CENTRAL_HEADER = 0x02014b50
const END = 0x06054b50

/** A ZIP archive (APPNOTE 6.3) with its files as they are, not compressed. */
export function zip(files: Record<string, Uint8Array>): Buffer {
  const parts: Buffer[] = []
  const directory: Buffer[] = []
  let offset = 0
  for (const [name, bytes] of Object.entries(files)) {
    const entry = Buffer.concat([localHeader(name, bytes), bytes])
    directory.push(centralHeader(name, bytes, offset))
    parts.push(entry)
    offset += entry.length
  }
  const central = Buffer.concat(directory)
  return Buffer.concat([...parts, central, endRecord(directory.length, central.length, offset)])
}

function localHeader(name: string, bytes: Uint8Array): Buffer {
  const header = Buffer.alloc(30)
  header.writeUInt32LE(LOCAL_HEADER, 0)
  header.writeUInt16LE(20, 4)
  writeSizes(header, 14, name, bytes)
  return Buffer.concat([header, Buffer.from(name)])
}

function centralHeader(name: string, bytes: Uint8Array, offset: number): Buffer {
  const header = Buffer.alloc(46)
  header.writeUInt32LE(CENTRAL_HEADER, 0)
  header.writeUInt16LE(20, 4)
  header.writeUInt16LE(20, 6)
  writeSizes(header, 16, name, bytes)
  header.writeUInt32LE(offset, 42)
  return Buffer.concat([header, Buffer.from(name)])
}

function writeSizes(header: Buffer, at: number, name: string, bytes: Uint8Array): void {
  header.writeUInt32LE(crc32(bytes), at)
  header.writeUInt32LE(bytes.length, at + 4)
  header.writeUInt32LE(bytes.length, at + 8)
  header.writeUInt16LE(Buffer.byteLength(name), at + 12)
}

function endRecord(count: number, size: number, offset: number): Buffer {
  const record = Buffer.alloc(22)
  record.writeUInt32LE(END, 0)
  record.writeUInt16LE(count, 8)
  record.writeUInt16LE(count, 10)
  record.writeUInt32LE(size, 12)
  record.writeUInt32LE(offset, 16)
  return record
}
