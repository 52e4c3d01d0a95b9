import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'

const PAGE = join(import.meta.dirname, '../../static/link')
const CHECKS = join(import.meta.dirname, '../../src/whatsapp/session/linking/passkey-assertion.ts')

type Words = Record<string, string>

const { en } = await load<{ en: Words }>('words/en.js')
const { es } = await load<{ es: Words }>('words/es.js')
const { ptBr } = await load<{ ptBr: Words }>('words/pt-br.js')
const { keyOfFailure } = await load<{
  keyOfFailure: (failure: { status: number; message: string }) => string
}>('failures.js')

const { extensionLink } = await load<{
  extensionLink: (linking: { key: string; base: URL }) => string
}>('extension-link.js')
const { describeStage } = await load<{
  describeStage: (name: string, now: object) => { detail: string }
}>('stages.js')

test.each([
  ['Spanish', es],
  ['Portuguese', ptBr],
])('the page of linking says everything in %s that it says in English', (_language, words) => {
  expect(Object.keys(words)).toEqual(Object.keys(en))
  expect(Object.keys(words).filter((key) => words[key]?.trim() === '')).toEqual([])
  for (const [key, text] of Object.entries(words))
    expect([key, placesIn(text)]).toEqual([key, placesIn(en[key])])
})

test('the page of linking has words for all that it says, and says all that it has words for', () => {
  const sources = readdirSync(PAGE).filter((name) => /\.(js|html)$/.test(name))
  const text = sources.map((name) => readFileSync(join(PAGE, name), 'utf8')).join('\n')
  const stages = [...text.matchAll(/^ {2}(\w+): \{ step/gm)].map(([, name]) => name)
  const said = new Set([
    ...[...text.matchAll(/data-words(?:-label)?="(\w+)"/g)].map(([, key]) => key),
    ...[...text.matchAll(/words\('(\w+)'/g)].map(([, key]) => key),
    ...[...text.matchAll(/'((?:failed|over|confirmKnown)\w+|unreachable)'/g)].map(([, key]) => key),
    // Which notice says that something was copied is told by whoever copies.
    ...[...text.matchAll(/done: '(\w+)'/g)].map(([, key]) => key),
    ...stages.flatMap((stage) => [`${stage}Title`, `${stage}Detail`]),
  ])

  expect(stages.length).toBeGreaterThan(8)
  expect([...said].sort()).toEqual(Object.keys(en).sort())
})

test('what the server finds wrong with an answer is told in the language of the page', () => {
  const sentences = [...readFileSync(CHECKS, 'utf8').matchAll(/refusal\(\s*(['`])(.+?)\1,?\s*\)/g)].map(
    ([, , sentence = '']) => sentence,
  )

  expect(sentences.length).toBeGreaterThan(9)
  for (const message of sentences)
    expect([message, keyOfFailure({ status: 400, message })]).not.toEqual([message, 'failedOther'])
})

test.each([
  ['https://parley.example/', 'https://parley.example/'],
  ['https://example.org/parley/', 'https://example.org/parley/'],
  ['http://localhost:8080/', 'http://localhost:8080/'],
  ['http://127.0.0.1:8080/', 'http://127.0.0.1:8080/'],
  ['http://[::1]:8080/', 'http://[::1]:8080/'],
  ['http://192.168.1.5:8080/', undefined],
  ['http://localhost.example.org/', undefined],
])('the extension is told of a server at %s where it can reach it', (base, told) => {
  const link = extensionLink({ key: 'secret', base: new URL(base) })
  const given =
    link && JSON.parse(Buffer.from(new URL(link).hash.slice('#parley='.length), 'base64url').toString())

  expect(given).toEqual(told ? { t: 'secret', b: told } : '')
  expect(link.split('#')[0]).toBe(told ? 'https://web.whatsapp.com/' : '')
})

test.each([
  ['confirm', { skipHandoff: false }, 'confirmDetail'],
  ['confirm', { skipHandoff: true }, 'confirmKnownDetail'],
  ['over', { failure: 'no_answer' }, 'overBrowser'],
  ['over', { failure: 'refused' }, 'failedRefused'],
  ['over', { failure: 'phone_did_not_continue' }, 'overPhone'],
  ['over', { failure: 'bad_phone_answer' }, 'overPhone'],
  ['over', { failure: 'not_confirmed' }, 'overCode'],
  ['over', { failure: 'phone_did_not_finish' }, 'overCode'],
  ['over', { failure: 'connection_lost' }, 'overConnection'],
  ['over', { failure: 'cancelled' }, 'overStopped'],
  ['over', { failure: '' }, 'overDetail'],
])('the stage %s after %j is explained by %s', (stage, now, detail) => {
  expect(describeStage(stage, now).detail).toBe(detail)
})

/** Modules of the pages have no types. */
async function load<Exports>(path: string): Promise<Exports> {
  return (await import(join(PAGE, path))) as Exports
}

function placesIn(text = ''): string[] {
  return text.match(/\{\w+\}/g) ?? []
}
