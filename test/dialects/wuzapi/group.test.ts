import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type LinkedUser, TestApp } from '../../helpers/app.ts'
import { failure } from './contract/target.ts'

let app: TestApp
let user: LinkedUser
let other: LinkedUser
let group: string
const ana = '447900000401'
const bea = '447900000402'
const anaJid = `${ana}@s.whatsapp.net`
beforeAll(async () => {
  app = await TestApp.start({ env: { WUZAPI_PROFILE: 'current' } })
  user = await app.linkedUser()
  other = await app.linkedUser()
  await app.contact(ana)
  await app.contact(bea)
  group = await newGroup('Crew')
})
afterAll(() => app.close())

const done = (Details: string) => ({ code: 200, data: { Details }, success: true })

/** A group with Ana that the user has created. */
async function newGroup(Name: string): Promise<string> {
  const { json } = await app.post('/group/create', user.token, { Name, Participants: [ana] })
  return json.data.JID
}

async function call(path: string, body: unknown, token = user.token): Promise<unknown[]> {
  const { status, json } = await app.post(path, token, body)
  return [status, json]
}

async function look(path: string, token = user.token): Promise<unknown[]> {
  const { status, json } = await app.get(path, token)
  return [status, json]
}

async function info(jid = group) {
  const { json } = await app.get(`/group/info?groupJID=${jid}`, user.token)
  return json.data
}

async function phonesIn(jid = group): Promise<string[]> {
  const { Participants } = await info(jid)
  return Participants.map((one: { PhoneNumber: string }) => one.PhoneNumber.replace(/@.*/, ''))
}

async function inviteLink(jid = group): Promise<string> {
  return (await app.get(`/group/invitelink?groupJID=${jid}`, user.token)).json.data.InviteLink
}

describe('every group endpoint', () => {
  test.each([
    'GET /group/list',
    'GET /group/info',
    'GET /group/invitelink',
    'GET /group/requestparticipants',
    'POST /group/create',
    'POST /group/photo',
    'POST /group/photo/remove',
    'POST /group/leave',
    'POST /group/name',
    'POST /group/topic',
    'POST /group/announce',
    'POST /group/locked',
    'POST /group/ephemeral',
    'POST /group/join',
    'POST /group/inviteinfo',
    'POST /group/updateparticipants',
    'POST /group/updaterequestparticipants',
    'POST /group/joinapprovalmode',
  ])('%s wants a token, then a session', async (route) => {
    const [method = '', path = ''] = route.split(' ')
    const stranger = await app.createUser()

    const anonymous = await app.request(method, path)
    const unconnected = await app.request(method, path, { token: stranger.token })

    expect([anonymous.status, anonymous.json]).toEqual([401, failure(401, 'unauthorized')])
    expect([unconnected.status, unconnected.json]).toEqual([500, failure(500, 'no session')])
  })

  test.each([
    '/group/photo',
    '/group/photo/remove',
    '/group/leave',
    '/group/name',
    '/group/topic',
    '/group/announce',
    '/group/locked',
    '/group/ephemeral',
    '/group/updateparticipants',
    '/group/updaterequestparticipants',
    '/group/joinapprovalmode',
  ])('%s refuses what is no JSON, no text and no JID', async (path) => {
    expect(await call(path, '{')).toEqual([400, failure(400, 'could not decode Payload')])
    expect(await call(path, { GroupJID: 7 })).toEqual([400, failure(400, 'could not decode Payload')])
    expect(await call(path, {})).toEqual([400, failure(400, 'could not parse Group JID')])
    expect(await call(path, { groupjid: 'a.b.c@g.us' })).toEqual([
      400,
      failure(400, 'could not parse Group JID'),
    ])
  })

  test.each([
    ['/group/announce', { Announce: 'yes' }],
    ['/group/locked', { locked: 1 }],
    ['/group/joinapprovalmode', { mode: 'on' }],
    ['/group/ephemeral', { duration: 7 }],
    ['/group/name', { Name: {} }],
    ['/group/updateparticipants', { Phone: '5491155554444' }],
    ['/group/create', { Name: 'x', Participants: [7] }],
    ['/group/join', { Code: true }],
  ])('%s cannot decode %j', async (path, body) => {
    expect(await call(path, { GroupJID: group, ...body })).toEqual([
      400,
      failure(400, 'could not decode Payload'),
    ])
  })
})

