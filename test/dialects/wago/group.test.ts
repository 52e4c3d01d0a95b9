import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { dataUrl, picture } from '../../helpers/media.ts'
import { done, failure, refused, success, Wago } from './wago.ts'

let wago: Wago
let second: string
beforeAll(async () => {
  wago = await Wago.start()
  second = await wago.app.contact('5511900000020', { name: 'Ann' })
})
afterAll(() => wago.close())

const unknown = '120363999999999999@g.us'

/** A group of the contact's, without the session's account. */
async function foreignGroup(subject = 'Open'): Promise<string> {
  const { jid } = await wago.app.sandbox('POST', '/groups', { subject, participants: [wago.contact, second] })
  return jid
}

describe('/group/create', () => {
  test('makes a group with its members', async () => {
    const [status, json] = await wago.call('/group/create', {
      GroupName: 'Family Group',
      Participants: [wago.contact, `${second}@s.whatsapp.net`],
    })

    expect(status).toBe(200)
    expect(json.data).toMatchObject({
      JID: expect.stringMatching(/@g\.us$/),
      Name: 'Family Group',
      Topic: '',
      IsLocked: false,
      IsAnnounce: false,
      IsEphemeral: false,
      DisappearingTimer: 0,
      OwnerPN: wago.ownJid,
    })
    expect(json.data.Participants).toHaveLength(3)
    expect(await wago.group(json.data.JID)).toMatchObject({
      subject: 'Family Group',
      members: {
        [wago.user.phone]: expect.stringContaining('admin'),
        [wago.contact]: 'member',
        [second]: 'member',
      },
    })
  })

  test.each([[[]], [['']], [['Maria']], [[unknown]]])('refuses the members %j', async (Participants) => {
    const [status, json] = await wago.call('/group/create', { GroupName: 'Empty', Participants })

    expect([status, json]).toEqual(refused(expect.stringMatching(/^(missing|could not parse) Participants/)))
  })
})

describe('/group/list and /group/myall', () => {
  test.each(['/group/list', '/group/myall'])(
    '%s tells the groups of the account, and no others',
    async (path) => {
      const own = await wago.newGroup('Ours')
      const foreign = await foreignGroup('Theirs')

      const { Groups } = (await wago.get(path)).json.data

      const jids = Groups.map(({ JID }: { JID: string }) => JID)
      expect(jids).toContain(own)
      expect(jids).not.toContain(foreign)
    },
  )

  test('are null for an account without groups, as Go prints an empty list', async () => {
    const { token } = await wago.app.linkedUser({ events: '' })

    expect((await wago.get('/group/list', token)).json).toEqual(success({ Groups: null }))
  })
})

describe('/group/info', () => {
  test('describes a group; the digits alone will do', async () => {
    const jid = await wago.newGroup('Described')

    const [, byJid] = await wago.call('/group/info', { GroupJID: jid })
    const [, byDigits] = await wago.call('/group/info', { groupjid: jid.replace('@g.us', '') })

    expect(byJid.data).toMatchObject({ JID: jid, Name: 'Described' })
    expect(byDigits).toEqual(byJid)
  })

  test.each([
    ['a group that is none', async () => unknown],
    ['a group the account is not in', foreignGroup],
  ])('says what WhatsApp says of %s', async (_what, group) => {
    const [status, json] = await wago.call('/group/info', { GroupJID: await group() })

    expect([status, json]).toEqual([500, failure(500, expect.stringMatching(/40[34]/))])
  })
})

describe('/group/invitelink and /group/join', () => {
  test('lead into a group until the link is reset', async () => {
    const guest = await wago.app.linkedUser({ events: '' })
    const jid = await wago.newGroup('Invited')
    const link = async (Reset?: boolean) =>
      (await wago.call('/group/invitelink', { GroupJID: jid, Reset }))[1].data.InviteLink

    const old = await link()
    expect(old).toMatch(/^https:\/\/chat\.whatsapp\.com\/[\w-]+$/)
    expect(await link(false)).toBe(old)
    const renewed = await link(true)
    expect(renewed).not.toBe(old)

    const [refusedStatus] = await wago.call('/group/join', { Code: old }, guest.token)
    expect(refusedStatus).toBe(500)
    expect(await wago.call('/group/join', { Code: renewed }, guest.token)).toEqual([
      200,
      success({ Details: 'Group joined', JID: jid }),
    ])
    expect((await wago.group(jid)).members).toHaveProperty(guest.phone)
  })

  test('take the code alone', async () => {
    const jid = await foreignGroup()
    const { inviteCode } = await wago.group(jid)

    expect((await wago.call('/group/join', { Code: inviteCode }))[1].data.JID).toBe(jid)
  })
})

describe('/group/photo', () => {
  test('gives the group a photo', async () => {
    const jid = await wago.newGroup()
    const Image = dataUrl('image/png', await picture('png'))

    const [, { data }] = await wago.call('/group/photo', { GroupJID: jid, Image })

    expect(data).toEqual({
      Details: 'Group Photo set successfully',
      PictureID: expect.stringMatching(/^\d+$/),
    })
    expect((await wago.group(jid)).picture).toBeGreaterThan(0)
  })

  test.each([
    ['data:image/jpeg;base64,Akd9300...', 'could not decode base64 encoded data from payload'],
    ['data:image/jpeg;base64,AAAA', expect.stringMatching(/^could not decode image/)],
  ])('refuses %s and leaves the group as it is', async (Image, sentence) => {
    const jid = await wago.newGroup()

    expect(await wago.call('/group/photo', { GroupJID: jid, Image })).toEqual(refused(sentence))
    expect((await wago.group(jid)).picture).toBeNull()
  })
})

