import { expect, test } from 'vitest'
import { messageKey, refFor, refOf, refOfKey } from '../../src/lib/message-ref.ts'

const me = { pn: '5511:7@s.whatsapp.net', lid: '9911:7@lid' }
const group = '120363@g.us'

test.each([
  ['said to be of another although the author is the account', { author: me.pn, fromMe: false }, false],
  ['said to be an own one although the author is another', { author: '22@lid', fromMe: true }, true],
  ['of an own device', { author: '9911:3@lid' }, true],
  ['of nobody who is named', {}, true],
])('a message %s', (_what, said, fromMe) => {
  expect(refFor({ chat: group, id: 'A', ...said }, me).fromMe).toBe(fromMe)
})

test('an own message of a group keeps its author, whom a key does not name', () => {
  const ref = refOf({ chat: group, id: 'A', fromMe: true, sender: '9911:3@lid' })

  expect(ref.author).toBe('9911:3@lid')
  expect(messageKey(ref)).toEqual({ remoteJid: group, id: 'A', fromMe: true })
})

test('a key that does not say whose it is tells by its participant', () => {
  const key = { remoteJid: group, id: 'A' }

  expect(refOfKey({ ...key, participant: '5511:0@s.whatsapp.net' }, me)).toEqual({
    chat: group,
    id: 'A',
    fromMe: true,
    author: '5511@s.whatsapp.net',
  })
  expect(refOfKey({ ...key, participant: null, fromMe: null }, me).fromMe).toBe(false)
})
