import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { picture } from '../../helpers/media.ts'
import { type Device, LinkedDevices, strangersOf, turnedAway } from './linked-devices.ts'

const UNKNOWN = '120363999999999999@g.us'
const NO_GROUP = 'WhatsApp Group ID is Not Group Server'
const dave = '15550004004'

let devices: LinkedDevices
let owner: string
let carol: { JID: string; PhoneNumber: string; LID: string }
let group: string
beforeAll(async () => {
  devices = await LinkedDevices.start()
  await devices.app.contact(dave, { name: 'Dave' })
  owner = devices.device.phone
  const lid = await devices.lidOf(devices.contact)
  carol = { JID: lid, PhoneNumber: devices.contactJid, LID: lid }
})
beforeEach(async () => {
  group = await devices.newGroup()
})
afterAll(() => devices.close())

function call(method: string, path: string, body?: unknown, device: Device = devices.device) {
  return devices.call(method, path, { body, jwt: device.jwt })
}

function person(facts: object) {
  return {
    IsAdmin: false,
    IsSuperAdmin: false,
    DisplayName: '',
    Error: 0,
    AddRequest: null,
    ...facts,
  }
}

function failed(phone: string, code: number) {
  const jid = `${phone}@s.whatsapp.net`
  return person({ JID: jid, PhoneNumber: jid, LID: '', Error: code })
}

describe('access', () => {
  test.each([
    ['GET', '/groups', undefined],
    ['POST', '/groups', { name: 'Team' }],
    ['GET', '/groups/120363000000000001@g.us', undefined],
    ['POST', '/groups/120363000000000001@g.us/leave', undefined],
    ['PATCH', '/groups/120363000000000001@g.us/name', { name: 'x' }],
    ['PATCH', '/groups/120363000000000001@g.us/description', { description: 'x' }],
    ['PATCH', '/groups/120363000000000001@g.us/topic', { topic: 'x' }],
    ['GET', '/groups/120363000000000001@g.us/invite-link', undefined],
    ['PATCH', '/groups/120363000000000001@g.us/settings', { announce: true }],
    ['POST', '/groups/120363000000000001@g.us/join-approval', { mode: true }],
    ['PATCH', '/groups/120363000000000001@g.us/member-add-mode', { mode: 'admin_only' }],
    ['POST', '/groups/120363000000000001@g.us/participants', { participants: ['15550003003'] }],
    ['DELETE', '/groups/120363000000000001@g.us/participants', { participants: ['15550003003'] }],
    ['POST', '/groups/120363000000000001@g.us/admins', { users: ['15550003003'] }],
    ['DELETE', '/groups/120363000000000001@g.us/admins', { users: ['15550003003'] }],
    ['GET', '/groups/120363000000000001@g.us/participant-requests', undefined],
    ['POST', '/groups/120363000000000001@g.us/requests/approve', { users: ['15550003003'] }],
    ['POST', '/groups/120363000000000001@g.us/requests/reject', { users: ['15550003003'] }],
    ['GET', '/groups/invite/ABC', undefined],
    ['POST', '/groups/120363000000000001@g.us/join-invite', { invite_code: 'ABC' }],
  ])('%s %s wants the token of a linked device', async (method, path, body) => {
    const answers = await strangersOf(devices, (jwt) => devices.call(method, path, { body, jwt }))

    expect(answers).toEqual(turnedAway)
  })

  test.each([
    ['PATCH', 'name', { name: 'Taken over' }],
    ['PATCH', 'description', { description: 'Taken over' }],
    ['PATCH', 'settings', { announce: true }],
    ['POST', 'join-approval', { mode: true }],
    ['PATCH', 'member-add-mode', { mode: 'admin_only' }],
    ['POST', 'participants', { participants: [dave] }],
    ['DELETE', 'participants', { participants: ['15550003003'] }],
    ['POST', 'admins', { users: ['15550003003'] }],
    ['GET', 'participant-requests', undefined],
    ['POST', 'requests/approve', { users: [dave] }],
  ])('%s …/%s: a device outside a group changes nothing in it', async (method, route, body) => {
    const before = await devices.group(group)
    const other = await devices.linked()

    expect(await call(method, `/groups/${group}/${route}`, body, other)).toEqual([
      403,
      'info query returned status 403: forbidden',
    ])
    expect(await devices.group(group)).toEqual(before)
  })

  test.each([
    ['GET', '', undefined, 'that group does not exist'],
    ['POST', '/leave', undefined, 'that group does not exist'],
    ['PATCH', '/topic', { topic: 'x' }, 'that group does not exist'],
    ['GET', '/invite-link', undefined, 'that group does not exist'],
    ['PATCH', '/name', { name: 'x' }, 'info query returned status 404: item-not-found'],
    ['PATCH', '/settings', { locked: true }, 'info query returned status 404: item-not-found'],
    ['POST', '/participants', { participants: [dave] }, 'info query returned status 404: item-not-found'],
  ])('%s …%s does not find a group that is none', async (method, route, body, message) => {
    expect(await call(method, `/groups/${UNKNOWN}${route}`, body)).toEqual([404, message])
  })

  test.each(['15550003003', 'team', '15550003003@s.whatsapp.net', '120363400000000001@newsletter'])(
    'takes %s for no group',
    async (jid) => {
      expect(await call('GET', `/groups/${jid}`)).toEqual([400, NO_GROUP])
      expect(await call('PATCH', `/groups/${jid}/settings`, { announce: true })).toEqual([400, NO_GROUP])
    },
  )
})

