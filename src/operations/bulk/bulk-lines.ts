import { readFile } from 'node:fs/promises'
import { type Info, parse } from 'csv-parse'
import { ApiError } from '../../lib/errors.ts'
import { type FileInput, isLongText, isUpload } from '../../lib/file-input.ts'
import { limits } from '../../lib/limits.ts'
import { kindOfFile } from './media-kind.ts'

/** A line of a table: its cells by the names of the columns, in lower case. */
export interface Line {
  /** The line with the names of the columns is 1, as in a spreadsheet. */
  number: number
  cells: Map<string, string>
}

/** A message to one person, or why it cannot be sent. */
export interface CheckedLine {
  line: number
  /** Digits; as it was written where it is no number. */
  phone: string
  text: string
  /** '' for none. */
  mediaUrl: string
  /** A sentence; '' for a line that can be sent. */
  fault: string
}

interface CsvRecord {
  record: string[]
  info: Info
}

/** What may be between the columns; which it is, the first line says. */
const DELIMITERS = [',', ';', '\t']
/** Nobody types more of it: what is longer is another kind of file. */
const MAX_LINE_BYTES = 256 * 1024
const PLACE = /\{([^{}]{1,100})\}/g

/** Reads a table in CSV (UTF-8), as a file or a text. Throws `invalid_field` or `payload_too_large` with a sentence. */
export async function readCsv(given: FileInput): Promise<Line[]> {
  const text = await textOf(given)
  const parser = parse(text, {
    bom: true,
    delimiter: delimiterOf(text),
    info: true,
    max_record_size: MAX_LINE_BYTES,
    relax_column_count: true,
    skip_empty_lines: true,
    trim: true,
  })
  let names: string[] | undefined
  const lines: Line[] = []
  try {
    for await (const { record, info } of parser as AsyncIterable<CsvRecord>) {
      if (!names) names = columnNames(record)
      else lines.push({ number: info.records + info.empty_lines, cells: cellsOf(names, record) })
      if (lines.length > limits.bulkRows.max) throw tooManyRows()
    }
  } catch (cause) {
    if (cause instanceof ApiError) throw cause
    throw refusal(
      `the CSV cannot be read: ${cause instanceof Error ? cause.message.slice(0, 200) : 'unknown'}`,
      cause,
    )
  }
  return lines
}

/** Rows of a JSON body as lines. */
export function linesOf(rows: Record<string, unknown>[]): Line[] {
  return rows.map((row, at) => ({
    number: at + 1,
    cells: new Map(Object.entries(row).map(([name, value]) => [columnName(name), cellText(value)])),
  }))
}

/**
 * Checks lines and makes a message of each: its column `text`, or the template with the values of the columns that it names
 * in braces. Throws `invalid_field` where a column is missing altogether.
 */
export function checkLines(lines: Line[], template: string): CheckedLine[] {
  if (lines.length === 0) throw refusal('there are no rows below the names of the columns')
  const columns = new Set(lines.flatMap(({ cells }) => [...cells.keys()]))
  if (!columns.has('phone')) throw refusal('there is no column named phone')
  if (template === '' && !columns.has('text') && !columns.has('media'))
    throw refusal('give a template, or a column named text or media')
  for (const [, name = ''] of template.matchAll(PLACE))
    if (!columns.has(columnName(name)))
      throw refusal(`the template names {${name}}, and there is no such column`)

  const lineOfPhone = new Map<string, number>()
  return lines.map((line) => {
    const checked = checkLine(line, template)
    const earlier = lineOfPhone.get(checked.phone)
    if (earlier === undefined) lineOfPhone.set(checked.phone, checked.line)
    return checked.fault === '' && earlier !== undefined
      ? { ...checked, fault: `line ${earlier} has the same number` }
      : checked
  })
}

