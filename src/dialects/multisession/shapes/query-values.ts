import { text } from '../../../http/endpoint/fields.ts'
import { limits } from '../../../lib/limits.ts'

/** A yes or no in a query, as Go reads one; what is no yes is a no. */
export function flag() {
  return text(limits.name).transform((given) => ['1', 't', 'true'].includes(given.toLowerCase()))
}

/** A whole number in a query; one that cannot be read, or is none of those allowed, counts as `otherwise`. */
export function numberOr(otherwise: number, { min = 0, max }: { min?: number; max: number }) {
  return text(limits.name).transform((given) => {
    const value = /^\d{1,15}$/.test(given) ? Number(given) : otherwise
    return value >= min ? Math.min(value, max) : otherwise
  })
}