describe('/group/create', () => {
  test('answers with the group', async () => {
    const { status, json } = await app.post('/group/create', user.token, {
      name: 'Sailors',
      participants: [`+${ana}`, `${bea}@s.whatsapp.net`],
    })

    expect(status).toBe(200)
    expect(json.data).toMatchObject({
      Name: 'Sailors',
      JID: expect.stringMatching(/^120363\d{12}@g\.us$/),
      OwnerPN: `${user.phone}@s.whatsapp.net`,
      ParticipantCount: 3,
      Topic: '',
      TopicSetAt: '0001-01-01T00:00:00Z',
      IsAnnounce: false,
    })
    expect(json.data.Participants).toContainEqual({
      AddRequest: null,
      DisplayName: '',
      Error: 0,
      IsAdmin: false,
      IsSuperAdmin: false,
      JID: expect.stringMatching(/@lid$/),
      LID: expect.stringMatching(/@lid$/),
      PhoneNumber: anaJid,
    })
  })

  test('tells who could not be added', async () => {
    const { json } = await app.post('/group/create', user.token, {
      Name: 'Ghosts',
      Participants: [ana, '447900000499'],
    })

    const added = json.data.Participants.map((one: { Error: number }) => one.Error)
    expect(added.toSorted()).toEqual([0, 0, 404])
  })

  test.each([
    [{}, 'missing Name in Payload'],
    [{ Participants: [ana] }, 'missing Name in Payload'],
    [{ Name: 'x' }, 'missing Participants in Payload'],
    [{ Name: 'x', Participants: [] }, 'missing Participants in Payload'],
    [{ Name: 'x', Participants: [ana, ''] }, 'could not parse Participant Phone'],
  ])('refuses %j', async (body, sentence) => {
    expect(await call('/group/create', body)).toEqual([400, failure(400, sentence)])
  })
})

describe('/group/list', () => {
  test('has every group the account is in', async () => {
    const { json } = await app.get('/group/list', user.token)

    expect(json.data.Groups).toContainEqual(await info())
  })

  test('is null without groups', async () => {
    const lonely = await app.linkedUser()

    expect(await look('/group/list', lonely.token)).toEqual([
      200,
      { code: 200, data: { Groups: null }, success: true },
    ])
  })
})

describe('/group/info', () => {
  test.each([
    ['/group/info', 'missing groupJID parameter'],
    ['/group/info?groupjid=1@g.us', 'missing groupJID parameter'],
    ['/group/info?groupJID=@g.us', 'could not parse Group JID'],
  ])('refuses %s', async (path, sentence) => {
    expect(await look(path)).toEqual([400, failure(400, sentence)])
  })

  test.each(['12036300000@g.us', '5491155554444'])('of %s, which is no group, fails', async (jid) => {
    const { status } = await app.get(`/group/info?groupJID=${jid}`, user.token)

    expect(status).toBe(500)
  })
})

describe('/group/invitelink', () => {
  test('stays the same until it is reset', async () => {
    const jid = await newGroup('Invited')
    const first = await inviteLink(jid)

    const again = await app.get(`/group/invitelink?groupJID=${jid}&reset=false`, user.token)
    const renewed = await app.get(`/group/invitelink?groupJID=${jid}&reset=T`, user.token)

    expect(first).toMatch(/^https:\/\/chat\.whatsapp\.com\/[\w-]{22}$/)
    expect(again.json.data.InviteLink).toBe(first)
    expect(renewed.json.data.InviteLink).not.toBe(first)
  })

  test.each([
    ['', 'missing groupJID parameter'],
    ['?reset=maybe', 'missing groupJID parameter'],
    ['?groupJID=&reset=1', 'missing groupJID parameter'],
    ['?groupJID=a.b.c@g.us&reset=yes', 'invalid reset parameter, must be true or false'],
    ['?groupJID=a.b.c@g.us&reset=1', 'could not parse Group JID'],
  ])('refuses %s', async (query, sentence) => {
    expect(await look(`/group/invitelink${query}`)).toEqual([400, failure(400, sentence)])
  })

  test('is for admins only', async () => {
    const { jid } = await app.sandbox('POST', '/groups', {
      subject: "Ana's",
      creator: ana,
      participants: [user.phone],
    })

    expect((await look(`/group/invitelink?groupJID=${jid}`))[0]).toBe(500)
  })
})

