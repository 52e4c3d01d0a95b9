import { describe, expect, test } from 'vitest'
import { readChecks } from '../../src/operations/contacts/contacts.ts'
import { type BinaryNode, proto } from '../../src/whatsapp/library/engine.ts'

function answer(...users: BinaryNode[]): BinaryNode {
  const list: BinaryNode = { tag: 'list', attrs: {}, content: users }
  return { tag: 'iq', attrs: { type: 'result' }, content: [{ tag: 'usync', attrs: {}, content: [list] }] }
}

function user(jid: string | undefined, type: string, content?: string, more: BinaryNode[] = []): BinaryNode {
  const contact: BinaryNode = {
    tag: 'contact',
    attrs: { type },
    content: content && Buffer.from(content),
  }
  return { tag: 'user', attrs: jid === undefined ? {} : { jid }, content: [contact, ...more] }
}

function certificate(name: string): BinaryNode {
  const details = proto.VerifiedNameCertificate.Details.encode({ verifiedName: name }).finish()
  const bytes = proto.VerifiedNameCertificate.encode({ details }).finish()
  return { tag: 'business', attrs: {}, content: [{ tag: 'verified_name', attrs: {}, content: bytes }] }
}

describe('an answer about phone numbers', () => {
  test('names who is on WhatsApp, with the name of a verified business', () => {
    const checks = readChecks(
      answer(user('5511@s.whatsapp.net', 'in', '+5511', [certificate('Great Company')])),
      ['5511'],
    )

    expect(checks).toEqual([
      ['5511', { jid: '5511@s.whatsapp.net', exists: true, verifiedName: 'Great Company' }],
    ])
  })

  test('is assigned by the number it repeats, whatever the JID and the order', () => {
    const checks = readChecks(
      answer(user(undefined, 'out', '+5522'), user('551187654321@s.whatsapp.net', 'in', '+5511987654321')),
      ['5511987654321', '5522'],
    )

    expect(checks).toEqual([
      ['5522', { jid: '', exists: false, verifiedName: '' }],
      ['5511987654321', { jid: '551187654321@s.whatsapp.net', exists: true, verifiedName: '' }],
    ])
  })

  test('is assigned by its place when it repeats nothing', () => {
    const checks = readChecks(answer(user('99@lid', 'in'), user(undefined, 'out')), ['5511', '5522'])

    expect(checks.map(([number]) => number)).toEqual(['5511', '5522'])
  })

  test('may be empty', () => {
    expect(readChecks({ tag: 'iq', attrs: {} }, ['5511'])).toEqual([])
  })
})
