import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { picture } from '../../helpers/media.ts'
import { type Device, LinkedDevices, strangersOf, turnedAway } from './linked-devices.ts'

const ABOUT = 'Hey there! I am using WhatsApp.'

let devices: LinkedDevices
let carol: string
beforeAll(async () => {
  devices = await LinkedDevices.start()
  carol = devices.contactJid
})
afterAll(() => devices.close())

function call(method: string, path: string, body?: unknown, device: Device = devices.device) {
  return devices.call(method, path, { body, jwt: device.jwt })
}

describe('access', () => {
  test.each([
    ['GET', '/users/15550003003@s.whatsapp.net', undefined],
    ['GET', '/users/15550003003@s.whatsapp.net/profile-picture', undefined],
    ['POST', '/users/15550003003@s.whatsapp.net/block', undefined],
    ['DELETE', '/users/15550003003@s.whatsapp.net/block', undefined],
    ['GET', '/users/15550003003@s.whatsapp.net/devices', undefined],
    ['GET', '/users/me/privacy', undefined],
    ['PATCH', '/users/me/privacy', { setting: 'last_seen', value: 'contacts' }],
    ['GET', '/users/me/status-privacy', undefined],
    ['POST', '/users/me/status', { status: 'Busy' }],
    ['POST', '/users/me/profile-photo', { photo_base64: 'aGVsbG8=' }],
    ['GET', '/users/me/contacts', undefined],
    ['POST', '/users/me/contacts/sync', { phones: ['15550003003'] }],
    ['GET', '/users/me/blocklist', undefined],
    ['GET', '/users/me/contact-qr', undefined],
    ['GET', '/users/contact-qr/ABC', undefined],
  ])('%s %s wants the token of a linked device', async (method, path, body) => {
    const answers = await strangersOf(devices, (jwt) => devices.call(method, path, { body, jwt }))

    expect(answers).toEqual(turnedAway)
  })

  test('a device that is linked must be connected as well', async () => {
    const device = await devices.linked()
    const jid = `${device.phone}:1@s.whatsapp.net`
    await devices.app.sandbox('POST', '/faults', { kind: 'refuse-login', reason: 503, jid: device.phone })
    await devices.app.sandbox('POST', '/disconnect', { jid })

    expect(await call('GET', '/users/me/privacy', undefined, device)).toEqual([
      500,
      'WhatsApp Client is not Connected',
    ])
    await devices.app.sandbox('DELETE', '/faults')
  }, 30_000)

  test('a device sees and changes its own account only', async () => {
    const other = await devices.linked()

    await call('POST', '/users/me/status', { status: 'Mine' }, other)

    expect(await devices.account(other.phone)).toMatchObject({ about: 'Mine' })
    expect(await devices.account()).not.toMatchObject({ about: 'Mine' })
  })
})

describe('GET /users/{user_jid}', () => {
  test.each([
    ['a JID', '15550003003@s.whatsapp.net'],
    ['a percent-encoded JID', '15550003003%40s.whatsapp.net'],
    ['the JID of a device', '15550003003:5@s.whatsapp.net'],
    ['a number', '15550003003'],
    ['a number with a plus', '+15550003003'],
  ])('describes a person named by %s', async (_kind, jid) => {
    expect(await call('GET', `/users/${jid}`)).toEqual([
      200,
      'Success get user info',
      { VerifiedName: '', Status: ABOUT, PictureID: '', Devices: null },
    ])
  })

  test('describes a person named by LID', async () => {
    const [status, , info] = await call('GET', `/users/${await devices.lidOf(devices.contact)}`)

    expect([status, info]).toMatchObject([200, { Status: ABOUT }])
  })

  test('names a business', async () => {
    const shop = await devices.app.contact('15550006006', { name: 'Corner Shop' })
    await devices.app.sandbox('POST', `/contacts/${shop}/business`, { name: 'Corner Shop Ltd' })

    const [, , info] = await call('GET', `/users/${shop}`)

    expect(info).toMatchObject({ VerifiedName: 'Corner Shop Ltd' })
  })

  test.each([
    ['carol', 400, "unknown user server 'carol'"],
    ['a@b@c', 400, "unknown user server 'b'"],
    ['%20', 400, "unknown user server ' '"],
    ['0123456', 400, "unknown user server '0123456'"],
    ['120363000000000001@g.us', 400, "unknown user server 'g.us'"],
    ['me', 400, "unknown user server 'me'"],
    ['x@s.whatsapp.net', 400, 'invalid JID format: x@s.whatsapp.net'],
    ['15559999999', 404, 'this user is not on WhatsApp'],
  ])('does not know %s', async (jid, status, message) => {
    expect(await call('GET', `/users/${jid}`)).toEqual([status, message])
  })
})

