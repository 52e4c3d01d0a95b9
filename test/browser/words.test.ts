import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, test } from 'vitest'
import {
  importedPath,
  type Literal,
  literalsIn,
  loadPageModule,
  pageSources,
  VALUE,
} from './static-sources.ts'

type Words = Record<string, string | Record<string, string>>

const LANGUAGES = [
  ['es', 'es.js'],
  ['ptBr', 'pt-br.js'],
] as const

/** What the pages run; those of a dialect speak as the servers do that it follows. */
const scripts = pageSources.filter(
  ({ path }) => path.endsWith('.js') && !isTable(path) && !path.startsWith('dialects/'),
)
const pages = pageSources.filter(({ path }) => path.endsWith('.html'))
/** The folders of the parts that have words. */
const parts = pageSources
  .filter(({ path }) => path.endsWith('words/en.js'))
  .map(({ path }) => dirname(dirname(path)))

/** One page is written by the server, because it names what this server has. */
const pageOfServer = {
  path: 'api/index.html',
  text: readFileSync(new URL('../../src/http/server/docs-page.ts', import.meta.url), 'utf8'),
}

describe.each(parts)('the words of %s', async (part) => {
  const { en = {} } = await loadPageModule<{ en: Words }>(join(part, 'words/en.js'))

  test.each(LANGUAGES)('are complete in %s', async (name, file) => {
    const words = (await loadPageModule<Record<string, Words>>(join(part, 'words', file)))[name] ?? {}

    expect(Object.keys(words).sort()).toEqual(Object.keys(en).sort())
    for (const [key, entry] of Object.entries(words)) {
      expect([key, ...formsOf(entry).filter((text) => text.trim() === '')]).toEqual([key])
      expect([key, placesIn(entry)]).toEqual([key, placesIn(en[key] ?? '')])
      expect([key, typeof entry === 'object' && !('other' in entry)]).toEqual([key, false])
    }
  })

  test('are there for all that is said, and all are said', () => {
    const own = scripts.filter((script) => isWithin(script.path, part) || importNames(script).length > 0)
    const literals = own.flatMap(({ text }) => literalsIn(text)).map(({ text }) => text)
    const made = literals.filter(isMadeKey).map(patternOf)
    const inPages = [...pages, pageOfServer]
      .filter(({ path }) => dirname(path) === part)
      .flatMap(({ text }) => [...text.matchAll(/data-words(?:-\w+)?="(\w+)"/g)].map(([, key = '']) => key))
    const said = own.flatMap((script) =>
      importNames(script).flatMap((name) => keysAskedFor(script.text, name)),
    )
    const named = new Set([...literals, ...inPages])

    expect([...inPages, ...said.filter((key) => !isMadeKey(key))].filter((key) => !(key in en))).toEqual([])
    for (const key of said.filter(isMadeKey))
      expect([key, Object.keys(en).some((known) => patternOf(key).test(known))]).toEqual([key, true])
    const unused = Object.keys(en).filter((key) => !named.has(key) && !made.some((one) => one.test(key)))
    expect(unused).toEqual([])
  })

  /** What a script calls the words of this part; nothing where it does not use them. */
  function importNames(script: { path: string; text: string }): string[] {
    return [...script.text.matchAll(/import \{([^}]*)\} from '([^']+)'/g)]
      .filter(([, , from = '']) => importedPath(script, from) === join(part, 'words.js'))
      .flatMap(([, names = '']) => [...names.matchAll(/\bwords(?: as (\w+))?/g)])
      .map(([, alias]) => alias ?? 'words')
  }
})

test.each(scripts)('$path says nothing that is not in a table of words', ({ text }) => {
  expect(literalsIn(text).filter(isStray)).toEqual([])
})

test.each(pages)('$path says nothing that is not in a table of words', ({ text }) => {
  const body = text
    .replace(/<!--[\s\S]*?-->/g, '')
    .replace(/<noscript>[\s\S]*?<\/noscript>|<title>[^<]*<\/title>/g, '')
  const texts = [...body.matchAll(/>([^<]+)</g)].map(([, words = '']) => words.trim())
  const attributes = [...body.matchAll(/(?<![\w-])(?:aria-label|title|alt|placeholder)="([^"]*)"/g)].map(
    ([, words = '']) => words,
  )

  const stray = [...texts, ...attributes].filter((words) => /\p{L}{2}/u.test(words) && !isName(words))
  expect(stray).toEqual([])
})

/** Names, addresses and numbers are the same in every language. */
function isName(text: string): boolean {
  return (
    ['Parley', '- Parley', 'Português (Brasil)', 'JavaScript', 'Python', 'PHP', 'Go', 'curl'].includes(
      text,
    ) || /^(https?:\/\/)?[\w.-]+\.\w+(\/\S*)?$/.test(text)
  )
}

/** Where a text is shown to people, and looks like words. */
function isStray({ text, before }: Literal): boolean {
  if (isMadeKey(text) || /^\p{Ll}\w*$/u.test(text)) return false
  const words = text.replaceAll(VALUE, '').trim()
  const isShown =
    /\b(textContent|title|label|placeholder|hint|text|submit|yes|close|advice|alt)\s*[:=]\s*$/.test(before) ||
    /(setText\([^,]+,|sayIn?\([^,]+,|(?<!\.)\btell\()\s*$/.test(before)
  const isSentence = /^\p{Lu}?\p{Ll}+[’']?\p{Ll}*,? .*\p{Ll}/u.test(words) && /^\p{Lu}|[.?!…]$/u.test(words)
  return !isName(words) && (isSentence || (isShown && /\p{Lu}\p{Ll}|\p{L} \p{L}/u.test(words)))
}

/** A key that is put together: letters around values. */
function isMadeKey(text: string): boolean {
  return text.includes(VALUE) && /^\w*$/.test(text.replaceAll(VALUE, '')) && text.replaceAll(VALUE, '') !== ''
}

function patternOf(key: string): RegExp {
  return new RegExp(`^${key.replaceAll(VALUE, '\\w*')}$`)
}

/** The keys with which words are asked for, also those between which a condition chooses. */
function keysAskedFor(script: string, name: string): string[] {
  return [...script.matchAll(new RegExp(`(?<![\\w.])${name}\\(`, 'g'))].flatMap(({ index, 0: call }) => {
    const argument = firstArgument(script.slice(index + call.length))
    return literalsIn(argument)
      .filter(({ before }) => /(^|[?:(]|\?\?)\s*$/.test(before))
      .map(({ text }) => text)
  })
}

function firstArgument(text: string): string {
  let depth = 0
  for (const [index, sign] of [...text].entries()) {
    if (depth === 0 && (sign === ',' || sign === ')')) return text.slice(0, index)
    if ('([{'.includes(sign)) depth += 1
    if (')]}'.includes(sign)) depth -= 1
  }
  return text
}

/** Also in folders below. */
function isWithin(path: string, part: string): boolean {
  return part === '.' || path.startsWith(`${part}/`)
}

function isTable(path: string): boolean {
  return /(^|\/)words\/[\w-]+\.js$/.test(path)
}

function formsOf(entry: string | Record<string, string>): string[] {
  return typeof entry === 'object' ? Object.values(entry) : [entry]
}

function placesIn(entry: string | Record<string, string>): string[] {
  const places = formsOf(entry).flatMap((text) => text.match(/\{\w+\}/g) ?? [])
  return [...new Set(places)].sort()
}
