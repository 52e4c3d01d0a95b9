import { describe, expect, test } from 'vitest'
import { fileOfKey, keyOfFile } from '../../../src/transfer/baileys/file-name.ts'

describe('the name of a file and the key in it', () => {
  test.each([
    ['session-491511.0.json', 'session', '491511.0'],
    ['session-12345_1.17.json', 'session', '12345_1.17'],
    ['identity-key-12345_1.0.json', 'identity-key', '12345_1.0'],
    ['pre-key-812.json', 'pre-key', '812'],
    [
      'sender-key-491511-1500000000@g.us--12345_1--3.json',
      'sender-key',
      '491511-1500000000@g.us::12345_1::3',
    ],
    ['sender-key-120363@g.us--491511--0.json', 'sender-key', '120363@g.us::491511::0'],
    ['sender-key-status@broadcast--491511--0.json', 'sender-key', 'status@broadcast::491511::0'],
    ['sender-key-memory-491511-1500000000@g.us.json', 'sender-key-memory', '491511-1500000000@g.us'],
    ['app-state-sync-key-AA__+B==.json', 'app-state-sync-key', 'AA/+B=='],
    ['app-state-sync-key-____AB.json', 'app-state-sync-key', '//AB'],
    ['app-state-sync-version-critical_block.json', 'app-state-sync-version', 'critical_block'],
    ['lid-mapping-12345_reverse.json', 'lid-mapping', '12345_reverse'],
    ['tctoken-__index.json', 'tctoken', '__index'],
    ['tctoken-12345@lid.json', 'tctoken', '12345@lid'],
    ['device-list-491511.json', 'device-list', '491511'],
  ] as const)('%s', (file, kind, id) => {
    expect(keyOfFile(file)).toEqual({ kind, id })
    expect(fileOfKey({ kind, id })).toBe(file)
  })

  test.each([
    'creds.json',
    'session-.json',
    'session-491511.0',
    'sender-key-120363@g.us.json',
    'baileys_store.json',
  ])('%s holds no key', (file) => {
    expect(keyOfFile(file)).toBeUndefined()
  })
})
