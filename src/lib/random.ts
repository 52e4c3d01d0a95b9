import { randomFillSync } from 'node:crypto'

const POOL_BYTES = 8 * 1024
const pool = Buffer.alloc(POOL_BYTES)
let used = POOL_BYTES

/**
 * Random bytes fit for keys, nonces and ids, at most 8 KB at once. Fetched from the system by the pool: a request needs
 * a handful of small ones, and each would be a system call of its own.
 */
export function randomBytes(size: number): Buffer {
  if (used + size > POOL_BYTES) {
    randomFillSync(pool)
    used = 0
  }
  const bytes = Buffer.from(pool.subarray(used, used + size))
  // What was handed out must not stay behind for a second use.
  pool.fill(0, used, used + size)
  used += size
  return bytes
}
