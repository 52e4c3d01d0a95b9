import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { databaseKinds } from '../../../helpers/database.ts'
import { picture } from '../../../helpers/media.ts'
import { Wago } from '../wago.ts'

const stranger = '491719999999'

describe.each(databaseKinds)('on %s', (database) => {
  let wago: Wago
  beforeAll(async () => {
    wago = await Wago.start({ database })
    const hello = { to: wago.user.phone, text: 'Hello' }
    await wago.app.sandbox('POST', `/contacts/${wago.contact}/send`, hello)
    await wago.app.waitFor('both names of the contact', async () => {
      const known = await contacts()
      return known.filter(({ pushName }: { pushName: string }) => pushName === 'Ann').length === 2
    })
  })
  afterAll(() => wago.stop())

  async function contacts() {
    const { json } = await wago.get('/client/getContacts/main')
    return json.contacts
  }

  /** The LID of the contact, which the sandbox knows. */
  async function contactLid() {
    const { accounts } = await wago.app.sandbox('GET', '/state')
    return accounts.find(({ phone }: { phone: string }) => phone === wago.contact).lid
  }

  test('people are listed by both of their addresses', async () => {
    const names = { found: true, firstName: '', fullName: '', pushName: 'Ann', businessName: '' }

    expect(await contacts()).toEqual(
      expect.arrayContaining([
        { jid: wago.contactJid, ...names },
        { jid: await contactLid(), ...names },
      ]),
    )
  })

  test('the list can be had in parts', async () => {
    const { json: all } = await wago.get('/client/getContacts/main')
    const { json: first } = await wago.get('/client/getContacts/main?limit=1')
    const { json: others } = await wago.get('/client/getContacts/main?offset=1')

    expect(first.contacts).toEqual(all.contacts.slice(0, 1))
    expect(others.contacts).toEqual(all.contacts.slice(1))
  })

  test('a person is found by number, JID and LID', async () => {
    const found = { success: true, contact: { found: true, pushName: 'Ann', fullName: '' } }
    const ids = [`+${wago.contact}`, wago.contact, `${wago.contact}@c.us`, wago.contactJid]

    for (const contactId of ids)
      expect((await wago.call('/client/getContactById/main', { contactId })).json).toMatchObject({
        ...found,
        contact: { ...found.contact, jid: wago.contactJid },
      })
    const lid = await contactLid()
    expect((await wago.call('/client/getContactById/main', { contactId: lid })).json).toMatchObject({
      contact: { ...found.contact, jid: lid },
    })
  })

  test('of a stranger nothing is known', async () => {
    const { status, json } = await wago.call('/client/getContactById/main', { contactId: stranger })

    expect(status).toBe(200)
    expect(json.contact).toEqual({
      jid: `${stranger}@s.whatsapp.net`,
      found: false,
      firstName: '',
      fullName: '',
      pushName: '',
      businessName: '',
    })
  })

  test('a session sees the people of its own account only', async () => {
    const other = await wago.app.createUser({ name: 'other' })
    await wago.app.post('/session/connect', other.token, { Immediate: true })

    const { json } = await wago.call('/client/getContactById/other', { contactId: wago.contact }, other.token)
    const { json: known } = await wago.get('/client/getContacts/other', other.token)

    expect(json.contact.found).toBe(false)
    expect(known.contacts).toEqual([])
  })
})

describe('people as WhatsApp shows them', () => {
  let wago: Wago
  beforeAll(async () => {
    wago = await Wago.start()
  })
  afterAll(() => wago.stop())

  async function result(path: string, body?: unknown) {
    const { status, json } = await wago.call(`${path}/main`, body)
    return [status, json]
  }

  const done = (value: unknown) => [200, { success: true, result: value }]

  test('a picture is found once there is one', async () => {
    const jpeg = await picture('jpeg')
    const group = await wago.app.sandbox('POST', '/groups', {
      subject: 'Team',
      participants: [wago.user.phone, wago.contact],
    })
    expect(await result('/client/getProfilePicUrl', { contactId: wago.contact })).toEqual(done(null))
    expect(await result('/client/getProfilePicUrl', { contactId: stranger })).toEqual(done(null))

    await wago.call('/client/setProfilePicture/main', { pictureData: jpeg.toString('base64') })
    await wago.call('/groupChat/setPicture/main', {
      chatId: group.jid,
      pictureData: jpeg.toString('base64'),
    })

    const url = done(expect.stringMatching(/^https?:\/\/.+/))
    expect(await result('/client/getProfilePicUrl', { contactId: wago.user.phone })).toEqual(url)
    expect(await result('/client/getProfilePicUrl', { contactId: group.jid })).toEqual(url)
  })

  test('a hidden picture is none', async () => {
    const fault = { kind: 'refuse-query', xmlns: 'w:profile:picture', code: 401, times: 1 }
    await wago.app.sandbox('POST', '/faults', fault)

    expect(await result('/client/getProfilePicUrl', { contactId: wago.contact })).toEqual(done(null))
  })

  test('devices are counted and listed, the phone being device 0', async () => {
    const own = [`${wago.user.phone}:0@s.whatsapp.net`, `${wago.user.phone}:1@s.whatsapp.net`]
    const theirs = `${wago.contact}:0@s.whatsapp.net`

    expect(await result('/client/getContactDeviceCount', { userId: wago.user.phone })).toEqual(done(2))
    expect(await result('/client/getContactDeviceCount', { userId: stranger })).toEqual(done(0))
    expect(await result('/client/getUserDevices', { userId: wago.contactJid })).toEqual(done([theirs]))
    expect(await result('/client/getUserDevices', { userId: [wago.ownJid, wago.contact] })).toEqual(
      done([...own, theirs]),
    )
    expect(await result('/client/getUserDevices', { userId: [stranger] })).toEqual(done([]))
  })

  test('groups are in common when both are members', async () => {
    const participants = [wago.user.phone, wago.contact]
    const both = await wago.app.sandbox('POST', '/groups', { subject: 'Both', participants })
    await wago.app.sandbox('POST', '/groups', { subject: 'Alone', participants: [wago.user.phone] })

    const { json } = await wago.call('/client/getCommonGroups/main', { contactId: wago.contact })
    const { json: nobody } = await wago.call('/client/getCommonGroups/main', { contactId: stranger })

    expect(json).toEqual({ success: true, groups: expect.arrayContaining([both.jid]) })
    expect(JSON.stringify(json)).not.toContain('Alone')
    expect(nobody).toEqual({ success: true, groups: [] })
  })

  test('whoever is blocked is listed', async () => {
    expect(await result('/client/getBlockedContacts')).toEqual([200, { success: true, blockedContacts: [] }])

    await wago.call('/contact/block/main', { contactId: wago.contact })

    expect(await result('/client/getBlockedContacts')).toEqual([
      200,
      { success: true, blockedContacts: [wago.contactJid] },
    ])
  })
})
