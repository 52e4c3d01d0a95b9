import { request } from 'node:http'
import { json } from 'node:stream/consumers'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type LinkedUser, TestApp } from '../../../helpers/app.ts'
import { failure } from './target.ts'

// What the reference document has otherwise; everything else is tested with the profile `current`.
let app: TestApp
let user: LinkedUser
let GroupJID: string
const ana = '447900000701'
const photo = 'data:image/jpeg;base64,/9j/4AAB'
beforeAll(async () => {
  app = await TestApp.start({ env: { TZ: 'America/Sao_Paulo' } })
  user = await app.linkedUser()
  await app.contact(ana)
  const { json } = await app.post('/group/create', user.token, { Name: 'Super Group', Participants: [ana] })
  GroupJID = json.data.JID
})
afterAll(() => app.close())

/** A GET with a body, which the document asks for and `fetch` refuses to send. */
function getWithBody(path: string, body: unknown): Promise<unknown[]> {
  const text = typeof body === 'string' ? body : JSON.stringify(body)
  return new Promise((resolve, reject) => {
    const sent = request(
      `${app.url}${path}`,
      { method: 'GET', headers: { Token: user.token, 'Content-Length': text.length } },
      (response) => {
        json(response).then((answer) => resolve([response.statusCode, answer]), reject)
      },
    )
    sent.on('error', reject)
    sent.end(text)
  })
}

describe('the reference document', () => {
  test('names the group in the body of a GET', async () => {
    const [status, info] = await getWithBody('/group/info', { GroupJID })
    const [, link] = await getWithBody('/group/invitelink', { groupjid: GroupJID })

    expect(status).toBe(200)
    expect(info).toMatchObject({
      code: 200,
      success: true,
      data: {
        JID: GroupJID,
        Name: 'Super Group',
        GroupCreated: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d-03:00$/),
        TopicSetAt: '0001-01-01T00:00:00Z',
      },
    })
    expect(link).toMatchObject({ data: { InviteLink: expect.stringMatching(/^https:\/\/chat\.whats/) } })
  })

  test('does not forbid to name it in the query', async () => {
    const { json } = await app.get(`/group/info?groupJID=${GroupJID}`, user.token)

    expect(json.data.JID).toBe(GroupJID)
  })

  test.each([
    ['', 'Could not decode Payload'],
    ['{"GroupJID":7}', 'Could not decode Payload'],
    ['{}', 'Could not parse Group JID'],
    ['{"GroupJID":"a.b.c@g.us"}', 'Could not parse Group JID'],
  ])('refuses the body %j', async (body, sentence) => {
    for (const path of ['/group/info', '/group/invitelink'])
      expect(await getWithBody(path, body)).toEqual([400, failure(400, sentence)])
  })

  test('capitalises, and names another prefix for photos', async () => {
    const sentenceOf = async (path: string, body: object) =>
      (await app.post(path, user.token, body)).json.error

    expect(await sentenceOf('/group/photo', { GroupJID, Image: 'x' })).toBe(
      'Image data should start with "data:image/jpeg;base64,"',
    )
    expect(await sentenceOf('/group/photo', { GroupJID })).toBe('Missing Image in Payload')
    expect(await sentenceOf('/group/name', { GroupJID })).toBe('Missing Name in Payload')
    expect(await sentenceOf('/group/name', {})).toBe('Could not parse Group JID')
    expect(await sentenceOf('/user/avatar', { Phone: ana })).toBe(
      'Failed to get avatar: that user or group does not have a profile picture',
    )
  })

  test('gets pictures with GET, without envelope', async () => {
    await app.post('/group/photo', user.token, { GroupJID, Image: photo })
    const documented = {
      DirectPath: expect.any(String),
      ID: expect.stringMatching(/^\d+$/),
      Type: 'preview',
      URL: expect.stringMatching(/^https?:/),
    }

    expect(await getWithBody('/user/avatar', { Phone: GroupJID, Preview: true })).toEqual([200, documented])
    const posted = await app.post('/user/avatar', user.token, { Phone: GroupJID, Preview: true })
    expect(posted.json.data).toMatchObject({ ...documented, type: 'preview', hash: null })
  })

  test('wants a phone to get the picture of', async () => {
    expect(await getWithBody('/user/avatar', {})).toEqual([400, failure(400, 'Missing Phone in Payload')])
  })

  test('lists no devices where today has null', async () => {
    const { json } = await app.post('/user/info', user.token, { Phone: ['5491155554445'] })

    expect(json.data.Users['5491155554445@s.whatsapp.net']).toMatchObject({ Devices: [], VerifiedName: null })
  })
})

test("today's profile does not look into the body of a GET", async () => {
  const today = await app.createUser({ profile: 'current' })
  await app.link(today)

  const { status, json } = await app.get('/group/info', today.token)

  expect([status, json]).toEqual([400, failure(400, 'missing groupJID parameter')])
})
