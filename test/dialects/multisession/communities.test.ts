import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createCommunity } from '../../../src/operations/groups/communities.ts'
import { type Device, LinkedDevices, strangersOf, turnedAway } from './linked-devices.ts'

const UNKNOWN = '120363999999999999@g.us'
const NOT_FOUND = [404, 'info query returned status 404: item-not-found']

let devices: LinkedDevices
let community: string
let group: string
beforeAll(async () => {
  devices = await LinkedDevices.start()
  const session = devices.app.parley.services.sessions.live(devices.device.id.replaceAll('-', ''))
  community = (await createCommunity(session, { name: 'Everybody' })).jid
  group = await devices.newGroup()
})
afterAll(() => devices.close())

function call(method: string, path: string, device: Device = devices.device) {
  return devices.call(method, path, { jwt: device.jwt })
}

test.each([
  ['POST', '/groups/120363000000000001@g.us/link/120363000000000002@g.us'],
  ['DELETE', '/groups/120363000000000001@g.us/link/120363000000000002@g.us'],
  ['GET', '/groups/120363000000000001@g.us/linked-participants'],
  ['GET', '/groups/120363000000000001@g.us/subgroups'],
])('%s %s wants the token of a linked device', async (method, path) => {
  expect(await strangersOf(devices, (jwt) => devices.call(method, path, { jwt }))).toEqual(turnedAway)
})

describe('/groups/{parent}/link/{child}', () => {
  test('puts a group into a community and takes it out', async () => {
    const bare = (jid: string) => jid.replace('@g.us', '')

    expect(await call('POST', `/groups/${community}/link/${group}`)).toEqual([200, 'Success link groups'])
    expect(await devices.group(group)).toMatchObject({ community })
    expect(await call('POST', `/groups/${community}/link/${group}`)).toEqual([200, 'Success link groups'])

    expect(await call('DELETE', `/groups/${bare(community)}/link/${bare(group)}`)).toEqual([
      200,
      'Success unlink subgroup from community',
    ])
    expect(await devices.group(group)).toMatchObject({ community: null })
    expect(await call('DELETE', `/groups/${community}/link/${group}`)).toEqual([
      404,
      'info query returned status 404',
    ])
  })

  test('needs a community, a group, and an admin of both', async () => {
    const other = await devices.linked()

    expect(await call('POST', `/groups/${group}/link/${community}`)).toEqual(NOT_FOUND)
    expect(await call('POST', `/groups/${community}/link/${UNKNOWN}`)).toEqual([
      404,
      'info query returned status 404',
    ])
    expect(await call('POST', `/groups/team/link/${group}`)).toEqual([
      400,
      'WhatsApp Group ID is Not Group Server',
    ])
    expect(await call('DELETE', `/groups/${community}/link/team`)).toEqual([
      400,
      'WhatsApp Group ID is Not Group Server',
    ])
    expect(await call('POST', `/groups/${community}/link/${group}`, other)).toEqual([
      403,
      'info query returned status 403: forbidden',
    ])
  })
})

describe('a community', () => {
  test('lists its groups and everybody in them', async () => {
    await call('POST', `/groups/${community}/link/${group}`)
    const [status, message, groups] = await call('GET', `/groups/${community}/subgroups`)

    expect([status, message]).toEqual([200, 'Success get sub groups'])
    expect(groups).toContainEqual({
      JID: group,
      Name: 'Team',
      NameSetAt: expect.stringMatching(/Z$/),
      NameSetBy: expect.any(String),
      NameSetByPN: expect.any(String),
      IsDefaultSubGroup: false,
    })
    expect(await call('GET', `/groups/${community}/linked-participants`)).toEqual([
      200,
      'Success get linked participants',
      [await devices.lidOf(devices.device.phone), await devices.lidOf(devices.contact)],
    ])
  })

  test.each(['linked-participants', 'subgroups'])('%s: an ordinary group is none', async (route) => {
    expect(await call('GET', `/groups/${group}/${route}`)).toEqual(NOT_FOUND)
    expect(await call('GET', `/groups/${UNKNOWN}/${route}`)).toEqual(NOT_FOUND)
  })
})
