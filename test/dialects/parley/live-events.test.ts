import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { ADMIN_TOKEN, type LinkedUser, TestApp } from '../../helpers/app.ts'
import { type Feed, openFeed } from './feed.ts'

describe('events live', () => {
  const contact = '447900000621'
  const open: Feed[] = []
  let app: TestApp
  let user: LinkedUser

  beforeAll(async () => {
    app = await TestApp.start({ streamLimits: { pingMs: 50 } })
    user = await app.linkedUser()
    await app.contact(contact, { name: 'Ann', addressing: 'pn' })
  })
  afterEach(() => {
    for (const feed of open.splice(0)) feed.close()
  })
  afterAll(() => app.close())

  async function listen(path: string, headers: Record<string, string>): Promise<Feed> {
    const feed = await openFeed(`${app.url}/parley${path}`, headers)
    open.push(feed)
    return feed
  }
  const asUser = (query = '', token = user.token) => listen(`/me/events/live${query}`, { token })
  const writes = (text: string) => app.sandbox('POST', `/contacts/${contact}/send`, { to: user.phone, text })
  const isAbout = (text: string) => (data: unknown) => JSON.stringify(data).includes(text)

  test('are told raw and in the words of the dialects that are asked for', async () => {
    const feed = await asUser('?dialects=wuzapi,wsgo,multisession')

    await writes('live one')

    const data = await feed.next('event', isAbout('live one'))
    expect(data).toMatchObject({ type: 'message', chat: `${contact}@s.whatsapp.net` })
    expect(data.event).toMatchObject({ type: 'message', pushName: 'Ann' })
    expect(data.told.map(({ dialect, event }: Record<string, string>) => [dialect, event])).toEqual([
      ['wuzapi', 'Message'],
      ['wsgo', 'message'],
      ['multisession', 'message.received'],
    ])
    expect(JSON.parse(data.told[1].body)).toMatchObject({ event: 'message', data: { text: 'live one' } })
    expect(JSON.stringify(data)).not.toContain(user.token)
  })

  test('are told of a user to operators', async () => {
    const feed = await listen(`/users/${user.id}/events/live`, { authorization: ADMIN_TOKEN })

    await writes('for operators')

    expect((await feed.next('event', isAbout('for operators'))).told).toEqual([])
  })

  test('are told in their order', async () => {
    const feed = await asUser('?dialects=wuzapi')
    const texts = ['first', 'second', 'third', 'fourth'].map((word) => `in order: ${word}`)

    for (const text of texts) await writes(text)

    await feed.next('event', isAbout('in order: fourth'))
    const places = texts.map((text) => feed.text().indexOf(text))
    expect(places).toEqual(places.toSorted((a, b) => a - b))
  })

  test('are told to nobody else', async () => {
    const other = await app.createUser()
    const feed = await asUser('', other.token)
    const own = await asUser()

    await writes('only for one')

    await own.next('event', isAbout('only for one'))
    expect(feed.text()).not.toContain('event: event')
  })

  test('end when the token is changed', async () => {
    const made = await app.createUser()
    const feed = await asUser('', made.token)

    await app.request('PUT', `/admin/users/${made.id}`, { admin: true, body: { token: 'another-token' } })

    await feed.ended()
    expect(feed.text()).toContain(': the key is not valid any more')
  })

  test.each([
    ['/me/events/live?dialects=klingon', true, 400, 'dialects must be among wuzapi, '],
    ['/users/unknown/events/live', true, 404, 'user not found'],
    ['/me/events/live', false, 401, 'unauthorized'],
  ])('%s answers %i', async (path, isKnown, status, error) => {
    const answer = await app.request('GET', `/parley${path}`, {
      admin: isKnown && path.startsWith('/users'),
      ...(isKnown && path.startsWith('/me') && { token: user.token }),
    })

    expect(answer.status).toBe(status)
    expect(answer.json.error).toContain(error)
  })
})
