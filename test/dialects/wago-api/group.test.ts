import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { failure, Wago } from './wago.ts'

const ben = '491711234568'
const benJid = `${ben}@s.whatsapp.net`
const nobody = '491719999999'
const unknown = '120363999999999999@g.us'
const notFound = failure('info query returned status 404: item-not-found')

let wago: Wago
let group: string
beforeAll(async () => {
  wago = await Wago.start()
  await wago.app.contact(ben)
  await wago.app.createUser({ name: 'idle' })
  group = await newGroup()
})
afterAll(() => wago.stop())

/** A group of the session's account and the contact. */
async function newGroup(subject = 'Crew'): Promise<string> {
  const { jid } = await wago.app.sandbox('POST', '/groups', {
    subject,
    creator: wago.user.phone,
    participants: [wago.contact],
  })
  return jid
}

/** A group of other people, in which the account has nothing to say. */
async function foreignGroup(): Promise<string> {
  const { jid } = await wago.app.sandbox('POST', '/groups', {
    subject: 'Theirs',
    creator: ben,
    participants: [wago.user.phone],
  })
  return jid
}

async function call(route: string, body: unknown = {}, session = 'main'): Promise<unknown[]> {
  const { status, json } = await wago.call(`/groupChat/${route}/${session}`, body)
  return [status, json]
}

/** What the network knows about the group. */
function seen(jid = group) {
  return wago.app.sandbox('GET', `/groups/${jid}`)
}

const done = [200, { success: true, result: true }]

const routes: [route: string, rest: Record<string, unknown>][] = [
  ['getClassInfo', {}],
  ['leave', {}],
  ['addParticipants', { participantIds: [benJid] }],
  ['removeParticipants', { participantIds: [benJid] }],
  ['promoteParticipants', { participantIds: [benJid] }],
  ['demoteParticipants', { participantIds: [benJid] }],
  ['getInviteCode', {}],
  ['revokeInvite', {}],
  ['setSubject', { subject: 'Team' }],
  ['setDescription', { description: 'Words' }],
  ['setPicture', { pictureData: 'data:image/png;base64,' }],
  ['deletePicture', {}],
  ['setMessagesAdminsOnly', {}],
  ['setInfoAdminsOnly', {}],
  ['getGroupMembershipRequests', {}],
  ['approveGroupMembershipRequests', {}],
  ['rejectGroupMembershipRequests', {}],
]

describe.each(routes)('%s', (route, rest) => {
  test('needs the id of a group', async () => {
    expect(await call(route, rest)).toEqual([400, failure('chatId is required')])
    expect(await call(route, { ...rest, chatId: '' })).toEqual([400, failure('chatId is required')])
    expect(await call(route, { ...rest, chatId: 'a b@g.us' })).toEqual([
      400,
      failure('chatId is not a valid id: use number@s.whatsapp.net'),
    ])
    expect(await call(route, { ...rest, chatId: benJid })).toEqual([400, failure('chatId is not a group')])
  })

  test('refuses a body that cannot be read', async () => {
    const unreadable = [400, failure('Invalid request body')]

    expect(await call(route, { ...rest, chatId: 7 })).toEqual(unreadable)
    expect(await call(route, '{"chatId":')).toEqual(unreadable)
    expect(await call(route, '[]')).toEqual(unreadable)
  })

  test('needs a connected session, before it looks at the body', async () => {
    expect(await call(route, '{', 'idle')).toEqual([404, failure('session_not_connected')])
    expect(await call(route, {}, 'nobody')).toEqual([404, failure('session_not_found')])
  })
})

describe.each(routes.filter(([route]) => !['setPicture', 'setDescription', 'leave'].includes(route)))(
  '%s',
  (route, rest) => {
    test('tells what WhatsApp says about a group that does not exist', async () => {
      expect(await call(route, { ...rest, chatId: unknown })).toEqual([500, notFound])
    })
  },
)

describe.each(['addParticipants', 'removeParticipants', 'promoteParticipants', 'demoteParticipants'])(
  '%s',
  (route) => {
    test('needs people', async () => {
      expect(await call(route, { chatId: group })).toEqual([400, failure('participantIds is required')])
      expect(await call(route, { chatId: group, participantIds: [] })).toEqual([
        400,
        failure('participantIds is required'),
      ])
      expect(await call(route, { chatId: group, contactIds: [] })).toEqual([
        400,
        failure('contactIds is required'),
      ])
      expect(await call(route, { chatId: group, participantIds: ['?'] })).toEqual([
        400,
        failure('participantIds holds an id that is not valid'),
      ])
      expect(await call(route, { chatId: group, participantIds: benJid })).toEqual([
        400,
        failure('Invalid request body'),
      ])
    })
  },
)

