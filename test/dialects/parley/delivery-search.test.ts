import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type LinkedUser, TestApp } from '../../helpers/app.ts'
import { databaseKinds } from '../../helpers/database.ts'
import { type Receiver, startReceiver } from '../../helpers/receiver.ts'

interface Listed {
  id: string
  seq: number
  state: string
  event: string
  chat: string
  person: string
  text: string
  target: string
  createdAt: number
}

describe.each(databaseKinds)('deliveries by what their receivers are told on %s', (database) => {
  const ann = '447900000611'
  const bob = '447900000612'
  let app: TestApp
  let receiver: Receiver
  let user: LinkedUser

  beforeAll(async () => {
    app = await TestApp.start({ database })
    receiver = await startReceiver()
    user = await app.createUser({ webhook: receiver.url, events: 'All' }).then((made) => app.link(made))
    const headers = { 'X-API-Key': user.token }
    await app.request('POST', '/wsgo/api/webhook', { headers, body: { url: receiver.url } })
    await app.contact(ann, { name: 'Ann', addressing: 'pn' })
    await app.contact(bob, { name: 'Bob', addressing: 'lid' })
    for (const [from, text] of [
      [ann, 'Is my parcel there?'],
      [bob, 'Hello'],
      [ann, 'x'.repeat(500)],
    ])
      await app.sandbox('POST', `/contacts/${from}/send`, { to: user.phone, text })
    await app.post('/chat/send/text', user.token, { Phone: ann, Body: 'It came today', Id: 'OWN' })
    await app.waitFor('all of it', async () => {
      const settled = (await written('target=user')).filter(({ state }) => state === 'delivered')
      return settled.length === 3 && (await list('event=ReadReceipt')).length > 0
    })
  })
  afterAll(async () => {
    await app.close()
    await receiver.close()
  })

  const ask = (query: string, path = '/deliveries') =>
    app.request('GET', `/parley${path}?${query}`, { admin: true })
  const list = async (query: string) => (await ask(`user=${user.id}&${query}`)).json.deliveries
  /** Messages with a text: those by which a phone and its devices agree have none. */
  const written = async (query: string): Promise<Listed[]> =>
    (await list(`event=Message&${query}`)).filter(({ text }: Listed) => text !== '')

  test('name the event, the chat, the person and the text', async () => {
    const messages = await written('target=user')
    const receipts = await list('event=ReadReceipt')

    expect(messages).toMatchObject([
      { type: 'message', person: 'Ann', chatName: 'Ann', text: `${'x'.repeat(200)}…` },
      { person: 'Bob', chatName: 'Bob', text: 'Hello' },
      { person: 'Ann', text: 'Is my parcel there?', chat: `${ann}@s.whatsapp.net` },
    ])
    expect(receipts[0]).toMatchObject({ type: 'receipt', person: 'Ann', text: '' })
  })

  test('name the same event as each dialect does', async () => {
    const inWsgo = await list('target=wsgo&event=message')

    expect(inWsgo).toHaveLength(3)
    expect(await list('event=message')).toEqual(inWsgo)
  })

  test('are found by either JID of a person', async () => {
    const ofBob = (await written('target=user')).find(({ person }) => person === 'Bob')

    const byNumber = await written(`chat=${bob}@s.whatsapp.net`)
    const byOther = await written(`chat=${encodeURIComponent(ofBob?.chat ?? '')}`)

    expect(byNumber).toMatchObject([{ text: 'Hello' }])
    expect(byOther).toEqual(byNumber)
  })

  test('are found by time', async () => {
    const all: Listed[] = await list('limit=500')
    const middle = all[Math.floor(all.length / 2)]?.createdAt ?? 0

    const since: Listed[] = await list(`limit=500&since=${middle}`)
    const until: Listed[] = await list(`limit=500&until=${middle}`)

    expect(since.every(({ createdAt }) => createdAt >= middle)).toBe(true)
    expect(until.every(({ createdAt }) => createdAt < middle)).toBe(true)
    expect([...since, ...until]).toHaveLength(all.length)
  })

  test('come page by page, also when few of them fit', async () => {
    const found: string[] = []
    let next: number | undefined
    do {
      const before = next === undefined ? '' : `&before=${next}`
      const page = (await ask(`user=${user.id}&event=Message&limit=1${before}`)).json
      found.push(...page.deliveries.map(({ id }: Listed) => id))
      next = page.next
    } while (next !== undefined)

    expect(found).toEqual((await list('event=Message')).map(({ id }: Listed) => id))
  })

  test('show what is told, without secrets', async () => {
    const [found] = await written('target=user')

    const { told } = (await app.request('GET', `/parley/deliveries/${found?.id}`, { admin: true })).json

    expect(JSON.parse(told)).toMatchObject({ type: 'Message', instanceName: 'Test' })
    expect(told).not.toContain(user.token)
  })

  test('are told to their own user alone', async () => {
    const own = await app.get('/parley/me/deliveries?event=Message', user.token)
    const other = await app.get('/parley/me/deliveries', (await app.createUser()).token)

    expect(own.json.deliveries).toEqual(await list('event=Message&target=user'))
    expect(other.json).toEqual({ deliveries: [] })
  })

  test('are told to their own user from all webhooks, one by one, and made again', async () => {
    const other = await app.createUser()
    const { deliveries } = (await app.get('/parley/me/deliveries?target=all&limit=500', user.token)).json
    const path = `/parley/me/deliveries/${deliveries[0].id}`

    const details = await app.get(path, user.token)
    const again = await app.post(`${path}/redeliver`, user.token)
    const refused = [await app.get(path, other.token), await app.post(`${path}/redeliver`, other.token)]

    expect(new Set(deliveries.map(({ target }: Listed) => target))).toEqual(new Set(['user', 'wsgo']))
    expect(details.json).toMatchObject({ id: deliveries[0].id, log: [{ status: 200 }] })
    expect(again.json).toMatchObject({ id: deliveries[0].id, state: 'pending' })
    expect(refused.map(({ status }) => status)).toEqual([404, 404])
  })

  test.each([
    ['since=yesterday', 400, 'since must be an instant in Unix milliseconds'],
    [`event=${'x'.repeat(300)}`, 400, 'event is too long: at most 255 characters'],
  ])('refuse %s', async (query, status, error) => {
    const answer = await ask(query)

    expect(answer.status).toBe(status)
    expect(answer.json.error).toContain(error)
  })

  test('are none of what nobody wanted', async () => {
    expect(await list('state=dropped&limit=500')).toEqual([])
  })

  test('say why they were dropped', async () => {
    await app.request('POST', `/parley/targets/wsgo:${user.id}/pause`, { admin: true })
    await app.sandbox('POST', `/contacts/${ann}/send`, { to: user.phone, text: 'Too late' })
    await app.waitFor('it to wait', async () => (await list('state=pending&target=wsgo')).length)
    const headers = { 'X-API-Key': user.token }
    await app.request('POST', '/wsgo/api/webhook', { headers, body: { url: '' } })
    await app.request('POST', `/parley/targets/wsgo:${user.id}/resume`, { admin: true })

    const [dropped] = await app.waitFor('it to be dropped', async () => {
      const found = await list('state=dropped')
      return found.length > 0 && found
    })

    expect(dropped).toMatchObject({ text: 'Too late', answer: 'the webhook is gone, or switched off' })
  })
})
