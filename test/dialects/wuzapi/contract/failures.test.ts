import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { type LinkedUser, TestApp } from '../../../helpers/app.ts'

// What every route answers when WhatsApp refuses what it asks.

let app: TestApp
let user: LinkedUser
let group: string
const contact = '447900000903'
const channel = '120363144038483540@newsletter'
beforeAll(async () => {
  app = await TestApp.start({ env: { WUZAPI_PROFILE: 'current' } })
  user = await app.linkedUser()
  await app.contact(contact)
  const { json } = await app.post('/group/create', user.token, { Name: 'Crew', Participants: [contact] })
  group = json.data.JID
  // The encrypted session with the contact and the shared settings are there before anything is refused.
  await app.post('/chat/send/text', user.token, { Phone: contact, Body: 'hello' })
  await app.post('/chat/archive', user.token, { jid: `${contact}@s.whatsapp.net`, archive: true })
})
beforeEach(() => app.sandbox('DELETE', '/faults'))
afterAll(() => app.close())

async function call(route: string, body: object) {
  const [method = '', path = ''] = route.split(' ')
  const named = JSON.stringify(body).replaceAll('$group', group)
  const sent = method === 'GET' ? {} : { body: named }
  return app.request(method, path.replace('$group', group), { token: user.token, ...sent })
}

const inGroup = { GroupJID: '$group' }
const jpeg = 'data:image/jpeg;base64,/9j/2Q=='

test.each([
  // wuzapi says nothing here, by mistake (docs/compatibility.md); the sentence is WhatsApp's.
  ['w:g2', 'GET /group/list', {}, ''],
  ['w:g2', 'GET /group/info?groupJID=$group', {}, ''],
  ['w:g2', 'GET /group/invitelink?groupJID=$group', {}, ''],
  ['w:g2', 'POST /group/create', { Name: 'x', Participants: [contact] }, ''],
  ['w:profile:picture', 'POST /group/photo', { ...inGroup, Image: jpeg }, ''],
  ['w:profile:picture', 'POST /group/photo/remove', inGroup, ''],
  ['w:g2', 'POST /group/leave', inGroup, ''],
  ['w:g2', 'POST /group/name', { ...inGroup, Name: 'x' }, ''],
  ['w:g2', 'POST /group/topic', { ...inGroup, Topic: 'x' }, ''],
  ['w:g2', 'POST /group/announce', { ...inGroup, Announce: true }, ''],
  ['w:g2', 'POST /group/locked', { ...inGroup, locked: true }, ''],
  ['w:g2', 'POST /group/ephemeral', { ...inGroup, duration: '7d' }, ''],
  ['w:g2', 'POST /group/join', { Code: 'x' }, ''],
  ['w:g2', 'POST /group/inviteinfo', { Code: 'x' }, ''],
  ['w:g2', 'POST /group/updateparticipants', { ...inGroup, Phone: [contact], Action: 'add' }, ''],
  ['w:mex', 'GET /newsletter/list', {}, ''],
  ['w:mex', 'POST /newsletter/join', { NewsletterJID: channel }, ''],
  ['w:mex', 'POST /newsletter/leave', { NewsletterJID: channel }, ''],
  ['w:mex', 'POST /newsletter/mute', { NewsletterJID: channel, Mute: true }, ''],
  ['usync', 'POST /user/info', { Phone: [contact] }, ''],

  [
    'w:g2',
    'GET /group/requestparticipants?groupJID=$group',
    {},
    'Failed to get group request participants: ',
  ],
  [
    'w:g2',
    'POST /group/updaterequestparticipants',
    { ...inGroup, Phone: [contact], Action: 'approve' },
    'failed to update group request participants: ',
  ],
  [
    'w:g2',
    'POST /group/joinapprovalmode',
    { ...inGroup, mode: true },
    'failed to set group join approval mode: ',
  ],
  ['usync', 'POST /user/check', { Phone: [contact] }, 'failed to check if users are on WhatsApp: '],
  ['w:profile:picture', 'POST /user/avatar', { Phone: contact }, 'failed to get avatar: '],
  ['blocklist', 'GET /user/blocklist', {}, 'failed to get blocklist: '],
  ['blocklist', 'POST /user/block', { Phone: contact }, 'failed to update blocklist: '],
  ['blocklist', 'POST /user/unblock', { Phone: contact }, 'failed to update blocklist: '],
  ['privacy', 'GET /user/privacy', {}, 'failed to get privacy settings: '],
  ['privacy', 'POST /user/privacy', { Name: 'last', Value: 'all' }, 'failed to set privacy setting: '],
  ['status', 'POST /status/set/text', { Body: 'x' }, 'error sending status message: '],
  [
    'w:sync:app:state',
    'POST /chat/archive',
    { jid: `${contact}@s.whatsapp.net`, archive: false },
    'failed to archive chat: ',
  ],
])('%s refused: %s %j', async (xmlns, route, body, beginning) => {
  await app.sandbox('POST', '/faults', { kind: 'refuse-query', xmlns, code: 500, text: 'broken' })

  const { status, json } = await call(route, body)

  expect([status, json]).toEqual([
    500,
    { code: 500, error: expect.stringMatching(new RegExp(`^${beginning}.`)), success: false },
  ])
})

test.each([
  ['text', { Body: 'x' }, 'error sending message: '],
  ['location', { Latitude: 1, Longitude: 1 }, 'error sending message: '],
  ['contact', { Name: 'x', Vcard: 'y' }, 'error sending message: '],
  ['buttons', { Body: 'x', Buttons: [{ title: 'a' }] }, 'error sending message: '],
  ['list', { Desc: 'x', List: [{ title: 'a' }] }, 'error sending message: '],
  ['document', { Document: 'data:a/b,x', FileName: 'a' }, 'Error sending message: '],
  ['audio', { Audio: 'data:audio/ogg;base64,T2dnUw==' }, 'Error sending message: '],
  ['video', { Video: 'data:video/mp4;base64,AAAA' }, 'error sending message: '],
  ['poll', { group: contact, header: 'x', options: ['a', 'b'] }, 'failed to send poll: '],
  ['edit', { Body: 'x', Id: 'A' }, 'error sending edit message: '],
])('a message that WhatsApp refuses: /chat/send/%s', async (kind, body, beginning) => {
  await app.sandbox('POST', '/faults', { kind: 'refuse-message', code: 479 })

  const { status, json } = await call(`POST /chat/send/${kind}`, { Phone: contact, ...body })

  expect([status, json]).toEqual([
    500,
    { code: 500, error: expect.stringMatching(new RegExp(`^${beginning}.`)), success: false },
  ])
})
