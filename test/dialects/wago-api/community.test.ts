import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { failure, Wago } from './wago.ts'

const ben = '491711234568'
const benJid = `${ben}@s.whatsapp.net`
const unknown = '120363999999999999@g.us'
const notFound = failure('info query returned status 404: item-not-found')
const done = [200, { success: true, result: true }]

let wago: Wago
let community: string
let group: string
beforeAll(async () => {
  wago = await Wago.start()
  await wago.app.contact(ben)
  await wago.app.createUser({ name: 'idle' })
  community = (await wago.call('/community/create/main', { name: 'Harbour' })).json.result.jid
  group = await newGroup()
})
afterAll(() => wago.stop())

async function newGroup(): Promise<string> {
  const options = { subject: 'Crew', creator: wago.user.phone, participants: [wago.contact] }
  return (await wago.app.sandbox('POST', '/groups', options)).jid
}

async function call(route: string, body: unknown = {}, session = 'main'): Promise<unknown[]> {
  const { status, json } = await wago.call(`/community/${route}/${session}`, body)
  return [status, json]
}

/** What the network knows about a group or community. */
function seen(jid: string) {
  return wago.app.sandbox('GET', `/groups/${jid}`)
}

const routes: [route: string, rest: Record<string, unknown>][] = [
  ['linkGroup', { groupId: unknown }],
  ['unlinkGroup', { groupId: unknown }],
  ['getSubGroups', {}],
  ['getParticipants', {}],
  ['setJoinApprovalMode', { enabled: true }],
  ['setMemberAddMode', { mode: 'admin_add' }],
]

describe.each(routes)('%s', (route, rest) => {
  test('needs the id of a community', async () => {
    expect(await call(route, rest)).toEqual([400, failure('communityId is required')])
    expect(await call(route, { ...rest, communityId: '' })).toEqual([400, failure('communityId is required')])
    expect(await call(route, { ...rest, communityId: benJid })).toEqual([
      400,
      failure('communityId is not a group'),
    ])
    expect(await call(route, { ...rest, communityId: 'x@example.com' })).toEqual([
      400,
      failure('communityId is not a valid id: use number@s.whatsapp.net'),
    ])
  })

  test('refuses a body that cannot be read', async () => {
    expect(await call(route, { ...rest, communityId: 7 })).toEqual([400, failure('Invalid request body')])
    expect(await call(route, '{')).toEqual([400, failure('Invalid request body')])
  })

  test('tells what WhatsApp says about one that does not exist', async () => {
    expect(await call(route, { ...rest, communityId: unknown })).toEqual([500, notFound])
  })
})

test.each(['create', ...routes.map(([route]) => route)])('%s needs a connected session', async (route) => {
  expect(await call(route, '{', 'idle')).toEqual([404, failure('session_not_connected')])
  expect(await call(route, {}, 'nobody')).toEqual([404, failure('session_not_found')])
})

describe('a community', () => {
  test('is created with a description and members', async () => {
    const [status, body] = await call('create', {
      title: 'Quay',
      description: 'All who work here',
      participants: [ben],
    })

    expect([status, body]).toEqual([
      200,
      {
        success: true,
        result: {
          jid: expect.stringMatching(/@g\.us$/),
          name: 'Quay',
          topic: 'All who work here',
          owner: wago.ownJid,
          isAnnounce: false,
          isLocked: false,
          isParent: true,
          createdAt: expect.any(Number),
          participants: [expect.objectContaining({ jid: wago.ownJid, isSuperAdmin: true })],
        },
      },
    ])
    const { jid: communityId } = (body as { result: { jid: string } }).result
    const members = await call('getParticipants', { communityId })
    expect(members).toEqual([200, { success: true, result: expect.arrayContaining([wago.ownJid, benJid]) }])
  })

  test('is created without other members, its name under either word', async () => {
    const [status, body] = await call('create', { name: '', title: 'Pier', participants: [] })

    expect(status).toBe(200)
    expect(body).toMatchObject({ result: { name: 'Pier' } })
  })

  test('needs a name', async () => {
    expect(await call('create')).toEqual([400, failure('name is required')])
    expect(await call('create', { name: '' })).toEqual([400, failure('name is required')])
    expect(await call('create', { name: ['x'] })).toEqual([400, failure('Invalid request body')])
    expect(await call('create', { name: 'x', participants: ['?'] })).toEqual([
      400,
      failure('participants holds an id that is not valid'),
    ])
  })

  test('takes a group in and gives it back', async () => {
    const pair = { communityId: community, groupId: group }

    expect(await call('linkGroup', pair)).toEqual(done)
    expect(await seen(group)).toMatchObject({ community })
    expect(await call('getSubGroups', { communityId: community })).toEqual([
      200,
      {
        success: true,
        result: expect.arrayContaining([
          { jid: group, name: 'Crew', isDefaultSubGroup: false },
          { jid: expect.any(String), name: 'Harbour', isDefaultSubGroup: true },
        ]),
      },
    ])
    expect(await call('getParticipants', { communityId: community })).toEqual([
      200,
      { success: true, result: expect.arrayContaining([wago.ownJid, wago.contactJid]) },
    ])

    expect(await call('unlinkGroup', pair)).toEqual(done)
    expect(await seen(group)).toMatchObject({ community: null })
  })

  test.each(['linkGroup', 'unlinkGroup'])('%s tells when the group could not be moved', async (route) => {
    expect(await call(route, { communityId: community, groupId: unknown })).toEqual([
      500,
      failure('info query returned status 404'),
    ])
    expect(await call(route, { communityId: community })).toEqual([400, failure('groupId is required')])
    expect(await call(route, { communityId: community, groupId: benJid })).toEqual([
      400,
      failure('groupId is not a group'),
    ])
  })

  test('lets admins decide who joins, or nobody', async () => {
    expect(await call('setJoinApprovalMode', { communityId: community, enabled: false })).toEqual(done)
    expect(await seen(community)).toMatchObject({ joinApproval: false })
    expect(await call('setJoinApprovalMode', { chatId: group, mode: true })).toEqual(done)
    expect(await seen(group)).toMatchObject({ joinApproval: true })
  })

  test('says who may add members', async () => {
    expect(await call('setMemberAddMode', { communityId: community, mode: 'admin_add' })).toEqual(done)
    expect(await seen(community)).toMatchObject({ memberAddMode: 'admin_add' })
    expect(
      await call('setMemberAddMode', { communityId: '', chatId: community, mode: 'all_member_add' }),
    ).toEqual(done)
    expect(await seen(community)).toMatchObject({ memberAddMode: 'all_member_add' })
  })

  test.each([
    ['setJoinApprovalMode', {}, 'enabled is required'],
    ['setJoinApprovalMode', { enabled: 'yes' }, 'Invalid request body'],
    ['setMemberAddMode', {}, 'mode must be admin_add or all_member_add'],
    ['setMemberAddMode', { mode: 'nobody' }, 'mode must be admin_add or all_member_add'],
    ['setMemberAddMode', { mode: true }, 'Invalid request body'],
  ])('%s refuses %j', async (route, rest, sentence) => {
    expect(await call(route, { ...rest, communityId: community })).toEqual([400, failure(sentence)])
  })

  test('is not what an ordinary group is', async () => {
    expect(await call('getSubGroups', { communityId: group })).toEqual([500, notFound])
    expect(await call('getParticipants', { communityId: group })).toEqual([500, notFound])
  })
})
