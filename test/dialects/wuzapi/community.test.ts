import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type LinkedUser, TestApp } from '../../helpers/app.ts'
import { failure } from './contract/target.ts'

let app: TestApp
let user: LinkedUser
let community: string
let group: string
const ana = '447900000501'
beforeAll(async () => {
  app = await TestApp.start({ env: { WUZAPI_PROFILE: 'current' } })
  user = await app.linkedUser()
  await app.contact(ana)
  community = (await app.post('/community/create', user.token, { name: 'Harbour' })).json.data.JID
  const crew = await app.post('/group/create', user.token, { Name: 'Crew', Participants: [ana] })
  group = crew.json.data.JID
})
afterAll(() => app.close())

async function call(path: string, body: unknown): Promise<unknown[]> {
  const { status, json } = await app.post(path, user.token, body)
  return [status, json]
}

async function subGroups() {
  const { json } = await app.get(`/community/subgroups?communityJID=${community}`, user.token)
  return json.data.Groups
}

describe('a community', () => {
  test('is a group that holds groups', async () => {
    const { json } = await app.get(`/group/info?groupJID=${community}`, user.token)

    expect(json.data).toMatchObject({ Name: 'Harbour', IsParent: true, IsJoinApprovalRequired: true })
    expect(await subGroups()).toEqual([
      expect.objectContaining({ Name: 'Harbour', IsDefaultSubGroup: true, JID: expect.any(String) }),
    ])
  })

  test('takes a group in and gives it back', async () => {
    const pair = { communityJID: community, groupJID: group }

    expect(await call('/community/link', pair)).toEqual([
      200,
      { code: 200, data: { linked: true }, success: true },
    ])
    expect(await subGroups()).toContainEqual(
      expect.objectContaining({ JID: group, Name: 'Crew', IsDefaultSubGroup: false }),
    )
    expect(await call('/community/unlink', pair)).toEqual([
      200,
      { code: 200, data: { unlinked: true }, success: true },
    ])
    expect(await subGroups()).toHaveLength(1)
  })

  test.each(['/community/link', '/community/unlink'])('%s tells when it did not work', async (path) => {
    expect((await call(path, { communityJID: community, groupJID: '1@g.us' }))[0]).toBe(500)
    expect((await call(path, { communityJID: group, groupJID: group }))[0]).toBe(500)
  })

  test.each(['/community/link', '/community/unlink'])('%s checks the community first', async (path) => {
    expect(await call(path, {})).toEqual([400, failure(400, 'could not parse Community JID')])
    expect(await call(path, { communityJID: community })).toEqual([
      400,
      failure(400, 'could not parse Group JID'),
    ])
    expect(await call(path, { communityJID: 7 })).toEqual([400, failure(400, 'could not decode Payload')])
  })

  test('needs a name', async () => {
    expect(await call('/community/create', {})).toEqual([400, failure(400, 'missing Name in Payload')])
  })

  test('has to be named to list its groups', async () => {
    const { status, json } = await app.get('/community/subgroups', user.token)

    expect([status, json]).toEqual([400, failure(400, 'missing communityJID parameter')])
  })
})