describe('settings of a group', () => {
  test('name', async () => {
    expect(await call('/group/name', { GroupJID: group, Name: 'New Group Name' })).toEqual([
      200,
      done('Group Name set successfully'),
    ])
    expect(await info()).toMatchObject({ Name: 'New Group Name' })
    expect(await call('/group/name', { GroupJID: group })).toEqual([
      400,
      failure(400, 'missing Name in Payload'),
    ])
  })

  test('topic, also over an earlier one', async () => {
    await call('/group/topic', { GroupJID: group, Topic: 'First' })

    expect(await call('/group/topic', { GroupJID: group, Topic: 'Second' })).toEqual([
      200,
      done('Group Topic set successfully'),
    ])
    expect(await info()).toMatchObject({ Topic: 'Second', TopicID: expect.stringMatching(/./) })
    expect(await call('/group/topic', { GroupJID: group })).toEqual([
      400,
      failure(400, 'missing Topic in Payload'),
    ])
  })

  test.each([true, false])('announce %j', async (Announce) => {
    expect(await call('/group/announce', { GroupJID: group, Announce })).toEqual([
      200,
      done('Group Announce set successfully'),
    ])
    expect((await info()).IsAnnounce).toBe(Announce)
  })

  test.each([true, false])('locked %j', async (locked) => {
    expect(await call('/group/locked', { groupjid: group, locked })).toEqual([
      200,
      done('Group Locked setting updated successfully'),
    ])
    expect((await info()).IsLocked).toBe(locked)
  })

  test.each([
    ['24h', true, 86_400],
    ['7d', true, 604_800],
    ['90d', true, 7_776_000],
    ['off', false, 0],
  ])('ephemeral %s', async (duration, IsEphemeral, DisappearingTimer) => {
    expect(await call('/group/ephemeral', { groupjid: group, duration })).toEqual([
      200,
      done('Disappearing timer set successfully'),
    ])
    expect(await info()).toMatchObject({ IsEphemeral, DisappearingTimer })
  })

  test.each([
    [{}, 'missing Duration in Payload'],
    [{ duration: '1y' }, 'invalid duration. Use: 24h, 7d, 90d, or off'],
  ])('ephemeral refuses %j', async (body, sentence) => {
    expect(await call('/group/ephemeral', { GroupJID: group, ...body })).toEqual([
      400,
      failure(400, sentence),
    ])
  })

  test('ephemeral of a person is told by message', async () => {
    await call('/group/ephemeral', { groupjid: ana, duration: '7d' })

    const message = await app.waitFor('the new timer', async () =>
      (await app.received(ana)).find((one) => one.message.protocolMessage?.ephemeralExpiration),
    )
    expect(message.message.protocolMessage).toMatchObject({
      type: 'EPHEMERAL_SETTING',
      ephemeralExpiration: 604_800,
    })
  })

  test.each(['/group/name', '/group/announce', '/group/leave'])(
    '%s of a strange group fails',
    async (path) => {
      const { status } = await app.post(path, user.token, { GroupJID: '120363999999999999@g.us', Name: 'x' })

      expect(status).toBe(500)
    },
  )
})

