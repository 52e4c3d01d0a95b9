import { crc32, deflateSync } from 'node:zlib'

/** Signature and header, which every PNG begins with. */
const HEAD_BYTES = 8 + 25

/** The same PNG with an ICC profile of its colours (PNG §11.3.2.3), which ffmpeg does not write. */
export function withProfile(png: Buffer, profile: Buffer): Buffer {
  // A name, its end, and the one method of compression there is.
  const body = Buffer.concat([Buffer.from('iCCPICC\0\0', 'latin1'), deflateSync(profile)])
  const size = Buffer.alloc(4)
  size.writeUInt32BE(body.length - 4)
  const sum = Buffer.alloc(4)
  sum.writeUInt32BE(crc32(body))
  return Buffer.concat([png.subarray(0, HEAD_BYTES), size, body, sum, png.subarray(HEAD_BYTES)])
}
