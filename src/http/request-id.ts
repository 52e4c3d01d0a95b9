import { randomBytes } from 'node:crypto'

const ALPHABET = '0123456789abcdefghijklmnopqrstuv'

/** A 20-character lower-case id whose first characters follow the clock: the form wuzapi's `Request-Id` has. */
export function requestId(now = Date.now()): string {
  const bytes = randomBytes(12)
  bytes.writeUInt32BE(Math.floor(now / 1000) >>> 0)
  let bits = 0n
  for (const byte of bytes) bits = (bits << 8n) | BigInt(byte)
  // 96 bits are 19.2 characters of five bits, hence the shift that fills the last one.
  bits <<= 4n
  let id = ''
  for (let shift = 95n; shift >= 0n; shift -= 5n) id += ALPHABET.charAt(Number((bits >> shift) & 31n))
  return id
}
