import { z } from 'zod'
import { textUpTo } from '../../../http/endpoint/fields.ts'
import { limits } from '../../../lib/limits.ts'
import { disappearingSeconds } from '../../../lib/text/disappearing-words.ts'

const INVALID = 'Invalid timer value'

/** After how long messages disappear: `off`, `24h`, `7d` or `90d`. */
export const timer = textUpTo(limits.name, z.string(INVALID))
  .refine((word) => disappearingSeconds(word) !== undefined, INVALID)
  .meta({ enum: ['off', '24h', '7d', '90d'] })

/** Seconds of such a word. */
export function secondsOf(word: string): number {
  return disappearingSeconds(word) ?? 0
}
