import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { failure } from './contract/target.ts'
import { ana, anaJid, type People, startPeople, stranger, success } from './people.ts'

let app: People['app']
let user: People['user']
let call: People['call']
let look: People['look']
let refuse: People['refuse']
beforeAll(async () => {
  ;({ app, user, call, look, refuse } = await startPeople())
})
afterAll(() => app.close())

describe('/user/info', () => {
  test('describes people under their JIDs', async () => {
    const { status, headers, json } = await app.post('/user/info', user.token, {
      Phone: [ana, `${user.phone}@s.whatsapp.net`],
    })

    expect([status, headers.get('content-type')]).toEqual([200, 'application/json'])
    expect(json.data.Users[anaJid]).toEqual({
      Devices: [anaJid],
      LID: expect.stringMatching(/^\d+@lid$/),
      PictureID: '',
      Status: 'At sea',
      VerifiedName: null,
    })
    expect(json.data.Users[`${user.phone}@s.whatsapp.net`].Devices).toEqual([
      `${user.phone}@s.whatsapp.net`,
      `${user.phone}:1@s.whatsapp.net`,
    ])
  })

  test('keeps the LIDs it tells: they are known to /user/lid, and to messages to a bare LID', async () => {
    const zoe = await app.contact('447900000603', { name: 'Zoe' })
    const before = await look(`/user/lid/${zoe}`)

    const { json } = await app.post('/user/info', user.token, { Phone: [zoe] })

    const { LID: lid } = json.data.Users[`${zoe}@s.whatsapp.net`]
    expect(before[0]).toBe(404)
    expect(await look(`/user/lid/${zoe}`)).toEqual([200, success({ jid: `${zoe}@s.whatsapp.net`, lid })])
    expect(await app.parley.services.sessions.live(user.id).resolve(lid.replace('@lid', ''))).toBe(lid)
  })

  test('asked by LID keeps no LID as its own phone', async () => {
    const { json } = await app.get(`/user/lid/${ana}`, user.token)
    const { lid } = json.data

    await app.post('/user/info', user.token, { Phone: [lid] })

    expect(await look(`/user/lid/${ana}`)).toEqual([200, success({ jid: anaJid, lid })])
  })

  test('has no devices of whom WhatsApp does not know', async () => {
    const { json } = await app.post('/user/info', user.token, { Phone: [stranger] })

    expect(json.data.Users[`${stranger}@s.whatsapp.net`]).toEqual({
      Devices: null,
      LID: '',
      PictureID: '',
      Status: '',
      VerifiedName: null,
    })
  })

  test('answers nothing when one JID cannot be parsed', async () => {
    const { status, text } = await app.post('/user/info', user.token, {
      Phone: [ana, 'a.b.c@s.whatsapp.net'],
    })

    expect([status, text]).toEqual([200, ''])
  })

  test('finds nobody under a text without digits', async () => {
    expect(await call('/user/info', { Phone: ['nobody'] })).toEqual([200, success({ Users: {} })])
  })

  test('wants at least one phone', async () => {
    expect(await call('/user/info', { Phone: [] })).toEqual([400, failure(400, 'missing Phone in Payload')])
  })

  test('fails when WhatsApp refuses', async () => {
    await refuse('usync')

    expect((await app.post('/user/info', user.token, { Phone: [ana] })).status).toBe(500)
  })
})

describe('/user/avatar', () => {
  test.each([
    [false, 'image'],
    [true, 'preview'],
  ])('with Preview %j has the address of the %s', async (Preview, type) => {
    const { json: created } = await app.post('/group/create', user.token, {
      Name: 'Pictured',
      Participants: [ana],
    })
    const Phone = created.data.JID
    await app.post('/group/photo', user.token, { GroupJID: Phone, Image: 'data:image/jpeg;base64,/9j/4AAB' })

    expect(await call('/user/avatar', { Phone, Preview })).toEqual([
      200,
      success({
        direct_path: expect.any(String),
        hash: null,
        id: expect.stringMatching(/^\d+$/),
        type,
        url: expect.stringMatching(/^https?:/),
      }),
    ])
  })

  test.each([
    [{}, 400, 'missing Phone in Payload'],
    [{ Phone: 'a.b.c@s.whatsapp.net' }, 400, 'could not parse Phone'],
    [{ Phone: ana }, 500, 'failed to get avatar: that user or group does not have a profile picture'],
  ])('of %j fails', async (body, status, sentence) => {
    expect(await call('/user/avatar', body)).toEqual([status, failure(status, sentence)])
  })

  test.each([
    [401, 'the user has hidden their profile picture from you'],
    [429, 'info query returned status 429: forbidden'],
  ])('tells why WhatsApp answered %i', async (code, cause) => {
    await refuse('w:profile:picture', code)

    expect(await call('/user/avatar', { Phone: ana })).toEqual([
      500,
      failure(500, `failed to get avatar: ${cause}`),
    ])
  })

  test('is no page to GET, and asks nobody for a token there', async () => {
    const { status, headers } = await app.request('GET', '/user/avatar')

    expect([status, headers.get('content-type')]).toEqual([404, expect.stringMatching(/^text\/plain/)])
  })
})

describe('/user/lid', () => {
  test.each([ana, `+${ana}`, anaJid])('of %s is what the session has learnt', async (phone) => {
    await app.post('/chat/send/text', user.token, { Phone: ana, Body: 'hello' })

    const [status, body] = await look(`/user/lid/${encodeURIComponent(phone)}`)

    expect([status, body]).toEqual([200, success({ jid: anaJid, lid: expect.stringMatching(/^\d+@lid$/) })])
  })

  test.each([
    [stranger, 404, 'LID not found for this number'],
    ['7@lid', 404, 'LID not found for this number: invalid GetLIDForPN call with non-PN JID 7@lid'],
    ['a.b.c@s.whatsapp.net', 400, 'invalid jid format'],
  ])('of %s fails', async (jid, status, sentence) => {
    expect(await look(`/user/lid/${jid}`)).toEqual([status, failure(status, sentence)])
  })
})
