import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { TestApp, type TestUser } from '../../helpers/app.ts'
import { databaseKinds } from '../../helpers/database.ts'

interface Pulled {
  id: string
  chat: string
  attempt: number
  body: string
}

describe.each(databaseKinds)('pulled deliveries on %s', (database) => {
  let app: TestApp

  beforeAll(async () => {
    app = await TestApp.start({ database })
  })
  afterAll(() => app.close())

  const lease = async (user: TestUser, query = ''): Promise<Pulled[]> =>
    (await app.get(`/parley/me/deliveries/lease${query}`, user.token)).json.deliveries
  const ack = async (user: TestUser, ids: string[]) =>
    (await app.post('/parley/me/deliveries/ack', user.token, { ids })).json
  const numbers = (pulled: Pulled[]) => pulled.map(({ body }) => JSON.parse(body).event.LastSeen)
  const ids = (pulled: Pulled[]) => pulled.map(({ id }) => id)

  /** A user that pulls, with presences of these chats waiting; each tells its number as the time it names. */
  async function pullingUser(chats: string[]): Promise<TestUser> {
    const user = await app.createUser({ events: 'All' })
    await app.request('PUT', '/parley/me/mode', { token: user.token, body: { mode: 'pull' } })
    await record(user, chats)
    if (chats.length > 0) await setAside(user)
    return user
  }

  /** The server looks at new deliveries once, to find that they are not its own; in that instant nobody can lease them. */
  async function setAside(user: TestUser): Promise<void> {
    await app.waitFor('the deliveries to be set aside', async () => {
      const lanes = await app.parley.services.db('lanes').where('destination', `user:${user.id}`)
      return lanes.every(({ parked, lease }) => parked && lease === null)
    })
  }

  function record(user: TestUser, chats: string[]): Promise<void> {
    return app.parley.services.events.record(
      user.id,
      chats.map((chat, number) => ({
        type: 'presence',
        chat,
        from: chat,
        unavailable: true,
        lastSeen: number + 1,
      })),
    )
  }

  test('come in order, and are gone once they are acknowledged', async () => {
    const user = await pullingUser(['a@s.whatsapp.net', 'b@s.whatsapp.net', 'a@s.whatsapp.net'])

    const first = await lease(user)
    const result = await ack(user, ids(first))

    expect(first.map(({ chat }) => chat)).toEqual([
      'a@s.whatsapp.net',
      'b@s.whatsapp.net',
      'a@s.whatsapp.net',
    ])
    expect(new Set(numbers(first)).size).toBe(3)
    expect(result).toEqual({ acknowledged: ids(first), refused: [] })
    expect(await lease(user)).toEqual([])
    expect((await app.get('/parley/me/target', user.token)).json).toMatchObject({ mode: 'pull', waiting: 0 })
  })

  test('are leased to one caller at a time, and a chat goes on when its lease is acknowledged', async () => {
    const user = await pullingUser(['a', 'a', 'b'])

    const first = await lease(user, '?limit=1')
    const second = await lease(user)
    await ack(user, ids(first))
    const third = await lease(user)

    expect(first.map(({ chat }) => chat)).toEqual(['a'])
    expect(second.map(({ chat }) => chat)).toEqual(['b'])
    expect(third.map(({ chat, attempt }) => [chat, attempt])).toEqual([['a', 1]])
  })

  test('return in the same order when the lease ends', async () => {
    const user = await pullingUser(['a', 'a'])
    const first = await lease(user, '?seconds=1')

    const again = await app.waitFor('the lease to end', async () => {
      const found = await lease(user)
      return found.length > 0 ? found : undefined
    })

    expect(ids(again)).toEqual(ids(first))
    expect(again.map(({ attempt }) => attempt)).toEqual([2, 2])
  })

  test('are acknowledged in the order of their chat, once or more often', async () => {
    const user = await pullingUser(['a', 'a', 'b'])
    const [first = '', second = '', other = ''] = ids(await lease(user))

    const early = await ack(user, [second, other, 'unknown'])
    const both = await ack(user, [second, first])
    const again = await ack(user, [first, second])

    expect(early).toEqual({ acknowledged: [other], refused: [second, 'unknown'] })
    expect(both).toEqual({ acknowledged: [second, first], refused: [] })
    expect(again).toEqual({ acknowledged: [first, second], refused: [] })
  })

  test('recorded meanwhile wait behind what is leased', async () => {
    const user = await pullingUser(['a'])
    const first = await lease(user)
    await record(user, ['a', 'a'])

    const blocked = await lease(user)
    await ack(user, ids(first))
    const rest = await lease(user)

    expect(blocked).toEqual([])
    expect(rest).toHaveLength(2)
  })

  test('of somebody else are neither seen nor acknowledged', async () => {
    const owner = await pullingUser(['a'])
    const stranger = await pullingUser([])
    const owned = await lease(owner)

    expect(await lease(stranger)).toEqual([])
    expect(await ack(stranger, ids(owned))).toEqual({ acknowledged: [], refused: ids(owned) })
  })

  test('are refused to users whose deliveries are sent', async () => {
    const user = await app.createUser({ webhook: 'http://127.0.0.1:9/' })

    const leased = await app.get('/parley/me/deliveries/lease', user.token)
    const acknowledged = await app.post('/parley/me/deliveries/ack', user.token, { ids: ['x'] })

    expect([leased.status, acknowledged.status]).toEqual([409, 409])
    expect(leased.json).toEqual({ error: 'deliveries are sent, not pulled' })
  })
})
