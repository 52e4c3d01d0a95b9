import { expect, test } from 'vitest'
import {
  unavailableEvents,
  undecryptableEvents,
  undecryptableId,
} from '../../../../src/whatsapp/inbound/parse/undecryptable.ts'
import type { BinaryNode } from '../../../../src/whatsapp/library/engine.ts'

const ME = { pn: '5511988887777:12@s.whatsapp.net', lid: '222222222222222:12@lid' }

function stanza(content: BinaryNode[], attrs: Record<string, string> = {}): BinaryNode {
  return { tag: 'message', attrs: { id: 'A1', from: '123@lid', t: '1755795600', ...attrs }, content }
}

function failed(node: BinaryNode) {
  const [event] = undecryptableEvents(node, ME)
  if (!event) throw new Error('a failure makes one event')
  return event
}

test('the answer of an AI bot, which the library does not read, is told of', () => {
  const enc = { tag: 'enc', attrs: { type: 'msmsg', 'decrypt-fail': 'hide' }, content: Buffer.of(1) }

  expect(unavailableEvents(stanza([enc]), ME)).toMatchObject([
    { type: 'message.undecryptable', id: 'A1', isUnavailable: false, decryptFailMode: 'hide' },
  ])
})

test('a message with an ordinary ciphertext is not told of before it was tried', () => {
  const enc = { tag: 'enc', attrs: { type: 'msg' }, content: Buffer.of(1) }

  expect(unavailableEvents(stanza([enc]), ME)).toEqual([])
})

test('every attempt at one message has the same id, another message another', () => {
  const first = failed(stanza([{ tag: 'enc', attrs: { type: 'pkmsg' }, content: Buffer.of(1) }]))
  const again = failed(stanza([{ tag: 'enc', attrs: { type: 'msg', count: '1' }, content: Buffer.of(2) }]))
  const other = failed(stanza([], { id: 'A2' }))

  expect(undecryptableId(again)).toBe(undecryptableId(first))
  expect(undecryptableId(other)).not.toBe(undecryptableId(first))
})