describe('GET /users/{user_jid}/profile-picture', () => {
  test('tells where the picture of a person or group is', async () => {
    const other = await devices.linked()
    const base64 = (await picture('jpeg')).toString('base64')
    const [, , { picture_id: id }] = await call(
      'POST',
      '/users/me/profile-photo',
      { photo_base64: base64 },
      other,
    )

    expect(await call('GET', `/users/${other.phone}/profile-picture`)).toEqual([
      200,
      'Success get user picture',
      {
        URL: expect.stringMatching(/^http/),
        ID: id,
        Type: 'image',
        DirectURL: expect.stringMatching(/^\/v\//),
      },
    ])
  })

  test.each([
    ['carol', 400, "unknown user server 'carol'"],
    ['15550003003', 404, 'that user or group does not have a profile picture'],
    ['15559999999', 404, 'that user or group does not have a profile picture'],
  ])('finds none for %s', async (jid, status, message) => {
    expect(await call('GET', `/users/${jid}/profile-picture`)).toEqual([status, message])
  })
})

describe('/users/{user_jid}/block', () => {
  test('blocks and unblocks, and the list names people by LID', async () => {
    const lid = await devices.lidOf(devices.contact)

    expect(await call('POST', `/users/${carol}/block`)).toEqual([200, 'Success block user'])
    expect(await call('GET', '/users/me/blocklist')).toEqual([
      200,
      'Success get blocklist',
      { blocked: [lid] },
    ])
    expect(await devices.account()).toMatchObject({ blocked: [devices.contact] })

    expect(await call('DELETE', `/users/${devices.contact}/block`)).toEqual([200, 'Success unblock user'])
    expect(await call('GET', '/users/me/blocklist')).toEqual([200, 'Success get blocklist', { blocked: [] }])
  })

  test.each([
    ['carol', "unknown user server 'carol'"],
    ['a@b@c', "unknown user server 'b'"],
    ['120363000000000001@g.us', "unknown user server 'g.us'"],
    ['15559999999', 'info query returned status 400: bad-request'],
  ])('blocks nobody for %s', async (jid, message) => {
    expect(await call('POST', `/users/${jid}/block`)).toEqual([400, message])
    expect(await call('DELETE', `/users/${jid}/block`)).toEqual([400, message])
  })
})

describe('GET /users/{jid}/devices', () => {
  test('lists the phone and what is linked to it', async () => {
    const { phone } = devices.device

    expect(await call('GET', `/users/${phone}/devices`)).toEqual([
      200,
      'Success get user devices',
      [`${phone}@s.whatsapp.net`, `${phone}:1@s.whatsapp.net`],
    ])
  })

  test.each(['carol', '15559999999', '%20', '0123456'])('lists none for %s', async (jid) => {
    expect(await call('GET', `/users/${jid}/devices`)).toEqual([200, 'Success get user devices', null])
  })

  test.each([
    ['a@b@c', "unknown user server 'b'"],
    ['120363000000000001@g.us', "unknown user server 'g.us'"],
  ])('refuses %s', async (jid, message) => {
    expect(await call('GET', `/users/${jid}/devices`)).toEqual([400, message])
  })
})

describe('/users/me/privacy', () => {
  const all = {
    GroupAdd: 'all',
    LastSeen: 'all',
    Status: 'all',
    Profile: 'all',
    ReadReceipts: 'all',
    CallAdd: 'all',
    Online: 'all',
    Messages: 'all',
    Defense: 'off',
    Stickers: 'contacts',
  }

  test('shows all settings', async () => {
    const device = await devices.linked()

    expect(await call('GET', '/users/me/privacy', undefined, device)).toEqual([
      200,
      'Success get privacy settings',
      all,
    ])
  })

  test.each([
    ['group_add', 'contacts', { GroupAdd: 'contacts' }, { groupadd: 'contacts' }],
    ['last_seen', 'none', { LastSeen: 'none' }, { last: 'none' }],
    ['status', 'contacts', { Status: 'contacts' }, { status: 'contacts' }],
    ['profile', 'contact_blacklist', { Profile: 'contact_blacklist' }, { profile: 'contact_blacklist' }],
    ['read_receipts', 'false', { ReadReceipts: 'none' }, { readreceipts: 'none' }],
    ['read_receipts', 'true', { ReadReceipts: 'all' }, { readreceipts: 'all' }],
    ['group_add', 'all', { GroupAdd: 'all' }, { groupadd: 'all' }],
  ])('sets %s to %s', async (setting, value, shown, stored) => {
    const [status, message, settings] = await call('PATCH', '/users/me/privacy', { setting, value })

    expect([status, message, settings]).toMatchObject([200, 'Success update privacy settings', shown])
    expect((await devices.account()).privacy).toMatchObject(stored)
  })

  test.each([
    [{ setting: 'groupadd', value: 'all' }, 'invalid privacy setting: groupadd'],
    [{ setting: 'online', value: 'matched' }, 'invalid privacy setting: online'],
    [{ setting: 'Last_Seen', value: 'ALL' }, 'invalid privacy setting: Last_Seen'],
    [{ value: 'all' }, 'invalid privacy setting: '],
    [{ setting: 'last_seen', value: 'nobody' }, 'invalid privacy value: nobody'],
    [{ setting: 'last_seen', value: 'true' }, 'invalid privacy value: true'],
    [{ setting: 'last_seen' }, 'invalid privacy value: '],
    // A value of `online` alone, which WhatsApp refuses.
    [{ setting: 'last_seen', value: 'matched' }, 'info query returned status 400: bad-request'],
    [{ setting: 12345, value: 'all' }, 'Failed parse body request'],
    ['{"a":', 'Failed parse body request'],
  ])('refuses %j', async (body, message) => {
    expect(await call('PATCH', '/users/me/privacy', body)).toEqual([400, message])
  })
})

describe('GET /users/me/status-privacy', () => {
  test('shows the choice in force first', async () => {
    const device = await devices.linked()
    const shown = () => call('GET', '/users/me/status-privacy', undefined, device)

    expect(await shown()).toEqual([
      200,
      'Success get status privacy',
      [{ Type: 'contacts', List: null, IsDefault: true }],
    ])

    await devices.app.sandbox('POST', `/contacts/${device.phone}/status-audience`, {
      audiences: [{ type: 'blacklist', list: [devices.contact] }, { type: 'contacts' }],
    })
    expect(await shown()).toEqual([
      200,
      'Success get status privacy',
      [
        { Type: 'blacklist', List: [carol], IsDefault: true },
        { Type: 'contacts', List: null, IsDefault: false },
      ],
    ])
  })
})

describe('POST /users/me/status', () => {
  test.each([
    [{ status: 'Busy' }, 'Busy'],
    [{ STATUS: 'Any letter case' }, 'Any letter case'],
    [{ status: '' }, ''],
    [{}, ''],
  ])('takes %j', async (body, about) => {
    expect(await call('POST', '/users/me/status', body)).toEqual([200, 'Success update status'])
    expect(await devices.account()).toMatchObject({ about })
  })

  test('takes a form', async () => {
    const said = {
      body: 'status=From+a+form',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
    }

    expect(await devices.call('POST', '/users/me/status', said)).toEqual([200, 'Success update status'])
    expect(await devices.account()).toMatchObject({ about: 'From a form' })
  })

  test('refuses more than an about has', async () => {
    const [status, message] = await call('POST', '/users/me/status', { status: 'x'.repeat(140) })

    expect([status, message]).toEqual([400, expect.stringContaining('139')])
  })

  test.each([
    ['no body', undefined, {}],
    ['JSON that says it is text', '{"status":"Busy"}', { 'content-type': 'text/plain' }],
    ['half a JSON', '{"status":', { 'content-type': 'application/json' }],
    ['a number', { status: 12345 }, {}],
  ])('refuses %s', async (_what, body, headers) => {
    expect(await devices.call('POST', '/users/me/status', { body, headers })).toEqual([
      400,
      'Failed parse body request',
    ])
  })
})

describe('POST /users/me/profile-photo', () => {
  const taken = [200, 'Success set profile photo', { picture_id: expect.stringMatching(/^\d+$/) }]

  test('takes a file', async () => {
    const files = [{ name: 'file', bytes: await picture('png') }]

    const [status, message, set] = await devices.call('POST', '/users/me/profile-photo', { form: { files } })

    expect([status, message, set]).toEqual(taken)
    expect(await devices.account()).toMatchObject({ picture: set.picture_id })
  })

  test('takes base64', async () => {
    const photo_base64 = (await picture('jpeg')).toString('base64')

    expect(await call('POST', '/users/me/profile-photo', { photo_base64 })).toEqual(taken)
  })

  test.each([
    [{ photo_base64: 'data:image/jpeg;base64,/9j/4AAQ' }, 'Invalid base64 photo data'],
    [{ photo_base64: '***' }, 'Invalid base64 photo data'],
    [{ photo_base64: 'aGVsbG8=' }, 'the photo is not a picture that can be read: image: unknown format'],
    [{}, 'Photo file or photo_base64 is required'],
    [{ file: 'https://example.com/a.jpg' }, 'Photo file or photo_base64 is required'],
    [undefined, 'Photo file or photo_base64 is required'],
  ])('refuses %j', async (body, message) => {
    expect(await call('POST', '/users/me/profile-photo', body)).toEqual([400, message])
  })

  test.each([
    [0, 'Photo data cannot be empty'],
    [4, 'the photo is not a picture that can be read: image: unknown format'],
  ])('refuses a file of %i bytes', async (size, message) => {
    const files = [{ name: 'file', bytes: Buffer.alloc(size, 'x') }]

    expect(await devices.call('POST', '/users/me/profile-photo', { form: { files } })).toEqual([400, message])
  })
})

describe('contacts', () => {
  test('lists who is known by name', async () => {
    const device = await devices.linked()
    const names = () => call('GET', '/users/me/contacts', undefined, device)
    await devices.app.sandbox('POST', `/contacts/${devices.contact}/send`, { to: device.phone, text: 'Hi' })

    await devices.app.waitFor('a name', async () =>
      JSON.stringify(await names()).includes('"push_name":"Carol"'),
    )

    const [status, message, contacts] = await names()
    expect([status, message]).toEqual([200, 'Success get contacts'])
    expect(contacts).toContainEqual({
      jid: expect.any(String),
      push_name: 'Carol',
      business_name: '',
      full_name: 'Carol',
      first_name: 'Carol',
    })
  })

  test('checks numbers, and leaves out what has no digits', async () => {
    const shop = await devices.app.contact('15550007070', { name: 'Shop' })
    await devices.app.sandbox('POST', `/contacts/${shop}/business`, { name: 'Shop Ltd' })
    const phones = ['+15550003003', '15559999999', shop, 'carol', '']

    expect(await call('POST', '/users/me/contacts/sync', { phones })).toEqual([
      200,
      'Success sync contacts',
      [
        { phone: '+15550003003', is_registered: true, jid: carol },
        { phone: '+15559999999', is_registered: false, jid: '15559999999@s.whatsapp.net' },
        {
          phone: `+${shop}`,
          is_registered: true,
          jid: `${shop}@s.whatsapp.net`,
          verified_name: 'Shop Ltd',
        },
      ],
    ])
  })

  test('finds nothing for nonsense', async () => {
    expect(await call('POST', '/users/me/contacts/sync', { phones: ['carol', ''] })).toEqual([
      200,
      'Success sync contacts',
      [],
    ])
  })

  test.each([
    [{ phones: [] }, 'phones list is required and cannot be empty'],
    [{}, 'phones list is required and cannot be empty'],
    [{ phones: [15550003003] }, 'Failed parse body request'],
    [{ phones: 'one' }, 'Failed parse body request'],
  ])('refuses %j', async (body, message) => {
    expect(await call('POST', '/users/me/contacts/sync', body)).toEqual([400, message])
  })
})

describe('contact links', () => {
  const unknown = [404, 'that contact QR link does not exist or has been revoked']

  test('a link leads to the account until it is renewed', async () => {
    const [status, message, { link }] = await call('GET', '/users/me/contact-qr')
    const code = link.replace('https://wa.me/qr/', '')
    const own = { jid: `${devices.device.phone}@s.whatsapp.net`, push_name: 'Ada', type: 'contact' }

    expect([status, message]).toEqual([200, 'Success get contact QR link'])
    for (const named of [code, encodeURIComponent(link)])
      expect(await call('GET', `/users/contact-qr/${named}`)).toEqual([
        200,
        'Success resolve contact QR link',
        own,
      ])

    const [, , renewed] = await call('GET', '/users/me/contact-qr?revoke=true')
    expect(renewed.link).not.toBe(link)
    expect(await call('GET', `/users/contact-qr/${code}`)).toEqual(unknown)
  })

  test('an unknown code leads nowhere', async () => {
    expect(await call('GET', '/users/contact-qr/NOSUCHCODE1234')).toEqual(unknown)
  })
})