describe('the photo of a group', () => {
  const jpeg = (bytes: number[]) => `data:image/jpeg;base64,${Buffer.from(bytes).toString('base64')}`
  const photo = jpeg([0xff, 0xd8, 0xff, 0xe0, 1, 2, 3])

  test('is set and removed', async () => {
    const { json } = await app.post('/group/photo', user.token, { GroupJID: group, Image: photo })
    expect(json.data).toEqual({
      Details: 'Group Photo set successfully',
      PictureID: expect.stringMatching(/^\d+$/),
    })
    expect((await app.post('/user/avatar', user.token, { Phone: group })).json.data.id).toBe(
      json.data.PictureID,
    )

    expect(await call('/group/photo/remove', { groupjid: group })).toEqual([
      200,
      done('Group Photo removed successfully'),
    ])
    expect((await app.post('/user/avatar', user.token, { Phone: group })).status).toBe(500)
  })

  test.each([
    ['', 'missing Image in Payload'],
    [
      'https://example.net/a.jpg',
      'image data should start with "data:image/" (supported formats: jpeg, png, gif, webp)',
    ],
    ['data:image/jpeg;base64,AABB00DD-', 'could not decode base64 encoded data from payload'],
    ['data:image/jpeg;base64,', 'no image data found in payload'],
    [
      jpeg([0x89, 0x50, 0x4e, 0x47]),
      'image must be in JPEG format. WhatsApp only accepts JPEG images for group photos',
    ],
  ])('refuses %j', async (Image, sentence) => {
    expect(await call('/group/photo', { GroupJID: group, Image })).toEqual([400, failure(400, sentence)])
  })
})

describe('/group/updateparticipants', () => {
  const path = '/group/updateparticipants'
  const updated = [200, done('Group Participants updated successfully')]

  test('adds, promotes, demotes and removes', async () => {
    const change = (Action: string) => call(path, { GroupJID: group, Phone: [bea], Action })
    const beaNow = async () =>
      (await info()).Participants.find((one: { PhoneNumber: string }) => one.PhoneNumber.startsWith(bea))

    expect(await change('add')).toEqual(updated)
    expect(await beaNow()).toMatchObject({ IsAdmin: false })
    expect(await change('promote')).toEqual(updated)
    expect(await beaNow()).toMatchObject({ IsAdmin: true })
    expect(await change('demote')).toEqual(updated)
    expect(await beaNow()).toMatchObject({ IsAdmin: false })
    expect(await change('remove')).toEqual(updated)
    expect(await beaNow()).toBeUndefined()
  })

  test('tells who could not be added, and why, beside the sentence of the original', async () => {
    const stranger = '447900000499'
    const { status, json } = await app.post(path, user.token, {
      GroupJID: group,
      Phone: [stranger, ana, bea],
      Action: 'add',
    })

    expect([status, json.data]).toEqual([
      200,
      {
        Details: 'Group Participants updated successfully',
        Participants: [
          {
            JID: `${stranger}@s.whatsapp.net`,
            Error: 404,
            Reason: expect.stringMatching(/^not on WhatsApp/),
          },
          { JID: expect.any(String), Error: 409, Reason: 'is a member already' },
          { JID: expect.any(String), Error: 0, Reason: '' },
        ],
      },
    ])
    await call(path, { GroupJID: group, Phone: [bea], Action: 'remove' })
  })

  test('tells who was not among those that asked to be let in', async () => {
    const body = { GroupJID: group, Phone: [bea], Action: 'approve' }
    const { json } = await app.post('/group/updaterequestparticipants', user.token, body)

    expect(json.data).toEqual({
      Details: 'Group request participants updated successfully',
      Participants: [{ JID: expect.stringContaining('@'), Error: 404, Reason: expect.any(String) }],
    })
  })

  test.each([
    [{}, 'missing Phone in Payload'],
    [{ Phone: [] }, 'missing Phone in Payload'],
    [{ Phone: [''] }, 'could not parse Phone'],
    [{ Phone: ['a.b.c@s.whatsapp.net'], Action: 'x' }, 'could not parse Phone'],
    [{ Phone: [ana] }, 'missing Action in Payload'],
    [{ Phone: [ana], Action: 'kick' }, 'invalid Action in Payload'],
  ])('refuses %j', async (body, sentence) => {
    expect(await call(path, { GroupJID: group, ...body })).toEqual([400, failure(400, sentence)])
  })
})