describe('POST /groups', () => {
  test('creates a group, and names whoever could not be added', async () => {
    const body = { name: 'New', participants: [devices.contact, '15559999999'] }

    const [status, message, created] = await call('POST', '/groups', body)

    expect([status, message]).toEqual([200, 'Success create group'])
    expect(created).toMatchObject({
      JID: expect.stringMatching(/^120363\d+@g\.us$/),
      OwnerPN: `${owner}@s.whatsapp.net`,
      Name: 'New',
      AddressingMode: 'lid',
      MemberAddMode: 'all_member_add',
      ParticipantCount: 2,
      GroupCreated: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/),
      TopicSetAt: '0001-01-01T00:00:00Z',
    })
    expect(created).not.toHaveProperty('Problems')
    expect(created.Participants.slice(1)).toEqual([person(carol), failed('15559999999', 404)])
    expect((await devices.group(created.JID)).members).toEqual({
      [owner]: 'superadmin',
      [devices.contact]: 'member',
    })
  })

  test('describes it and gives it a picture', async () => {
    const photo = (await picture('png')).toString('base64')

    const [, , created] = await call('POST', '/groups', { name: 'Alone', description: 'Just me', photo })

    expect(await devices.group(created.JID)).toMatchObject({
      description: 'Just me',
      picture: expect.any(Number),
    })
  })

  test('tells what failed after it existed', async () => {
    await devices.app.sandbox('POST', '/faults', {
      kind: 'refuse-query',
      xmlns: 'w:g2',
      child: 'description',
      code: 500,
      times: 1,
    })

    const [status, , created] = await call('POST', '/groups', { name: 'Half', description: 'Lost' })

    expect([status, created.Problems]).toEqual([200, [expect.stringMatching(/^description: /)]])
    expect(await devices.group(created.JID)).toMatchObject({ subject: 'Half', description: null })
  })

  test.each([
    [{ participants: ['15550003003'] }, 'name is required'],
    [{ name: '' }, 'name is required'],
    [{ name: 'n'.repeat(101) }, 'name is too long: at most 100 characters'],
    [{ name: 12345 }, 'Failed parse body request'],
    [{ name: 'A', participants: 'one' }, 'Failed parse body request'],
    [{ name: 'A', participants: ['carol'] }, 'WhatsApp Participant ID must be a Personal JID: carol'],
    [{ name: 'A', participants: [UNKNOWN] }, `WhatsApp Participant ID must be a Personal JID: ${UNKNOWN}`],
    [{ name: 'A', photo: '***' }, 'Invalid base64 photo data'],
    [{ name: 'A', photo: 'aGVsbG8=' }, 'the photo is not a picture that can be read: image: unknown format'],
  ])('creates nothing for %j', async (body, message) => {
    const [, , before] = await call('GET', '/groups')

    const [status, said] = await call('POST', '/groups', body)

    expect([status, said]).toEqual([400, expect.stringContaining(message.slice(0, 20))])
    expect((await call('GET', '/groups'))[2]).toHaveLength(before.length)
  })
})

describe('GET /groups', () => {
  test('lists the groups with their members', async () => {
    const device = await devices.linked()
    expect(await call('GET', '/groups', undefined, device)).toEqual([
      200,
      'Success get 0 groups with members',
      [],
    ])
    await call('POST', '/groups', { name: 'Mine', participants: [devices.contact], description: 'D' }, device)

    const [status, message, groups] = await call('GET', '/groups?force_refresh=true', undefined, device)

    expect([status, message]).toEqual([200, 'Success get 1 groups with members'])
    const lid = await devices.lidOf(device.phone)
    expect(groups).toEqual([
      {
        JID: expect.stringMatching(/@g\.us$/),
        OwnerJID: lid,
        Name: 'Mine',
        NameSetAt: expect.stringMatching(/Z$/),
        NameSetBy: lid,
        Topic: 'D',
        TopicSetAt: expect.stringMatching(/Z$/),
        IsLocked: false,
        IsAnnounce: false,
        MemberAddMode: 'all_member_add',
        GroupCreated: expect.stringMatching(/Z$/),
        ParticipantVersionID: expect.stringMatching(/^\d+$/),
        Participants: [
          { JID: lid, PhoneNumber: device.phone, LID: lid, IsAdmin: true, IsSuperAdmin: true },
          { ...carol, PhoneNumber: devices.contact, IsAdmin: false, IsSuperAdmin: false },
        ],
      },
    ])
  })

  test('describes one by its JID, percent-encoded too, or its digits', async () => {
    for (const named of [group, encodeURIComponent(group), group.replace('@g.us', '')]) {
      const [status, message, found] = await call('GET', `/groups/${named}`)

      expect([status, message, found]).toMatchObject([200, 'Success get group info', { JID: group }])
    }
  })

  test('tells a stranger nothing', async () => {
    const other = await devices.linked()

    expect(await call('GET', `/groups/${group}`, undefined, other)).toEqual([
      403,
      "you're not participating in that group",
    ])
  })
})

