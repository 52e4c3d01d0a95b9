import { randomBytes } from '../../lib/random.ts'

const ALPHABET = '0123456789abcdefghijklmnopqrstuv'

/** A 20-character lower-case id whose first characters follow the clock: the form of Go's package `rs/xid`. */
export function requestId(now = Date.now()): string {
  const seconds = Math.floor(now / 1000)
  let id = ''
  // 35 bits of clock are seven characters of five bits; the rest is random.
  for (let shift = 30; shift >= 0; shift -= 5) id += ALPHABET.charAt(Math.floor(seconds / 2 ** shift) & 31)
  for (const byte of randomBytes(13)) id += ALPHABET.charAt(byte & 31)
  return id
}