describe('a group', () => {
  test('is described', async () => {
    const [status, body] = await call('getClassInfo', { chatId: group })

    expect([status, body]).toEqual([
      200,
      {
        success: true,
        chat: expect.objectContaining({
          jid: group,
          name: 'Crew',
          topic: '',
          owner: wago.ownJid,
          isAnnounce: false,
          isLocked: false,
          createdAt: expect.any(Number),
          participants: expect.arrayContaining([
            expect.objectContaining({ jid: wago.ownJid, isAdmin: true, isSuperAdmin: true }),
            expect.objectContaining({ jid: wago.contactJid, isAdmin: false, isSuperAdmin: false }),
          ]),
        }),
      },
    ])
  })

  test('is named by its digits as well, and by keys of any case', async () => {
    const [status] = await call('getClassInfo', { CHATID: group.replace('@g.us', '') })

    expect(status).toBe(200)
  })

  test('is renamed, described and described no longer', async () => {
    expect(await call('setSubject', { chatId: group, subject: 'Team 2' })).toEqual(done)
    expect(await call('setDescription', { chatId: group, description: 'What we do' })).toEqual(done)
    expect(await seen()).toMatchObject({ subject: 'Team 2', description: 'What we do' })

    expect(await call('setDescription', { chatId: group, description: '' })).toEqual(done)
    expect(await seen()).toMatchObject({ description: null })
  })

  test.each([
    ['setSubject', 'subject is required'],
    ['setDescription', 'description is required'],
    ['setPicture', 'pictureData is required'],
  ])('%s needs its text', async (route, sentence) => {
    expect(await call(route, { chatId: group })).toEqual([400, failure(sentence)])
  })

  test.each([
    ['setMessagesAdminsOnly', 'announcement'],
    ['setInfoAdminsOnly', 'locked'],
  ])('%s is on unless it says otherwise', async (route, setting) => {
    expect(await call(route, { chatId: group })).toEqual(done)
    expect(await seen()).toMatchObject({ [setting]: true })

    expect(await call(route, { chatId: group, adminsOnly: false })).toEqual(done)
    expect(await seen()).toMatchObject({ [setting]: false })

    expect(await call(route, { chatId: group, adminsOnly: 'yes' })).toEqual([
      400,
      failure('Invalid request body'),
    ])
  })

  test('invites by a link that can be renewed', async () => {
    const { inviteCode } = await seen()
    expect(await call('getInviteCode', { chatId: group })).toEqual([
      200,
      { success: true, inviteCode: `https://chat.whatsapp.com/${inviteCode}` },
    ])

    const renewed = await call('revokeInvite', { chatId: group })
    const code = (await seen()).inviteCode
    expect(code).not.toBe(inviteCode)
    expect(renewed).toEqual([
      200,
      { success: true, result: true, inviteCode: `https://chat.whatsapp.com/${code}` },
    ])
  })

  test('is left', async () => {
    const jid = await newGroup('Soon empty')

    expect(await call('leave', { chatId: jid })).toEqual(done)
    expect((await seen(jid)).members).not.toHaveProperty(wago.user.phone)
    expect(await call('leave', { chatId: jid })).toEqual([500, failure('info query returned status 404')])
  })

  test('of other people does not obey', async () => {
    const jid = await foreignGroup()

    expect(await call('setMessagesAdminsOnly', { chatId: jid })).toEqual([
      500,
      failure('info query returned status 403: forbidden'),
    ])
    expect(await call('getInviteCode', { chatId: jid })).toEqual([
      500,
      failure('info query returned status 403: forbidden'),
    ])
  })
})

describe('members', () => {
  test('come, rise, fall and go', async () => {
    const one = { chatId: group, participantIds: [benJid] }
    const changed = [200, { success: true, result: [{ jid: benJid, code: 200 }] }]

    expect(await call('addParticipants', one)).toEqual(changed)
    expect((await seen()).members[ben]).toBe('member')
    expect(await call('promoteParticipants', one)).toEqual(changed)
    expect((await seen()).members[ben]).toBe('admin')
    expect(await call('demoteParticipants', { chatId: group, contactIds: [ben] })).toEqual(changed)
    expect((await seen()).members[ben]).toBe('member')
    expect(await call('removeParticipants', { chatId: group, participantIds: [`${ben}@c.us`] })).toEqual(
      changed,
    )
    expect((await seen()).members).not.toHaveProperty(ben)
  })

  test('are answered one by one', async () => {
    const [status, body] = await call('addParticipants', {
      chatId: group,
      participantIds: [wago.contactJid, nobody],
    })

    expect([status, body]).toEqual([
      200,
      {
        success: true,
        result: [
          { jid: wago.contactJid, code: 409 },
          { jid: `${nobody}@s.whatsapp.net`, code: 404 },
        ],
      },
    ])
  })
})

