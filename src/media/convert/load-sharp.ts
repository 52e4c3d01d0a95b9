import { computeOnce } from '../../lib/flow/compute-once.ts'

/** The picture library, loaded with the first picture: 17 MB that most servers need late or never. */
export const loadSharp = computeOnce(async () => {
  const { default: sharp } = await import('sharp')
  // It would keep the files of past requests open and their pixels in memory.
  sharp.cache(false)
  return sharp
})
