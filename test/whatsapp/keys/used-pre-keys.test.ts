import { expect, test } from 'vitest'
import type { DurableKeys } from '../../../src/whatsapp/keys/key-store.ts'
import { keepUsedPreKeys } from '../../../src/whatsapp/keys/used-pre-keys.ts'

const pair = { public: new Uint8Array(32), private: new Uint8Array(32) }

test('only the oldest of many used pre-keys are deleted, and what is new is stored as ever', async () => {
  const written: DurableKeys[] = []
  const keys = keepUsedPreKeys({
    get: () => ({}),
    set: async (given) => void written.push(given),
    usedPreKeys: async () => Array.from({ length: 199 }, (_, index) => `${index}`),
  })

  await keys.set({ 'pre-key': { 900: null }, session: { peer: new Uint8Array(1) } })
  await keys.set({ 'pre-key': { 901: null, 902: null, 1000: pair } })

  expect(written[0]).toMatchObject({ 'pre-key': {}, session: { peer: new Uint8Array(1) } })
  expect(written[1]?.['pre-key']).toEqual({ 0: null, 1: null, 1000: pair })
  expect(written[1]?.['used-pre-keys']?.['']?.slice(-3)).toEqual(['900', '901', '902'])
})

test('writes without used pre-keys are passed on as they are', async () => {
  const written: DurableKeys[] = []
  const keys = keepUsedPreKeys({
    get: () => ({}),
    set: async (given) => void written.push(given),
    usedPreKeys: async () => [],
  })

  await keys.set({ 'pre-key': { 1: pair } })

  expect(written).toEqual([{ 'pre-key': { 1: pair } }])
})
