import { z } from 'zod'

/** Digits of a query, as a number from 1 to `most`. */
export function count(name: string, most: number) {
  const sentence = `${name} must be a whole number from 1 to ${most}`
  return z
    .string()
    .refine((digits) => /^\d+$/.test(digits) && Number(digits) >= 1 && Number(digits) <= most, sentence)
    .optional()
}

/** Digits of a query that are an instant in Unix milliseconds. */
export function instant(name: string) {
  return z
    .string()
    .refine((digits) => /^\d{1,15}$/.test(digits), `${name} must be an instant in Unix milliseconds`)
    .optional()
}
