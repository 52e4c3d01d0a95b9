import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type LinkedUser, TestApp } from '../../helpers/app.ts'
import { dataUrl, picture } from '../../helpers/media.ts'

type Json = ReturnType<typeof JSON.parse>

const ada = '447900002301'
const ben = '447900002302'
const jidOf = (phone: string) => `${phone}@s.whatsapp.net`

describe('files, people and groups of the chats', () => {
  let app: TestApp
  let user: LinkedUser
  let group: string

  const writes = async (content: Json): Promise<string> =>
    (await app.sandbox('POST', `/contacts/${ada}/send`, { to: user.phone, ...content })).id
  const path = (id: string) => `/parley/me/chats/${encodeURIComponent(jidOf(ada))}/messages/${id}`
  const arrived = (id: string) =>
    app.waitFor(`message ${id}`, async () => (await app.get(path(id), user.token)).status === 200)

  beforeAll(async () => {
    app = await TestApp.start()
    user = await app.linkedUser()
    await app.contact(ada, { name: 'Ada' })
    await app.contact(ben, { name: 'Zoë' })
    group = (
      await app.sandbox('POST', '/groups', {
        subject: 'Team',
        participants: [user.phone, ada],
        creator: user.phone,
      })
    ).jid
  })
  afterAll(() => app.close())

  test('a picture is given as what it is', async () => {
    const id = await writes({ image: { caption: 'Look' } })
    await arrived(id)

    const { status, headers } = await app.get(`${path(id)}/media`, user.token)

    expect(status).toBe(200)
    expect(headers.get('content-type')).toBe('image/jpeg')
    expect(headers.get('content-disposition')).toMatch(/^inline; filename="/)
    expect(headers.get('x-content-type-options')).toBe('nosniff')
  })

  test('a page is given to be saved and not to be run, whatever its name', async () => {
    const data = Buffer.from('<script>alert(1)</script>').toString('base64')
    const id = await writes({ document: { data, mimetype: 'text/html', fileName: 'a"\r\nb/ü.html' } })
    await arrived(id)

    const answer = await app.get(`${path(id)}/media`, user.token)

    expect(answer.text).toBe('<script>alert(1)</script>')
    expect(answer.headers.get('content-type')).toBe('application/octet-stream')
    expect(answer.headers.get('content-disposition')).toBe(
      `attachment; filename="a___b__.html"; filename*=UTF-8''a%22%0D%0Ab%2F%C3%BC.html`,
    )
  })

  test('a message without a file has none, and one that nobody knows neither', async () => {
    const id = await writes({ text: 'no file' })
    await arrived(id)

    expect((await app.get(`${path(id)}/media`, user.token)).status).toBe(404)
    expect((await app.get(`${path('UNKNOWN')}/media`, user.token)).status).toBe(404)
  })

  test('a file that nobody has any more is gone', async () => {
    const id = await writes({ image: true })
    await arrived(id)
    await app.sandbox('POST', '/faults', { kind: 'expire-media', times: 10 })
    await app.sandbox('POST', '/faults', { kind: 'lose-media-retry', times: 10 })

    const answer = await app.get(`${path(id)}/media`, user.token)
    await app.sandbox('DELETE', '/faults')

    expect([answer.status, answer.json]).toEqual([410, { error: 'nobody has this file any more' }])
  })

  test('somebody without a picture has none', async () => {
    const answer = await app.get(`/parley/me/chats/${encodeURIComponent(jidOf(ada))}/picture`, user.token)

    expect(answer.status).toBe(404)
  })

  test('the picture of a group is given', async () => {
    const set = await app.post('/group/photo', user.token, {
      GroupJID: group,
      Image: dataUrl('image/jpeg', await picture('jpeg')),
    })
    expect(set.status).toBe(200)

    const { status, headers } = await app.get(
      `/parley/me/chats/${encodeURIComponent(group)}/picture`,
      user.token,
    )

    expect([status, headers.get('content-type')]).toEqual([200, 'image/jpeg'])
  })

  test('people are listed once, by name, and found by name and number', async () => {
    await writes({ text: 'Hello' })
    await app.sandbox('POST', `/contacts/${ben}/send`, { to: user.phone, text: 'Hello' })
    const people = async (query = '') => (await app.get(`/parley/me/contacts${query}`, user.token)).json

    const { contacts } = await app.waitFor('both names', async () => {
      const page = await people()
      const names = page.contacts.map(({ name }: Json) => name)
      return names.includes('Ada') && names.includes('Zoë') && page
    })

    const own = contacts.filter(({ phone }: Json) => phone === `+${ada}`)
    expect(own).toEqual([
      {
        jid: jidOf(ada),
        lid: expect.stringMatching(/@lid$/),
        phone: `+${ada}`,
        name: 'Ada',
        pushName: 'Ada',
      },
    ])
    const names = (page: Json) => page.contacts.map(({ name }: Json) => name)
    expect(names(await people('?search=zoe'))).toEqual(['Zoë'])
    expect(names(await people(`?search=${ada.slice(-6)}`))).toEqual(['Ada'])
    const first = await people('?limit=1')
    expect([...names(first), ...names(await people(`?before=${first.next}`))]).toEqual(names({ contacts }))
  })

  test('groups are listed with who is in them', async () => {
    const list = await app.get('/parley/me/groups?search=tea', user.token)
    const one = await app.get(`/parley/me/groups/${encodeURIComponent(group)}`, user.token)

    const line = { jid: group, name: 'Team', participants: 2, admin: true, announce: false, community: false }
    expect(list.json).toEqual({ groups: [line] })
    expect(one.json).toMatchObject(line)
    expect(one.json.members).toEqual(
      expect.arrayContaining([
        {
          jid: jidOf(user.phone),
          phone: `+${user.phone}`,
          name: expect.any(String),
          admin: 'superadmin',
          fromMe: true,
        },
        { jid: jidOf(ada), phone: `+${ada}`, name: 'Ada', admin: '', fromMe: false },
      ]),
    )
    expect((await app.get('/parley/me/groups/nobody', user.token)).status).toBe(400)
  })

  test('a message that failed is sent again under a new id', async () => {
    await app.sandbox('POST', '/faults', { kind: 'refuse-message', code: 463, times: 1 })
    await app.post('/chat/send/text', user.token, { Phone: ada, Body: 'once more', Id: 'REPEAT-ME' })
    await app.waitFor('the failure', async () => {
      const { json } = await app.get('/parley/me/messages/REPEAT-ME', user.token)
      return json.status === 'failed'
    })

    const { status, json } = await app.post('/parley/me/messages/REPEAT-ME/repeat', user.token)

    expect(status).toBe(200)
    expect(json).toEqual({ id: expect.any(String), chat: expect.stringContaining('@') })
    expect(json.id).not.toBe('REPEAT-ME')
    await app.waitFor('it', async () =>
      (await app.received(ada)).some(({ id, text }) => id === json.id && text === 'once more'),
    )
    const again = await app.post(`/parley/me/messages/${json.id}/repeat`, user.token)
    const unknown = await app.post('/parley/me/messages/UNKNOWN/repeat', user.token)
    expect([again.status, unknown.status]).toEqual([409, 404])
  })
})
