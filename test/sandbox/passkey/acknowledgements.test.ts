import { expect, test } from 'vitest'
import { Acknowledgements } from '../../../src/sandbox/passkey/acknowledgements.ts'
import { node } from '../../../src/sandbox/world/node.ts'

const TYPE = 'passkey_prologue_request'

function told(): Acknowledgements {
  const acks = new Acknowledgements()
  acks.sent('a1', TYPE)
  return acks
}

const ack = (attrs: Record<string, string> = {}) =>
  node('ack', { to: '@s.whatsapp.net', class: 'notification', type: TYPE, id: 'a1', ...attrs })

test('there are twenty seconds for an ack', () => {
  const acks = told()

  expect(() => acks.check({ all: false, now: Date.now() + 19_000 })).not.toThrow()
  expect(() => acks.check({ all: false, now: Date.now() + 21_000 })).toThrow(
    `${TYPE} was not acknowledged within 20 seconds`,
  )
})

test.each([
  ['another id', { id: 'a2' }],
  ['another type', { type: 'encrypt' }],
  ['another class', { class: 'receipt' }],
  ['another address', { to: '4915100000000@s.whatsapp.net' }],
])('an ack with %s is none', (_what, attrs) => {
  const acks = told()

  expect(acks.received(ack(attrs))).toBeUndefined()
  expect(() => acks.check({ all: true })).toThrow(`${TYPE} was not acknowledged`)
})

test('an ack counts once, and not when it says that the notification was not understood', () => {
  const good = told()
  const bad = told()

  const first = good.received(ack({ to: 's.whatsapp.net' }))
  const second = good.received(ack({ error: '487' }))
  bad.received(ack({ error: '487' }))

  expect([first, second]).toEqual([TYPE, undefined])
  expect(() => good.check({ all: true })).not.toThrow()
  expect(() => bad.check({ all: true })).toThrow(`the companion did not understand ${TYPE}: 487`)
})
