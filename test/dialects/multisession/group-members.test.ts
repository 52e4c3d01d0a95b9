import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { type Device, LinkedDevices } from './linked-devices.ts'

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

describe('members', () => {
  test('are added, and named where they could not be', async () => {
    const lid = await devices.lidOf(dave)
    const participants = [dave, devices.contact, '15559999999']

    expect(await call('POST', `/groups/${group}/participants`, { participants })).toEqual([
      200,
      'Success add participants',
      [
        person({ JID: lid, PhoneNumber: `${dave}@s.whatsapp.net`, LID: lid }),
        failed(devices.contact, 409),
        failed('15559999999', 404),
      ],
    ])
    expect((await devices.group(group)).members).toHaveProperty(dave, 'member')
  })

  test('become admins and members again', async () => {
    const users = [devices.contact]

    expect(await call('POST', `/groups/${group}/admins`, { users })).toEqual([
      200,
      'Success promote admins',
      [person({ ...carol, IsAdmin: true })],
    ])
    expect((await devices.group(group)).members).toHaveProperty(devices.contact, 'admin')

    expect(await call('DELETE', `/groups/${group}/admins`, { users })).toEqual([
      200,
      'Success demote admins',
      [person(carol)],
    ])
    expect((await devices.group(group)).members).toHaveProperty(devices.contact, 'member')
  })

  test('are removed', async () => {
    const participants = [devices.contactJid]

    expect(await call('DELETE', `/groups/${group}/participants`, { participants })).toEqual([
      200,
      'Success remove participants',
      [person(carol)],
    ])
    expect((await devices.group(group)).members).not.toHaveProperty(devices.contact)
    expect(await call('DELETE', `/groups/${group}/participants`, { participants })).toMatchObject([
      200,
      'Success remove participants',
      [failed(devices.contact, 404)],
    ])
  })

  test.each([
    ['POST', 'participants', { participants: [] }, 'Success add participants'],
    ['DELETE', 'participants', {}, 'Success remove participants'],
    ['POST', 'admins', { users: [] }, 'Success promote admins'],
    ['DELETE', 'admins', {}, 'Success demote admins'],
    ['POST', 'requests/approve', { users: [] }, 'Success approve join requests'],
    ['POST', 'requests/reject', {}, 'Success reject join requests'],
  ])('%s …/%s changes nobody for an empty list', async (method, route, body, message) => {
    expect(await call(method, `/groups/${group}/${route}`, body)).toEqual([200, message, []])
  })

  test.each([
    ['POST', 'participants', { participants: ['15550004004', 'dave'] }],
    ['DELETE', 'participants', { participants: ['15550003003', 'dave'] }],
    ['POST', 'admins', { users: ['15550003003', 'dave'] }],
    ['POST', 'requests/approve', { users: ['dave'] }],
  ])('%s …/%s changes nobody when one is nobody', async (method, route, body) => {
    const before = await devices.group(group)

    expect(await call(method, `/groups/${group}/${route}`, body)).toEqual([
      400,
      'WhatsApp Participant ID must be a Personal JID: dave',
    ])
    expect(await devices.group(group)).toEqual(before)
  })

  test('who ask are let in or turned away', async () => {
    const erin = await devices.app.contact('4915550005005', { name: 'Erin' })
    await call('POST', `/groups/${group}/join-approval`, { mode: true })
    for (const phone of [dave, erin]) await devices.app.sandbox('POST', `/groups/${group}/join`, { phone })
    const [daveLid, erinLid] = [await devices.lidOf(dave), await devices.lidOf(erin)]
    const requested = { RequestedAt: expect.stringMatching(/:\d\dZ$/) }

    expect(await call('GET', `/groups/${group}/participant-requests`)).toEqual([
      200,
      'Success get participant requests',
      [
        { JID: daveLid, ...requested },
        { JID: erinLid, ...requested },
      ],
    ])
    expect(await call('POST', `/groups/${group}/requests/approve`, { users: [dave] })).toEqual([
      200,
      'Success approve join requests',
      [person({ JID: daveLid, PhoneNumber: `${dave}@s.whatsapp.net`, LID: daveLid })],
    ])
    expect(await call('POST', `/groups/${group}/requests/reject`, { users: [erin, dave] })).toEqual([
      200,
      'Success reject join requests',
      [failed(erin, 0), failed(dave, 404)],
    ])
    const { members, joinRequests } = await devices.group(group)
    expect([Object.keys(members), joinRequests]).toEqual([[owner, devices.contact, dave], []])
  })
})