describe('what a group is called and how it works', () => {
  test.each([
    ['/group/name', { Name: 'My group name' }, 'Group Name set successfully', { subject: 'My group name' }],
    [
      '/group/description',
      { Description: 'This is new group description' },
      'Group description updated',
      { description: 'This is new group description' },
    ],
    ['/group/lock', { Lock: true }, 'Group lock updated', { locked: true }],
    ['/group/adminonly', { AdminOnly: true }, 'Group admin only updated', { announcement: true }],
  ])('%s with %j', async (path, field, sentence, expected) => {
    const jid = await wago.newGroup()

    expect(await wago.call(path, { GroupJID: jid, ...field })).toEqual(done(sentence))

    expect(await wago.group(jid)).toMatchObject(expected)
  })

  test('is changed back', async () => {
    const jid = await wago.newGroup()
    for (const on of [true, false]) {
      await wago.call('/group/lock', { GroupJID: jid, Lock: on })
      await wago.call('/group/adminonly', { GroupJID: jid, AdminOnly: on })
      await wago.call('/group/description', { GroupJID: jid, Description: on ? 'Something' : '' })
    }

    expect(await wago.group(jid)).toMatchObject({ locked: false, announcement: false, description: null })
  })

  test.each([
    ['/group/name', { Name: 'Theirs' }],
    ['/group/description', { Description: 'Theirs' }],
    ['/group/lock', { Lock: true }],
    ['/group/adminonly', { AdminOnly: true }],
    ['/group/leave', {}],
  ])('%s changes nothing of a group the account is not in', async (path, field) => {
    const jid = await foreignGroup()
    const before = await wago.group(jid)

    const [status] = await wago.call(path, { GroupJID: jid, GroupId: jid, ...field })

    expect(status).toBe(500)
    expect(await wago.group(jid)).toEqual(before)
  })
})

describe('/group/update', () => {
  async function update(GroupJID: string, Action: string, ParticipantJID = [second]) {
    return wago.call('/group/update', { GroupJID, ParticipantJID, Action })
  }

  test('adds, promotes, demotes and removes members', async () => {
    const jid = await wago.newGroup()
    const rank = async () => (await wago.group(jid)).members[second]

    const [status, json] = await update(jid, 'add')
    expect([status, json.data['Group Updated']]).toEqual([200, { Tag: 'iq', Attrs: {}, Content: null }])
    expect(json.data.Participants).toEqual([{ JID: expect.stringContaining('@'), Code: 200 }])
    expect(await rank()).toBe('member')
    await update(jid, 'promote')
    expect(await rank()).toBe('admin')
    await update(jid, 'demote')
    expect(await rank()).toBe('member')
    await update(jid, 'remove')
    expect(await rank()).toBeUndefined()
  })

  test('says who could not be changed, and fails when it is nobody', async () => {
    const jid = await wago.newGroup()

    const [, some] = await update(jid, 'add', [second, '5511900000029'])
    expect(some.data.Participants.map(({ Code }: { Code: number }) => Code)).toEqual([
      200,
      expect.any(Number),
    ])
    const [status, json] = await update(jid, 'promote', ['5511900000029'])
    expect([status, json]).toEqual([500, failure(500, expect.stringMatching(/^WhatsApp changed nobody/))])
  })

  test.each([
    ['dance', ['5511900000020'], 'Action must be one of add, remove, promote, demote'],
    ['add', ['Maria'], 'could not parse ParticipantJID'],
  ])('refuses to %s %j', async (Action, people, sentence) => {
    expect(await update(unknown, Action, people)).toEqual(refused(sentence))
  })
})

test('/group/leave leaves the group to the others', async () => {
  const jid = await wago.newGroup()

  expect(await wago.call('/group/leave', { GroupId: jid })).toEqual(done('Left group'))

  expect(Object.keys((await wago.group(jid)).members)).toEqual([wago.contact])
})

describe('/community', () => {
  async function newCommunity(): Promise<string> {
    return (await wago.call('/community/create', { CommunityName: 'My Community' }))[1].data.JID
  }

  test('create makes a group that holds groups', async () => {
    const [status, json] = await wago.call('/community/create', { CommunityName: 'My Community' })

    expect([status, json.data]).toEqual([
      200,
      expect.objectContaining({
        Name: 'My Community',
        IsParent: true,
        JID: expect.stringMatching(/@g\.us$/),
      }),
    ])
  })

  test('add and remove put groups in and take them out', async () => {
    const CommunityJID = await newCommunity()
    const [one, other] = [await wago.newGroup('One'), await wago.newGroup('Other')]
    const communityOf = async (jid: string) => (await wago.group(jid)).community

    expect(await wago.call('/community/add', { CommunityJID, GroupJID: [one, other] })).toEqual(
      done('Groups linked'),
    )
    expect([await communityOf(one), await communityOf(other)]).toEqual([CommunityJID, CommunityJID])

    expect(await wago.call('/community/remove', { CommunityJID, GroupJID: one })).toEqual(
      done('Groups unlinked'),
    )
    expect([await communityOf(one), await communityOf(other)]).toEqual([null, CommunityJID])
  })

  test('add fails for a group that is none', async () => {
    const [status, json] = await wago.call('/community/add', {
      CommunityJID: await newCommunity(),
      GroupJID: [unknown],
    })

    expect([status, json]).toEqual([500, failure(500, expect.any(String))])
  })
})