describe('the photo of a group', () => {
  const png = () =>
    sharp({ create: { width: 20, height: 10, channels: 3, background: '#07f' } })
      .png()
      .toBuffer()

  test('is set from base64, whatever its format, and removed', async () => {
    const pictureData = (await png()).toString('base64')

    expect(await call('setPicture', { chatId: group, pictureMimeType: 'image/png', pictureData })).toEqual(
      done,
    )
    expect((await seen()).picture).toBeGreaterThan(0)
    expect(await call('deletePicture', { chatId: group })).toEqual(done)
    expect((await seen()).picture).toBeNull()
  })

  test('is set from a data URL, under any spelling of the field', async () => {
    const picturedata = `data:image/png;base64,${(await png()).toString('base64')}`

    expect(await call('setPicture', { chatId: group, pictureMimetype: 'image/png', picturedata })).toEqual(
      done,
    )
    expect((await seen()).picture).toBeGreaterThan(0)
  })

  test.each([
    ['broken base64', '!!!', 'pictureData is neither base64 nor a data URL'],
    ['a data URL without data', 'data:image/png', 'pictureData is neither base64 nor a data URL'],
    [
      'what is no picture',
      Buffer.from('hello, world').toString('base64'),
      'pictureData is not a picture that can be read',
    ],
    [
      'half a picture',
      Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]).toString('base64'),
      'pictureData is not a picture that can be read',
    ],
  ])('is not set from %s', async (_what, pictureData, sentence) => {
    expect(await call('setPicture', { chatId: group, pictureData })).toEqual([400, failure(sentence)])
  })

  test('is not fetched from a private network', async () => {
    const [status, body] = await call('setPicture', {
      chatId: group,
      pictureData: 'http://127.0.0.1:9/photo.jpg',
    })

    expect(status).toBe(400)
    expect(body).toMatchObject({ error: expect.stringMatching(/^pictureData cannot be fetched: .*private/) })
  })

  test('of a group that does not exist is refused by WhatsApp', async () => {
    const pictureData = (await png()).toString('base64')

    expect(await call('setPicture', { chatId: unknown, pictureData })).toEqual([500, notFound])
  })
})

describe('requests to be let in', () => {
  /** A group that approves its members, and the request of a contact. */
  async function requested(): Promise<string> {
    const jid = await newGroup('Closed door')
    await wago.call('/community/setJoinApprovalMode/main', { chatId: jid, enabled: true })
    await wago.app.sandbox('POST', `/groups/${jid}/join`, { phone: ben })
    return jid
  }

  test('are listed', async () => {
    const jid = await requested()

    expect(await call('getGroupMembershipRequests', { chatId: jid })).toEqual([
      200,
      { success: true, result: [{ jid: benJid, requestedAt: expect.any(Number) }] },
    ])
  })

  test('are approved by name', async () => {
    const jid = await requested()

    const answer = await call('approveGroupMembershipRequests', {
      chatId: jid,
      options: { requesterIds: [benJid, nobody] },
    })

    expect(answer).toEqual([
      200,
      {
        success: true,
        result: [
          { jid: benJid, code: 200 },
          { jid: `${nobody}@s.whatsapp.net`, code: 404 },
        ],
      },
    ])
    expect((await seen(jid)).members[ben]).toBe('member')
  })

  test('are all rejected when nobody is named', async () => {
    const jid = await requested()

    const [status, body] = await call('rejectGroupMembershipRequests', { chatId: jid })

    expect(status).toBe(200)
    expect(body).toMatchObject({ result: [{ code: 200 }] })
    expect(await seen(jid)).toMatchObject({ joinRequests: [] })
    expect((await seen(jid)).members).not.toHaveProperty(ben)
    expect(await call('approveGroupMembershipRequests', { chatId: jid })).toEqual([
      200,
      { success: true, result: [] },
    ])
  })

  test('take the names beside the options as well', async () => {
    const jid = await requested()

    await call('approveGroupMembershipRequests', { chatId: jid, participantIds: [ben] })

    expect((await seen(jid)).members[ben]).toBe('member')
  })

  test('refuse ids that are none', async () => {
    const bad = { chatId: group, options: { requesterIds: ['?'] } }

    expect(await call('approveGroupMembershipRequests', bad)).toEqual([
      400,
      failure('requesterIds holds an id that is not valid'),
    ])
    expect(await call('rejectGroupMembershipRequests', { chatId: group, options: 'all' })).toEqual([
      400,
      failure('Invalid request body'),
    ])
  })
})