describe('invitations', () => {
  test('show the group and let in whoever has one', async () => {
    const jid = await newGroup('Open door')
    const link = await inviteLink(jid)

    const shown = await app.post('/group/inviteinfo', other.token, { Code: link })
    const joined = await call('/group/join', { Code: link.replace(/.*\//, '') }, other.token)

    expect(shown.json.data).toMatchObject({ JID: jid, Name: 'Open door' })
    expect(joined).toEqual([200, done('Group joined successfully')])
    expect(await phonesIn(jid)).toContain(other.phone)
  })

  test.each(['/group/join', '/group/inviteinfo'])('%s wants a code that exists', async (path) => {
    expect(await call(path, {})).toEqual([400, failure(400, 'missing Code in Payload')])
    expect((await call(path, { Code: 'bogus' }))[0]).toBe(500)
  })

  test('can be left again', async () => {
    const jid = await newGroup('Short visit')
    await call('/group/join', { Code: await inviteLink(jid) }, other.token)

    expect(await call('/group/leave', { GroupJID: jid }, other.token)).toEqual([
      200,
      done('Group left successfully'),
    ])
    expect(await phonesIn(jid)).not.toContain(other.phone)
  })
})

describe('requests to be let in', () => {
  const requests = async (jid: string) =>
    (await app.get(`/group/requestparticipants?groupJID=${jid}`, user.token)).json

  /** A group that approves its members, and the other user's request to join it. */
  async function requested(): Promise<string> {
    const jid = await newGroup('Closed door')
    await call('/group/joinapprovalmode', { groupjid: jid, mode: true })
    await call('/group/join', { Code: await inviteLink(jid) }, other.token)
    return jid
  }

  test('are listed and approved', async () => {
    const jid = await requested()

    const { data } = await requests(jid)
    expect(data).toEqual([
      { JID: expect.stringMatching(/@lid$/), RequestedAt: expect.stringMatching(/^20\d\d-.*Z$/) },
    ])
    expect(
      await call('/group/updaterequestparticipants', {
        GroupJID: jid,
        Phone: [data[0].JID],
        Action: 'approve',
      }),
    ).toEqual([200, done('Group request participants updated successfully')])
    expect(await requests(jid)).toEqual({ code: 200, data: [], success: true })
    expect(await phonesIn(jid)).toContain(other.phone)
  })

  test('are rejected', async () => {
    const jid = await requested()

    await call('/group/updaterequestparticipants', {
      GroupJID: jid,
      Phone: [other.phone],
      Action: 'reject',
    })

    expect((await requests(jid)).data).toEqual([])
    expect(await phonesIn(jid)).not.toContain(other.phone)
  })

  test('are no longer needed once the mode is off', async () => {
    const jid = await requested()
    expect(await info(jid)).toMatchObject({ IsJoinApprovalRequired: true })

    expect(await call('/group/joinapprovalmode', { groupjid: jid, mode: false })).toEqual([
      200,
      done('Group join approval mode updated successfully'),
    ])
    expect(await info(jid)).toMatchObject({ IsJoinApprovalRequired: false })
  })

  test.each([
    [{ Phone: [ana] }, 'missing Action in Payload'],
    [{ Phone: [ana], Action: 'add' }, 'invalid Action in Payload (must be approve or reject)'],
    [{ Action: 'approve' }, 'missing Phone in Payload'],
    [{ Phone: [''], Action: 'add' }, 'could not parse Phone'],
  ])('refuse %j', async (body, sentence) => {
    expect(await call('/group/updaterequestparticipants', { GroupJID: group, ...body })).toEqual([
      400,
      failure(400, sentence),
    ])
  })

  test('say what WhatsApp refuses', async () => {
    const jid = '120363999999999999@g.us'
    const refused = 'info query returned status 404: item-not-found'

    expect(await look(`/group/requestparticipants?groupJID=${jid}`)).toEqual([
      500,
      failure(500, `Failed to get group request participants: ${refused}`),
    ])
    expect(
      await call('/group/updaterequestparticipants', { GroupJID: jid, Phone: [ana], Action: 'approve' }),
    ).toEqual([500, failure(500, `failed to update group request participants: ${refused}`)])
    expect(await call('/group/joinapprovalmode', { GroupJID: jid })).toEqual([
      500,
      failure(500, `failed to set group join approval mode: ${refused}`),
    ])
    expect(await look('/group/requestparticipants')).toEqual([
      400,
      failure(400, 'missing groupJID parameter'),
    ])
  })
})