describe('details', () => {
  test('renames', async () => {
    expect(await call('PATCH', `/groups/${group}/name`, { name: 'Team 2' })).toEqual([
      200,
      'Success update group name',
    ])
    expect(await devices.group(group)).toMatchObject({ subject: 'Team 2' })
    expect(await call('PATCH', `/groups/${group}/name`, { name: '' })).toEqual([400, 'name is required'])
  })

  test.each([
    ['description', 'Success update group description'],
    ['topic', 'Success set group topic'],
  ])('changes the %s again and again', async (field, message) => {
    for (const words of ['First', 'Second']) {
      expect(await call('PATCH', `/groups/${group}/${field}`, { [field]: words })).toEqual([200, message])
      expect(await devices.group(group)).toMatchObject({ description: words })
    }
    expect(await call('PATCH', `/groups/${group}/${field}`, {})).toEqual([200, message])
    expect(await devices.group(group)).toMatchObject({ description: null })
  })

  test('needs no ids of topics', async () => {
    await call('PATCH', `/groups/${group}/topic`, { topic: 'First' })

    const [status] = await call('PATCH', `/groups/${group}/topic`, {
      topic: 'T',
      PreviousID: 'no',
      NewID: 'A',
    })

    expect(status).toBe(200)
    expect(await devices.group(group)).toMatchObject({ description: 'T' })
  })

  test('takes a photo', async () => {
    const files = [{ name: 'photo', bytes: await picture('png') }]

    expect(await devices.call('POST', `/groups/${group}/photo`, { form: { files } })).toEqual([
      200,
      'Success update group photo',
      { photo_url: expect.stringMatching(/^\d+$/) },
    ])
    expect(await devices.group(group)).toMatchObject({ picture: expect.any(Number) })
  })

  test('takes nothing else for one', async () => {
    const path = `/groups/${group}/photo`
    const form = (name: string) => ({ form: { files: [{ name, bytes: Buffer.from('text') }] } })

    const [status, message] = await devices.call('POST', path, form('photo'))
    expect([status, message]).toEqual([400, expect.stringMatching(/is not a picture/)])
    expect(await devices.call('POST', path, form('file'))).toEqual([400, 'photo is required'])
    expect(await devices.call('POST', path)).toEqual([400, 'photo is required'])
  })
})

describe('settings', () => {
  test.each([
    [
      { announce: true, locked: true },
      { announcement: true, locked: true },
    ],
    [
      { announce: true, locked: false },
      { announcement: true, locked: false },
    ],
    [
      { member_add_mode: 'admin_only', join_approval: true },
      { memberAddMode: 'admin_add', joinApproval: true },
    ],
    [
      { MemberAddMode: 'admin_only', JoinApproval: true },
      { memberAddMode: 'admin_add', joinApproval: true },
    ],
    [{}, { announcement: false, locked: false, memberAddMode: 'all_member_add', joinApproval: false }],
  ])('changes what %j says', async (body, expected) => {
    expect(await call('PATCH', `/groups/${group}/settings`, body)).toEqual([
      200,
      'Success update group settings',
    ])
    expect(await devices.group(group)).toMatchObject(expected)
  })

  test.each([
    [{ announce: 'yes' }, 'Failed parse body request'],
    [{ announce: true, member_add_mode: 'all' }, 'invalid member add mode'],
  ])('changes nothing for %j', async (body, message) => {
    expect(await call('PATCH', `/groups/${group}/settings`, body)).toEqual([400, message])
    expect(await devices.group(group)).toMatchObject({ announcement: false })
  })

  test.each([
    ['all_members', 'all_member_add'],
    ['admin_only', 'admin_add'],
  ])('lets %s add members', async (mode, memberAddMode) => {
    await call('PATCH', `/groups/${group}/member-add-mode`, {
      mode: mode === 'all_members' ? 'admin_only' : 'all_members',
    })

    expect(await call('PATCH', `/groups/${group}/member-add-mode`, { mode })).toEqual([
      200,
      'Success set member add mode',
    ])
    expect(await devices.group(group)).toMatchObject({ memberAddMode })
  })

  test.each([{}, { mode: 'all' }, { mode: 'admin_add' }])('knows no mode in %j', async (body) => {
    expect(await call('PATCH', `/groups/${group}/member-add-mode`, body)).toEqual([
      400,
      'invalid member add mode',
    ])
  })

  test.each([
    [{ mode: true }, true],
    [{ mode: false }, false],
    [{}, false],
  ])('approves joins for %j', async (body, joinApproval) => {
    expect(await call('POST', `/groups/${group}/join-approval`, body)).toEqual([
      200,
      'Success set join approval mode',
    ])
    expect(await devices.group(group)).toMatchObject({ joinApproval })
  })
})
