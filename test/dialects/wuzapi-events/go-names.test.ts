import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { goFieldName, goName } from '../../../src/dialects/shared/go/names.ts'

type Table<T> = Record<string, Record<string, T>>

// Package -> message -> field of our schema -> name in wuzapi's JSON; and the members of every oneof, in Go's words.
const table: { renames: Table<Record<string, string>>; oneofs: Table<Record<string, string[]>> } = JSON.parse(
  readFileSync(new URL('proto-renames.json', import.meta.url), 'utf8'),
)
const renames = Object.values(table.renames)
  .flatMap((messages) => Object.values(messages))
  .flatMap((fields) => Object.entries(fields))

test('every field that differs between the schemas gets the name of the original', () => {
  const ours = renames.map(([field]) => [field, goName(field)])

  expect(ours).toEqual(renames)
})

test.each(['fileLength', 'conversation', 'mediaKeyTimestamp', 'isAnimated', 'accountLid', 'idle', 'tcToken'])(
  'the name of %s stays as it is',
  (field) => {
    expect(goName(field)).toBe(field)
  },
)

test('members of oneofs begin with a capital and keep their words', () => {
  expect(
    ['urlButton', 'jpegThumbnail', 'nativeFlowResponseMessage', 'aiCreatedAttribution'].map(goFieldName),
  ).toEqual(['UrlButton', 'JPEGThumbnail', 'NativeFlowResponseMessage', 'AiCreatedAttribution'])
})
