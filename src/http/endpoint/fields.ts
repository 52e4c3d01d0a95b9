import { z } from 'zod'
import {
  type BareBase64,
  type FileInput,
  isUpload,
  type LongText,
  type Upload,
} from '../../lib/file-input.ts'
import { type Limit, limits } from '../../lib/limits.ts'

// Fields of a request as a Go structure has them: absent, null and the zero value are the same, only a wrong type is
// refused (see decode.ts). Sentences are the dialect's own. A field may say how large its value can be; one that does
// not is bounded all the same (see sizes.ts).

/** A string; `''` when absent. */
export function text(limit?: Limit) {
  return textUpTo(limit, z.string()).default('')
}

/** A string that must be there and not be empty, else `sentence`. */
export function requiredText(sentence: string, limit?: Limit) {
  return textUpTo(limit, z.string(sentence).min(1, sentence))
}

/** A string of at most so many characters. */
export function textUpTo<Text extends z.ZodType<string>>(limit: Limit | undefined, string: Text): Text {
  return limit ? string.meta({ maxLength: limit.max }) : string
}

/** A list of at most so many entries. */
export function listUpTo<Entry extends z.ZodType>(limit: Limit | undefined, list: z.ZodArray<Entry>) {
  return limit ? list.meta({ maxItems: limit.max }) : list
}

/** A whole number; 0 when absent. */
export function integer() {
  return z.int().default(0)
}

/** A whole number that a Go structure holds as unsigned: a negative one cannot be decoded; 0 when absent. */
export function unsigned() {
  return z
    .int()
    .refine((value) => value >= 0, { params: { undecodable: true } })
    .meta({ minimum: 0 })
    .default(0)
}

/** A number; 0 when absent. */
export function number() {
  return z.number().default(0)
}

/** A yes or no; `false` when absent. */
export function bool() {
  return z.boolean().default(false)
}

/** A list of strings; empty when absent. `each` is the limit of its entries, `all` that of their number. */
export function stringArray({ each, all }: { each?: Limit; all?: Limit } = {}) {
  return listUpTo(all, z.array(text(each))).default([])
}

/** A list of strings with at least one element, else `sentence`. */
export function requiredStringArray(sentence: string, { each, all }: { each?: Limit; all?: Limit } = {}) {
  return listUpTo(all, z.array(text(each), sentence).min(1, sentence))
}

/** Bytes, written as padded base64 or as a list of numbers; empty when absent. A data URL is neither. */
export function bytes(limit: Limit = limits.mediaKey) {
  // With a line break after every 64 characters, as some encoders do.
  const base64 = { ...limit, max: Math.ceil((limit.max * 3) / 2) }
  return z
    .union([textUpTo(base64, z.string()), listUpTo(limit, z.array(z.int().default(0)))])
    .meta({ description: 'Padded base64, or a list of numbers from 0 to 255' })
    .transform((written, context) => {
      const decoded = typeof written === 'string' ? fromBase64(written) : fromNumbers(written)
      if (decoded !== undefined) return decoded
      context.issues.push({ code: 'custom', input: written, params: { undecodable: true } })
      return z.NEVER
    })
    .default(Buffer.alloc(0))
}

/**
 * A file: a part of a multipart form, or a text (data URL, base64 or https URL) for whoever reads it to tell apart. An
 * endpoint with such a field accepts forms besides JSON. Absent like a Go pointer.
 */
export function file(): z.ZodType<FileInput | undefined> {
  return fileInput(() => undefined).optional()
}

/** A file that must be there, else `sentence`. */
export function requiredFile(sentence: string): z.ZodType<FileInput> {
  return fileInput((value) => (value === undefined || value === '' ? sentence : undefined))
}

/** A file in base64, else `sentence`. What is not a text cannot be decoded; the text itself is read when it is used. */
export function requiredBase64(sentence: string): z.ZodType<BareBase64> {
  return z
    .any()
    .superRefine((value, issues) => {
      if (value === undefined || value === '') issues.addIssue(sentence)
      else if (!isGivenFile(value) || (typeof value === 'object' && isUpload(value)))
        issues.addIssue({ code: 'custom', params: { undecodable: true } })
    })
    .meta({ type: 'string', format: 'byte' })
    .transform((base64: string | LongText) => ({ base64 }))
}

/** Says of a file that it counts only as a part of a form, and whether the body is nothing without one; for `meta`. */
export const formOnly = { 'x-form-only': 'optional' }
export const formNeeded = { 'x-form-only': 'needed' }

function fileInput(problemOf: (value: unknown) => string | undefined) {
  return z
    .any()
    .superRefine((value, issues) => {
      const problem = problemOf(value)
      if (problem !== undefined) issues.addIssue(problem)
      else if (!isGivenFile(value)) issues.addIssue({ code: 'custom', params: { undecodable: true } })
    })
    .meta({ type: 'string', format: 'binary' })
}

function isGivenFile(value: unknown): boolean {
  if (typeof value === 'string') return true
  return typeof value === 'object' && value !== null && isReceived(value)
}

/** The files there are: an object that a JSON body dresses up as one is not among them. */
const vouched = new WeakSet<object>()

/** Whether a value is a file that was received with the request. */
export function isReceived(value: object): value is Upload | LongText {
  return vouched.has(value)
}

/** Vouches for a file that was received. */
export function received<File extends Upload | LongText>(file: File): File {
  vouched.add(file)
  return file
}

/** `undefined` instead of a zero value when the field is absent or null: what a Go pointer is for. */
export function optional<Field extends z.ZodType>(field: z.ZodDefault<Field>): z.ZodOptional<Field> {
  return field.unwrap().optional()
}

function fromNumbers(numbers: number[]): Buffer | undefined {
  return numbers.every((byte) => byte >= 0 && byte <= 255) ? Buffer.from(numbers) : undefined
}

/** Go's standard encoding: padded, its own alphabet only, line breaks ignored. */
function fromBase64(written: string): Buffer | undefined {
  const base64 = /[\r\n]/.test(written) ? written.replace(/[\r\n]+/g, '') : written
  if (base64.length % 4 !== 0 || /[-_]/.test(base64)) return undefined
  const padding = base64.endsWith('==') ? 2 : base64.endsWith('=') ? 1 : 0
  const decoded = Buffer.from(base64, 'base64')
  // Node skips what it does not know and stops at padding: then bytes are missing.
  return decoded.length === (base64.length / 4) * 3 - padding ? decoded : undefined
}
