import { expect } from 'vitest'
import { ANY } from './received-kinds.ts'

/** The same, with what stands for anything replaced by what matches it. */
export function matching(value: unknown): unknown {
  if (value === ANY) return expect.anything()
  if (Array.isArray(value)) return value.map(matching)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, matching(one)]))
}
