import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { failure, Wago } from '../wago.ts'

let wago: Wago
const stranger = '491719999999'
beforeAll(async () => {
  wago = await Wago.start()
})
afterAll(() => wago.stop())

async function call(path: string, body: unknown) {
  const { status, json } = await wago.call(`/client/${path}/main`, body)
  return { status, json }
}

function look(jid: string) {
  return wago.app.sandbox('GET', `/groups/${jid}`)
}

/** A group of the contact's own. */
async function theirGroup(subject: string): Promise<{ jid: string; code: string }> {
  const { jid } = await wago.app.sandbox('POST', '/groups', { subject, participants: [wago.contact] })
  return { jid, code: (await look(jid)).inviteCode }
}

describe('createGroup', () => {
  test('makes a group with its first members', async () => {
    const { status, json } = await call('createGroup', { title: 'Team', participants: [wago.contactJid] })

    expect(status).toBe(200)
    expect(json).toMatchObject({ success: true, response: { name: 'Team', owner: wago.ownJid } })
    expect(await look(json.response.jid)).toMatchObject({
      subject: 'Team',
      members: { [wago.user.phone]: 'superadmin', [wago.contact]: 'member' },
    })
  })

  test.each(['name', 'subject'])('takes its name as %s as well', async (field) => {
    const { json } = await call('createGroup', { [field]: 'Other name' })

    expect(json.response.name).toBe('Other name')
  })

  test('sets the group up', async () => {
    const options = { isAnnounce: true, isRestrict: true, membershipApprovalMode: true, messageTimer: 86_400 }
    const { json } = await call('createGroup', { title: 'Strict', options })

    expect(json.response).toMatchObject({ isAnnounce: true, isLocked: true })
    expect(await look(json.response.jid)).toMatchObject({
      announcement: true,
      locked: true,
      joinApproval: true,
      ephemeralSeconds: 86_400,
    })
  })

  test('says who could not be added', async () => {
    const { status, json } = await call('createGroup', {
      title: 'Few',
      participants: [stranger, wago.contact],
    })

    expect(status).toBe(200)
    expect(json.response.participants).toContainEqual(
      expect.objectContaining({ jid: `${stranger}@s.whatsapp.net`, error: 404 }),
    )
    expect(Object.keys((await look(json.response.jid)).members)).toHaveLength(2)
  })
})

describe('invitations', () => {
  test.each([
    ['a code', ''],
    ['a link', 'https://chat.whatsapp.com/'],
  ])('are shown and accepted as %s', async (_, prefix) => {
    const { jid, code } = await theirGroup('Theirs')
    const inviteCode = prefix + code

    const shown = await call('getInviteInfo', { inviteCode })
    const joined = await call('acceptInvite', { inviteCode })

    expect(shown).toMatchObject({ status: 200, json: { success: true, inviteInfo: { jid, name: 'Theirs' } } })
    expect(joined).toEqual({ status: 200, json: { success: true, acceptInvite: jid } })
    expect((await look(jid)).members).toHaveProperty([wago.user.phone], 'member')
  })

  test('ask to be let in where admins decide', async () => {
    const other = await wago.app.linkedUser({ name: 'other' })
    const options = { membershipApprovalMode: true }
    const { json } = await wago.call('/client/createGroup/other', { title: 'Closed', options })
    const { jid } = json.response
    const { inviteCode } = await look(jid)

    expect(await call('acceptInvite', { inviteCode })).toEqual({
      status: 200,
      json: { success: true, acceptInvite: jid },
    })
    const { members, joinRequests } = await look(jid)
    expect(Object.keys(members)).toEqual([other.phone])
    expect(joinRequests).toEqual([wago.user.phone])
  })

  test.each(['getInviteInfo', 'acceptInvite'])('%s tells of a code that leads nowhere', async (path) => {
    expect(await call(path, { inviteCode: 'AAAAAAAAAAAAAAAAAAAAAA' })).toEqual({
      status: 500,
      json: failure(expect.stringContaining('406')),
    })
  })
})
