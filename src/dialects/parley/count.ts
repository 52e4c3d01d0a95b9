import { z } from 'zod'

/** Digits of a query, as a number from 1 to `most`. */
export function count(name: string, most: number) {
  const sentence = `${name} must be a whole number from 1 to ${most}`
  return z
    .string()
    .refine((digits) => /^\d+$/.test(digits) && Number(digits) >= 1 && Number(digits) <= most, sentence)
    .optional()
}