function checkLine({ number, cells }: Line, template: string): CheckedLine {
  const written = cells.get('phone') ?? ''
  const phone = digitsOf(written)
  const mediaUrl = cells.get('media') ?? ''
  const { text, emptyColumn } = textFor(cells, template)
  const fault =
    (phone === undefined &&
      (written === '' ? 'the phone is missing' : 'the phone is no number with a country code')) ||
    (emptyColumn !== undefined && `the column ${emptyColumn} is empty, and the template names it`) ||
    (text === '' && mediaUrl === '' && 'there is neither text nor media') ||
    ([...text].length > limits.text.max && `the text has more than ${limits.text.max} characters`) ||
    (mediaUrl !== '' && !isWebAddress(mediaUrl) && 'media is no address of a web server') ||
    (mediaUrl !== '' &&
      text !== '' &&
      kindOfFile(mediaUrl) === 'audio' &&
      'sound has no text: leave one of them empty') ||
    ''
  return { line: number, phone: phone ?? written.slice(0, limits.address.max), text, mediaUrl, fault }
}

/** What is said to one person, and the first column that the template needs and that is empty. */
function textFor(cells: Map<string, string>, template: string): { text: string; emptyColumn?: string } {
  const own = cells.get('text') ?? ''
  if (own !== '' || template === '') return { text: own }
  let emptyColumn: string | undefined
  const text = template.replace(PLACE, (_place, name: string) => {
    const value = cells.get(columnName(name)) ?? ''
    if (value === '') emptyColumn ??= columnName(name)
    return value
  })
  return { text, ...(emptyColumn !== undefined && { emptyColumn }) }
}

/** The digits of a number with its country code, as people and spreadsheets write it. */
function digitsOf(written: string): string | undefined {
  const digits = written.replace(/[\s().\-/]/g, '').replace(/^(\+|00)/, '')
  return /^[1-9]\d{6,14}$/.test(digits) ? digits : undefined
}

function isWebAddress(text: string): boolean {
  const url = text.length <= limits.url.max && URL.canParse(text) ? new URL(text) : undefined
  return url?.protocol === 'https:' || url?.protocol === 'http:'
}

async function textOf(given: FileInput): Promise<string> {
  if (typeof given === 'string') {
    if (Buffer.byteLength(given) > limits.bulkFile.max) throw tooLarge()
    return given
  }
  if (given.sizeBytes > limits.bulkFile.max) throw tooLarge()
  if (!isUpload(given) && !isLongText(given)) throw refusal('csv must be a file of a form, or a text')
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(await readFile(given.path))
  } catch (cause) {
    if (cause instanceof TypeError) throw refusal('the file is not in UTF-8: save it as "CSV UTF-8"', cause)
    throw cause
  }
}

function delimiterOf(text: string): string {
  const [first = ''] = text.split(/[\r\n]/, 1)
  const counts = DELIMITERS.map((delimiter) => ({ delimiter, count: first.split(delimiter).length }))
  return counts.reduce((best, next) => (next.count > best.count ? next : best)).delimiter
}

function columnNames(record: string[]): string[] {
  const names = record.map(columnName)
  const twice = names.find((name, at) => name !== '' && names.indexOf(name) !== at)
  if (twice !== undefined) throw refusal(`there are two columns named ${twice.slice(0, 100)}`)
  return names
}

function columnName(name: string): string {
  return name.trim().toLowerCase()
}

function cellsOf(names: string[], record: string[]): Map<string, string> {
  return new Map(names.flatMap((name, at) => (name === '' ? [] : [[name, record[at] ?? ''] as const])))
}

function cellText(value: unknown): string {
  return typeof value === 'string' || typeof value === 'number' ? String(value).trim() : ''
}

function tooLarge(): ApiError {
  return new ApiError('payload_too_large', {
    text: `the file is larger than ${limits.bulkFile.max} bytes: divide it`,
  })
}

function tooManyRows(): ApiError {
  return new ApiError('payload_too_large', {
    text: `there are more than ${limits.bulkRows.max} rows: divide the file`,
  })
}

function refusal(text: string, cause?: unknown): ApiError {
  return new ApiError('invalid_field', { text }, { cause })
}
