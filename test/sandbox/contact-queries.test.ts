import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Sandbox, startSandbox } from '../../src/sandbox/index.ts'
import type { Account } from '../../src/sandbox/world/account.ts'
import { child, children, node } from '../../src/sandbox/world/node.ts'
import type { BinaryNode } from '../../src/whatsapp/library/engine.ts'
import { WireClient } from './wire-client.ts'

const PHONE = '5511996000002'

let sandbox: Sandbox
let client: WireClient
let known: Account
beforeAll(async () => {
  sandbox = await startSandbox()
  known = sandbox.network.createAccount({ phone: PHONE, name: 'Ben' })
  const account = sandbox.network.createAccount({ phone: '5511996000001', name: 'Ann' })
  const linked = await WireClient.linked(sandbox, account)
  linked.close()
  client = await WireClient.login(sandbox, linked.creds)
  await client.next(({ tag }) => tag === 'success')
})
afterAll(() => sandbox.stop())

/** What the service says about whoever is asked for by a text. */
async function lookUp(contact: string, protocols: BinaryNode[]): Promise<BinaryNode | undefined> {
  const reply = await client.query('get', 'usync', [
    node('usync', { sid: '1', mode: 'query', context: 'interactive', index: 0, last: 'true' }, [
      node('query', {}, protocols),
      node('list', {}, [node('user', {}, [node('contact', {}, Buffer.from(contact))])]),
    ]),
  ])
  return children(child(child(reply, 'usync'), 'list'))[0]
}

test('who is asked for by LID is named by LID and number', async () => {
  const user = await lookUp(`+${PHONE}@c.us`, [
    node('contact', { addressing_mode: 'lid' }),
    node('disappearing_mode'),
    node('username'),
  ])

  expect(user?.attrs).toEqual({ jid: known.lidJid(), pn_jid: known.jid() })
  expect(user?.content).toEqual([
    { tag: 'contact', attrs: { type: 'in' }, content: Buffer.from(`+${PHONE}@c.us`) },
    { tag: 'disappearing_mode', attrs: { duration: '0', t: '0' } },
    { tag: 'username', attrs: {} },
  ])
})

test('a number nobody has is answered with the number alone', async () => {
  const user = await lookUp('+4999999999999@c.us', [node('contact', { addressing_mode: 'lid' })])

  expect(user?.attrs).toEqual({ pn_jid: '4999999999999@s.whatsapp.net' })
  expect(child(user, 'contact')?.attrs).toEqual({ type: 'out' })
})

test('who is asked for in the older way is named by number', async () => {
  const user = await lookUp(`+${PHONE}`, [node('contact')])

  expect(user?.attrs).toEqual({ jid: known.jid() })
})

test.each([
  `${PHONE}@s.whatsapp.net`,
  `${PHONE}@s.whatsapp.net@c.us`,
  '120363000000000001@g.us@c.us',
  'somebody',
  '',
])('nobody is found under %o, and no address made of it', async (contact) => {
  const user = await lookUp(contact, [node('contact', { addressing_mode: 'lid' })])

  expect(user?.attrs).toEqual({})
  expect(child(user, 'contact')?.attrs).toEqual({ type: 'out' })
})
