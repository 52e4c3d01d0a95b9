import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { failure, RFC3339, Wsgo } from './wsgo.ts'

let wsgo: Wsgo
let group: string

beforeAll(async () => {
  wsgo = await Wsgo.start()
  const { json } = await wsgo.app.post('/group/create', wsgo.user.token, {
    Name: 'Work Group',
    Participants: [wsgo.contact],
  })
  group = json.data.JID
  await wsgo.app.post('/group/topic', wsgo.user.token, { GroupJID: group, Topic: 'Project discussion' })
})
afterAll(() => wsgo.close())

test('/api/groups lists the groups of the account', async () => {
  const { status, json } = await wsgo.get('/api/groups')

  expect([status, json]).toEqual([
    200,
    [
      {
        jid: group,
        name: 'Work Group',
        topic: 'Project discussion',
        participants: 2,
        createdAt: expect.stringMatching(RFC3339),
      },
    ],
  ])
})

test('/api/groups is empty for an account without groups', async () => {
  const { token } = await wsgo.app.linkedUser()

  expect((await wsgo.get('/api/groups', token)).json).toEqual([])
})

describe('/api/send/group', () => {
  test.each([['with'], ['without']])('sends to a group, %s its server', async (how) => {
    const { status, json } = await wsgo.post('/api/send/group', {
      group_jid: how === 'with' ? group : group.replace('@g.us', ''),
      message: `Hello group, ${how}!`,
    })

    expect([status, json]).toEqual([
      200,
      { status: 'sent', messageID: expect.any(String), timestamp: expect.stringMatching(RFC3339) },
    ])
    expect((await wsgo.arrived(json.messageID)).chat).toBe(group)
  })

  test.each([
    [{ message: 'x' }, 'group_jid is required'],
    [{ group_jid: '120363000000@g.us' }, 'message is required'],
    [
      { group_jid: '573001234567@s.whatsapp.net', message: 'x' },
      'group_jid must be the JID of a group: 120363…@g.us',
    ],
    [{ group_jid: 'work', message: 'x' }, 'group_jid must be the JID of a group: 120363…@g.us'],
    [{ group_jid: 1, message: 'x' }, 'invalid JSON body'],
  ])('refuses %j', async (body, sentence) => {
    const { status, json } = await wsgo.post('/api/send/group', body)

    expect([status, json]).toEqual([400, failure(sentence)])
  })

  test('a group of others is refused by WhatsApp', async () => {
    const { status, json } = await wsgo.post('/api/send/group', { group_jid: '120363999@g.us', message: 'x' })

    expect(status).toBe(500)
    expect(Object.keys(json)).toEqual(['error'])
  })
})

describe('/api/contacts', () => {
  test('lists whom the device knows', async () => {
    await wsgo.hears({ text: 'hi' })
    const look = async () =>
      (await wsgo.get('/api/contacts')).json.find(({ pushName }: { pushName: string }) => pushName === 'Jane')

    expect(await wsgo.app.waitFor('the contact', look)).toEqual({
      jid: expect.stringMatching(/^\d+@(s\.whatsapp\.net|lid)$/),
      pushName: 'Jane',
      fullName: '',
      businessName: '',
    })
  })

  test('needs a session', async () => {
    const { token } = await wsgo.unlinked()
    const { status, json } = await wsgo.get('/api/contacts', token)

    expect([status, json]).toEqual([503, failure('not connected to WhatsApp')])
  })
})

describe('/api/check-phone', () => {
  test('says which numbers are on WhatsApp, in the order asked', async () => {
    const { status, json } = await wsgo.post('/api/check-phone', {
      phones: ['+573001234567', '+573009876543'],
    })

    expect([status, json]).toEqual([
      200,
      [
        { query: '+573001234567', jid: '573001234567@s.whatsapp.net', isOnWhatsApp: true },
        { query: '+573009876543', jid: '573009876543@s.whatsapp.net', isOnWhatsApp: false },
      ],
    ])
  })

  test.each([
    [{}, 'phones is required'],
    [{ phones: [] }, 'phones is required'],
    [{ phones: '573001234567' }, 'invalid JSON body'],
    [{ phones: [573001234567] }, 'invalid JSON body'],
  ])('refuses %j', async (body, sentence) => {
    const { status, json } = await wsgo.post('/api/check-phone', body)

    expect([status, json]).toEqual([400, failure(sentence)])
  })

  test.each(['/api/check-phone', '/api/groups'])('%s needs a session', async (path) => {
    const { token } = await wsgo.unlinked()
    const method = path === '/api/groups' ? 'GET' : 'POST'
    const { status, json } = await wsgo.request(method, path, {
      key: token,
      ...(method === 'POST' && { body: {} }),
    })

    expect([status, json]).toEqual([503, failure('not connected to WhatsApp')])
  })
})
