import { expect, test } from 'vitest'
import { CollectionWatch } from '../../../src/whatsapp/keys/collection-watch.ts'

const told = (...lines: [details: unknown, message?: string][]) => {
  const watch = new CollectionWatch()
  return lines.map(([details, message]) => watch.hear(details, message)).filter(Boolean)
}

test.each([
  ['from a snapshot', 'restored state of regular from snapshot to v7 with mutations', 7],
  ['change by change', 'synced regular to v7', 7],
])('a collection that is read from its beginning %s is complete', (_how, line, version) => {
  expect(told(['resyncing regular from v0'], [line], [line])).toEqual([
    { type: 'appstate.complete', collection: 'regular', version },
  ])
})

test('one that is only brought up to date is told by its changes', () => {
  expect(told(['resyncing regular from v6'], ['synced regular to v7'])).toEqual([])
})

test.each([
  ['failed to sync regular from v6, giving up', false],
  ['regular blocked on missing key from v6, parking after 2 attempts', false],
])('one that could not be read: %s', (line, isFull) => {
  const error = 'Error: no key\n    at decode (file.js:1:1)'
  expect(told([{ error }, line])).toEqual([
    { type: 'appstate.failed', collection: 'regular', isFull, error: 'no key' },
  ])
  expect(told(['resyncing regular from v0'], [{ error }, line])).toMatchObject([{ isFull: true }])
})

test('what is tried again is not told yet', () => {
  const line = 'failed to sync regular from v6, forcing snapshot retry'
  expect(told([{ error: 'Error: x' }, line], [{}, undefined], ['something else'])).toEqual([])
})
