import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Sandbox } from '../../src/sandbox/index.ts'
import type { Account } from '../../src/sandbox/world/account.ts'
import { child, children, node, text } from '../../src/sandbox/world/node.ts'
import type { BinaryNode } from '../../src/whatsapp/library/engine.ts'
import { askGroups, type Companion, type Pair, startPair } from './companion.ts'

let pair: Pair
let sandbox: Sandbox
let ann: Companion
let ben: Companion
let annAccount: Account
let benAccount: Account
let contact: Account

beforeAll(async () => {
  pair = await startPair('55118800000')
  ;({ sandbox, ann, ben, annAccount, benAccount } = pair)
  contact = sandbox.network.createAccount({ phone: '551188000003', name: 'Cid' })
})
afterAll(() => pair.close())

/** Creates a group as whatsmeow of September 2026 does: what is off is said too. */
async function create(settings: BinaryNode[], members: Account[] = [], attrs = {}): Promise<BinaryNode> {
  const participants = members.map((member) => node('participant', { jid: member.jid() }))
  const answer = await askGroups(ann, 'set', '@g.us', node('create', attrs, [...participants, ...settings]))
  return child(answer, 'group') as BinaryNode
}

const approval = (state: string) => node('membership_approval_mode', {}, [node('group_join', { state })])

/** The change of that kind in a notification of the group. */
async function change(companion: Companion, tag: string, from: string): Promise<BinaryNode> {
  const found = await sandbox.server.stanzas.find(
    ({ direction, device, stanza }) =>
      direction === 'to-client' &&
      device === companion.jid &&
      stanza.tag === 'notification' &&
      stanza.attrs.from === from &&
      child(stanza, tag) !== undefined,
  )
  return found.stanza
}

test('a group has the settings that its creation says are on', async () => {
  const off = await create([
    approval('off'),
    node('ephemeral', { expiration: 0 }),
    node('member_add_mode', {}, 'all_member_add'),
  ])
  const on = await create([
    approval('on'),
    node('ephemeral', { expiration: 86_400, trigger: 1 }),
    node('member_add_mode', {}, 'admin_add'),
  ])

  expect(child(off, 'membership_approval_mode')).toBeUndefined()
  expect(child(off, 'ephemeral')).toBeUndefined()
  expect(text(child(off, 'member_add_mode'))).toBe('all_member_add')
  expect(child(on, 'membership_approval_mode')).toBeDefined()
  expect(child(on, 'ephemeral')?.attrs.expiration).toBe('86400')
  expect(text(child(on, 'member_add_mode'))).toBe('admin_add')
})

test('a group needs no name, but a name is neither empty nor over a hundred characters', async () => {
  const nameless = await create([])

  expect(nameless.attrs.subject).toBeUndefined()
  await expect(create([], [], { subject: '' })).rejects.toMatchObject({ data: 406 })
  await expect(create([], [], { subject: 'n'.repeat(101) })).rejects.toMatchObject({ data: 406 })
})

test('who does not want to be added is invited, at the creation too, and sees the group before joining', async () => {
  benAccount.privacy.set('groupadd', 'none')

  const group = await create([], [contact, benAccount], { subject: 'Invited' })
  benAccount.privacy.set('groupadd', 'all')
  const refused = children(group).find(({ attrs }) => attrs.error)
  const invite = child(refused, 'add_request')?.attrs ?? {}
  const jid = `${group.attrs.id}@g.us`
  const asked = node('query', {}, [node('add_request', { ...invite, admin: annAccount.jid() })])
  const wrong = node('query', {}, [node('add_request', { ...invite, code: 'other' })])
  const seen = child(await askGroups(ben, 'get', jid, asked), 'group')

  expect(refused?.attrs).toMatchObject({ jid: benAccount.jid(), error: '403' })
  expect(group.attrs.size).toBe('2')
  expect(seen?.attrs.subject).toBe('Invited')
  await expect(askGroups(ben, 'get', jid, wrong)).rejects.toMatchObject({ data: 406 })
  await expect(askGroups(ben, 'get', jid, node('query'))).rejects.toMatchObject({ data: 403 })
})

test('who leaves is told of as removed by nobody else', async () => {
  const group = await create([], [benAccount])
  const jid = `${group.attrs.id}@g.us`

  await askGroups(ben, 'set', '@g.us', node('leave', {}, [node('group', { id: jid })]))
  const { attrs, content } = await change(ann, 'remove', jid)
  const [removed] = content as BinaryNode[]

  expect(attrs.participant).toBe(benAccount.lidJid())
  expect(children(removed).map(({ attrs: { jid } }) => jid)).toEqual([benAccount.lidJid()])
  expect(Number(removed?.attrs.v_id)).toBeGreaterThan(Number(removed?.attrs.prev_v_id))
})

test('an emptied description is told of by a child, and who may write with its version', async () => {
  const group = await create([], [benAccount])
  const jid = `${group.attrs.id}@g.us`
  const body = node('body', {}, Buffer.from('what it is about'))

  await askGroups(ann, 'set', jid, node('description', { id: 'one' }, [body]))
  await askGroups(ann, 'set', jid, node('description', { id: 'two', prev: 'one', delete: 'true' }))
  await askGroups(ann, 'set', jid, node('announcement'))
  const emptied = await sandbox.server.stanzas.find(
    ({ device, stanza }) => device === ben.jid && child(child(stanza, 'description'), 'delete') !== undefined,
  )
  const announcement = child(await change(ben, 'announcement', jid), 'announcement')
  const now = child(await askGroups(ann, 'get', jid, node('query')), 'group')

  expect(child(emptied.stanza, 'description')?.attrs).toEqual({ id: 'two' })
  expect(announcement?.attrs.v_id).toBe(now?.attrs.a_v_id)
  expect(announcement?.attrs.prev_v_id).toBe(group.attrs.a_v_id)
})

test('the service answers from the address it was asked at, with or without the at sign, and no other', async () => {
  const list = node('participating', {}, [node('participants')])

  const answers = await Promise.all(['@g.us', 'g.us'].map((to) => askGroups(ann, 'get', to, list)))
  const group = await create([])

  expect(answers.map(({ attrs: { from } }) => from)).toEqual(['@g.us', 'g.us'])
  await expect(askGroups(ann, 'get', '@s.whatsapp.net', list)).rejects.toMatchObject({ data: 404 })
  await expect(
    askGroups(ann, 'get', `${group.attrs.id}@s.whatsapp.net`, node('query')),
  ).rejects.toMatchObject({
    data: 404,
  })
})
