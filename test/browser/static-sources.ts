import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'

const STATIC = join(import.meta.dirname, '../../static')

/** A file of the pages; `path` is where it is below `static`. */
export interface PageSource {
  path: string
  text: string
}

/** All scripts and pages, by their paths. */
export const pageSources: PageSource[] = readdirSync(STATIC, { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile() && /\.(js|html)$/.test(entry.name))
  .map((entry) => join(entry.parentPath, entry.name))
  .sort()
  .map((path) => ({ path: relative(STATIC, path), text: readFileSync(path, 'utf8') }))

/** Modules of the pages have no types. */
export async function loadPageModule<Exports>(path: string): Promise<Exports> {
  return (await import(join(STATIC, path))) as Exports
}

/** The path below `static` that an import in a file means. */
export function importedPath(source: PageSource, specifier: string): string {
  return join(dirname(source.path), specifier)
}

/** What stands for a value in the text of a template. */
export const VALUE = '<>'

/** A text in a script, with what comes before it in its line; the values in a template are written as `VALUE`. */
export interface Literal {
  text: string
  before: string
}

const VALUE_START = '\u0024{'
/** What starts a regular expression; anywhere else a slash divides. */
const BEFORE_PATTERN = /(^|[(,=:[!&|?{};])\s*$/

/** The texts in a script: comments and regular expressions are left out, and texts inside templates are found, too. */
export function literalsIn(script: string): Literal[] {
  const found: Literal[] = []
  let at = 0
  readCode('')
  return found

  /** Reads code until the end, or until the brace that ends a value of a template. */
  function readCode(end: '' | '}'): void {
    let depth = 0
    while (at < script.length) {
      const sign = script[at] ?? ''
      if (script.startsWith('//', at)) at = indexAfter('\n')
      else if (script.startsWith('/*', at)) at = indexAfter('*/')
      else if (sign === "'" || sign === '"') readText(sign)
      else if (sign === '`') readTemplate()
      else if (sign === '/' && BEFORE_PATTERN.test(lineBefore(at))) readPattern()
      else {
        at += 1
        if (sign === '{') depth += 1
        if (sign === '}' && depth === 0 && end === '}') return
        if (sign === '}') depth -= 1
      }
    }
  }

  function readText(quote: string): void {
    const before = lineBefore(at)
    let text = ''
    for (at += 1; script[at] !== quote; at += 1) {
      if (script[at] === '\\') at += 1
      text += script[at]
    }
    at += 1
    found.push({ text, before })
  }

  function readTemplate(): void {
    const before = lineBefore(at)
    let text = ''
    at += 1
    while (script[at] !== '`') {
      if (script.startsWith(VALUE_START, at)) {
        at += 2
        readCode('}')
        text += VALUE
      } else {
        if (script[at] === '\\') at += 1
        text += script[at]
        at += 1
      }
    }
    at += 1
    found.push({ text, before })
  }

  function readPattern(): void {
    let isClass = false
    for (at += 1; isClass || script[at] !== '/'; at += 1) {
      if (script[at] === '\\') at += 1
      else if (script[at] === '[') isClass = true
      else if (script[at] === ']') isClass = false
    }
    at += 1
  }

  function indexAfter(sign: string): number {
    const index = script.indexOf(sign, at)
    return index < 0 ? script.length : index + sign.length
  }

  /** The line so far; where it is blank, the one above. */
  function lineBefore(index: number): string {
    const line = script.slice(script.lastIndexOf('\n', index - 1) + 1, index)
    if (line.trim() !== '') return line
    const above = script.slice(0, index - line.length).trimEnd()
    return above.slice(above.lastIndexOf('\n') + 1)
  }
}