describe('invitations', () => {
  async function codeOf(jid: string): Promise<string> {
    const [, , { link }] = await call('GET', `/groups/${jid}/invite-link`)
    return link.replace('https://chat.whatsapp.com/', '')
  }

  test('a link stays until it is renewed', async () => {
    const code = await codeOf(group)
    expect(await codeOf(group)).toBe(code)

    const [status, message, { link }] = await call('GET', `/groups/${group}/invite-link?reset=true`)

    expect([status, message, link]).toEqual([
      200,
      'Success get invite link',
      expect.stringMatching(/^https:\/\/chat\.whatsapp\.com\//),
    ])
    expect(await codeOf(group)).not.toBe(code)
    expect(await call('GET', `/groups/invite/${code}`)).toEqual([404, 'that group invite link is not valid'])
  })

  test('shows the group before anybody joins', async () => {
    const other = await devices.linked()
    const code = await codeOf(group)

    for (const named of [code, encodeURIComponent(`https://chat.whatsapp.com/${code}`)]) {
      const [status, message, found] = await call('GET', `/groups/invite/${named}`, undefined, other)
      expect([status, message, found]).toMatchObject([200, 'Success get group info', { JID: group }])
    }
  })

  test.each(['invite_code', 'InviteCode', 'invitecode'])('joins by the code of a link in %s', async (key) => {
    const other = await devices.linked()
    const body = { [key]: await codeOf(group) }

    expect(await call('POST', `/groups/${group}/join-invite`, body, other)).toEqual([
      200,
      'Success join group with invite',
    ])
    expect((await devices.group(group)).members).toHaveProperty(other.phone, 'member')
  })

  test('joins no other group than the one that is named', async () => {
    const other = await devices.linked()
    const elsewhere = await devices.newGroup('Elsewhere')
    const body = { invite_code: await codeOf(elsewhere) }

    expect(await call('POST', `/groups/${group}/join-invite`, body, other)).toEqual([
      400,
      'this invite code belongs to another group',
    ])
    expect((await devices.group(elsewhere)).members).not.toHaveProperty(other.phone)
  })

  test.each(['documented', 'Compact'])('joins by an invitation from a message, %s keys', async (keys) => {
    const other = await devices.linked()
    await call('PATCH', '/users/me/privacy', { setting: 'group_add', value: 'none' }, other)
    const [, , [invited]] = await call('POST', `/groups/${group}/participants`, {
      participants: [other.phone],
    })
    const code = invited.AddRequest.Code
    const expiration = Math.floor(Date.parse(invited.AddRequest.Expiration) / 1000)
    const body =
      keys === 'documented'
        ? { invite_code: code, inviter: owner, expiration }
        : { InviteCode: code, Inviter: owner, Expiration: expiration }

    expect(invited).toMatchObject({ Error: 403 })
    expect(await call('POST', `/groups/${group}/join-invite`, body, other)).toEqual([
      200,
      'Success join group with invite',
    ])
    expect((await devices.group(group)).members).toHaveProperty(other.phone, 'member')
  })

  test.each([
    [{}, 400, 'invite_code is required'],
    [{ invite_code: 'AAAAAAAAAAAAAAAAAAAAAA' }, 400, 'that group invite link is not valid'],
    [{ invite_code: 12345 }, 400, 'Failed parse body request'],
    [{ invite_code: 'A', inviter: 'carol' }, 400, 'inviter is neither a phone number nor a JID'],
    [
      { invite_code: 'A', inviter: '15550003003', expiration: 1900000000 },
      400,
      'that group invite link is not valid',
    ],
  ])('%j leads nowhere', async (body, status, message) => {
    const other = await devices.linked()

    expect(await call('POST', `/groups/${group}/join-invite`, body, other)).toEqual([status, message])
  })

  test('leaves once', async () => {
    expect(await call('POST', `/groups/${group}/leave`)).toEqual([200, 'Success leave group'])
    expect((await devices.group(group)).members).not.toHaveProperty(owner)
    expect(await call('POST', `/groups/${group}/leave`)).toEqual([404, 'that group does not exist'])
  })
})
