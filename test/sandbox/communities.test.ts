import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Sandbox } from '../../src/sandbox/index.ts'
import type { Account } from '../../src/sandbox/world/account.ts'
import { child, children, node } from '../../src/sandbox/world/node.ts'
import type { BinaryNode } from '../../src/whatsapp/library/engine.ts'
import { askGroups, type Companion, type Pair, startPair } from './companion.ts'

let pair: Pair
let sandbox: Sandbox
let ann: Companion
let ben: Companion
let benAccount: Account
let community: string

beforeAll(async () => {
  pair = await startPair('55118900000')
  ;({ sandbox, ann, ben, benAccount } = pair)
  const parent = node('parent', { default_membership_approval_mode: 'request_required' })
  const approval = node('membership_approval_mode', {}, [node('group_join', { state: 'off' })])
  const created = await askGroups(ann, 'set', '@g.us', node('create', { subject: 'All' }, [parent, approval]))
  community = `${child(created, 'group')?.attrs.id}@g.us`
})
afterAll(() => pair.close())

const links = (group: string) =>
  node('links', {}, [node('link', { link_type: 'sub_group' }, [node('group', { jid: group })])])

const unlink = (group: string, attrs = {}) =>
  node('unlink', { unlink_type: 'sub_group' }, [node('group', { jid: group, ...attrs })])

/** What a companion is told about the group, by the tag of the change. */
async function told(companion: Companion, from: string, tag: string): Promise<BinaryNode | undefined> {
  const { stanza } = await sandbox.server.stanzas.find(
    (entry) =>
      entry.direction === 'to-client' &&
      entry.device === companion.jid &&
      entry.stanza.attrs.from === from &&
      child(entry.stanza, tag) !== undefined,
  )
  return child(stanza, tag)
}

function announcements(): string {
  const found = [...sandbox.network.groups.values()].find(
    (group) => group.isCommunityAnnouncements && group.community?.jid === community,
  )
  return found?.jid ?? ''
}

test('a community says how people come into its groups', async () => {
  const group = child(await askGroups(ann, 'get', community, node('query')), 'group')

  expect(child(group, 'parent')?.attrs).toEqual({ default_membership_approval_mode: 'request_required' })
  expect(child(group, 'membership_approval_mode')).toBeUndefined()
})

test('members of a group that is put into a community are in the community and hear of it', async () => {
  const group = await ann.socket.groupCreate('Linked', [benAccount.jid()])
  await expect(askGroups(ben, 'get', community, node('sub_groups'))).rejects.toMatchObject({ data: 403 })

  await askGroups(ann, 'set', community, links(group.id))
  const linked = await told(ben, group.id, 'link')
  const joined = await Promise.all([told(ben, community, 'create'), told(ben, announcements(), 'create')])
  const subGroups = child(await askGroups(ben, 'get', community, node('sub_groups')), 'sub_groups')
  const participating = await ben.socket.groupFetchAllParticipating()

  expect(linked?.attrs.link_type).toBe('parent_group')
  expect(children(linked)[0]?.attrs.jid).toBe(community)
  expect((await told(ann, community, 'link'))?.attrs.link_type).toBe('sub_group')
  expect(joined.map((create) => create?.attrs.reason)).toEqual(['auto_add', 'auto_add'])
  expect(children(subGroups)).toHaveLength(2)
  expect(Object.keys(participating)).toEqual(expect.arrayContaining([community, announcements(), group.id]))
  await askGroups(ann, 'set', community, unlink(group.id, { remove_orphaned_members: 'true' }))
})

test('those who are left in no other group of it go with the group if that is asked for', async () => {
  const group = await ann.socket.groupCreate('Passing', [benAccount.jid()])
  await askGroups(ann, 'set', community, links(group.id))

  await askGroups(ann, 'set', community, unlink(group.id))
  const stays = await askGroups(ben, 'get', community, node('query'))
  await askGroups(ann, 'set', community, links(group.id))
  await askGroups(ann, 'set', community, unlink(group.id, { remove_orphaned_members: 'true' }))

  expect(child(stays, 'group')).toBeDefined()
  await expect(askGroups(ben, 'get', community, node('query'))).rejects.toMatchObject({ data: 403 })
  await expect(askGroups(ben, 'get', announcements(), node('query'))).rejects.toMatchObject({ data: 403 })
})

test('a group is made in a community by its admins, and who is in it is in the community', async () => {
  const parent = node('linked_parent', { jid: community })
  const member = node('participant', { jid: benAccount.jid() })

  const created = await askGroups(
    ann,
    'set',
    '@g.us',
    node('create', { subject: 'Inside' }, [member, parent]),
  )
  const group = child(created, 'group')
  const seen = child(await askGroups(ben, 'get', community, node('query')), 'group')

  expect(child(group, 'linked_parent')?.attrs.jid).toBe(community)
  expect(children(seen).map(({ attrs: { jid } }) => jid)).toContain(benAccount.lidJid())
  await expect(askGroups(ben, 'set', '@g.us', node('create', {}, [parent]))).rejects.toMatchObject({
    data: 403,
  })
})

test('the picture of a community is asked for among its groups', async () => {
  const picture = (id?: string) =>
    node('pictures', {}, [node('picture', { type: 'preview', query: 'url', id })])
  const statuses = async (id?: string) =>
    children(child(await askGroups(ann, 'get', community, picture(id)), 'pictures'))[0]?.attrs

  const none = await statuses()
  const group = sandbox.network.findGroup(community)
  if (group) group.picture = { id: '7', jpeg: Buffer.from('picture') }
  const some = await statuses()
  const same = await statuses('7')

  expect(none?.status).toBe('204')
  expect(some).toMatchObject({ id: '7', type: 'preview', direct_path: expect.stringMatching(/^\/v\//) })
  expect(same?.status).toBe('304')
})

test('who leaves a community leaves everything in it', async () => {
  await askGroups(
    ben,
    'set',
    '@g.us',
    node('leave', {}, [node('linked_groups', { parent_group_jid: community })]),
  )

  const participating = Object.values(await ben.socket.groupFetchAllParticipating())
  expect(
    participating.filter(({ linkedParent, id }) => linkedParent === community || id === community),
  ).toEqual([])
})
