import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { TestApp, type TestUser } from '../../helpers/app.ts'
import { databaseKinds } from '../../helpers/database.ts'
import { type Receiver, startReceiver } from '../../helpers/receiver.ts'

const MANY = 40

describe.each(databaseKinds)('redrives of many deliveries on %s', (database) => {
  let app: TestApp
  let receiver: Receiver
  let user: TestUser

  beforeAll(async () => {
    app = await TestApp.start({ database, env: { WEBHOOK_RETRY_ENABLED: 'false' } })
    receiver = await startReceiver()
    user = await app.createUser({ webhook: receiver.url, events: 'All' })
    await ask('POST', `/targets/user:${user.id}/pause`)
    const events = Array.from({ length: MANY }, (_, timestamp) => ({ type: 'test', timestamp }) as const)
    await app.parley.services.events.record(user.id, events)
    // Without an address they are dropped, and with one again they can be made again.
    await app.post('/webhook', user.token, { webhookURL: '', events: ['All'] })
    await ask('POST', `/targets/user:${user.id}/resume`)
    await app.waitFor('all to be dropped', async () => (await count('dropped')) === MANY)
    await app.post('/webhook', user.token, { webhookURL: receiver.url, events: ['All'] })
  })
  afterAll(async () => {
    await app.close()
    await receiver.close()
  })

  const ask = (method: string, path: string, body?: unknown) =>
    app.request(method, `/parley${path}`, { admin: true, body })
  const count = async (state: string) => {
    const [row] = await app.parley.services.db('deliveries').where({ state }).count({ total: '*' })
    return Number(row?.total)
  }
  const ended = (id: string) =>
    app.waitFor('the job to end', async () => {
      const job = (await ask('GET', `/redrive-jobs/${id}`)).json
      return job.state !== 'running' && job
    })

  test('tell how far they are, and all arrive', async () => {
    const begun = await ask('POST', '/redrive-jobs', { state: 'dropped', user: user.id })

    const job = await ended(begun.json.id)

    expect(begun.status).toBe(201)
    expect(begun.json).toMatchObject({ total: MANY, which: { state: 'dropped', userId: user.id } })
    expect(job).toMatchObject({ state: 'done', total: MANY, done: MANY })
    await app.waitFor('all to arrive', async () => (await count('delivered')) === MANY)
    expect((await ask('GET', '/redrive-jobs')).json.jobs).toEqual([job])
    expect((await ask('DELETE', `/redrive-jobs/${job.id}`)).json).toEqual(job)
  })

  test('of a user tell their own, and of nobody else', async () => {
    const other = await app.createUser()
    const begun = await app.post('/parley/me/redrive-jobs', user.token)
    const path = `/parley/me/redrive-jobs/${begun.json.id}`

    const own = await app.get(path, user.token)
    const asked = [
      await app.get(path, other.token),
      await app.request('DELETE', path, { token: other.token }),
      await app.get('/parley/me/redrive-jobs', other.token),
    ]

    expect(own.json.which).toEqual({ state: 'dead', target: 'user', userId: user.id })
    expect(asked.map(({ status, json }) => [status, json])).toEqual([
      [404, { error: 'there is no such redrive any more' }],
      [404, { error: 'there is no such redrive any more' }],
      [200, { jobs: [] }],
    ])
  })

  test.each([
    ['GET', '/redrive-jobs/unknown', undefined, 404, 'there is no such redrive any more'],
    ['DELETE', '/redrive-jobs/unknown', undefined, 404, 'there is no such redrive any more'],
    ['POST', '/redrive-jobs', { receiver: 'user:nobody' }, 404, 'there is no such target'],
    ['POST', '/redrive-jobs', { state: 'pending' }, 400, 'state must be one of dead, delivered, dropped'],
  ])('%s %s %o answers %i', async (method, path, body, status, error) => {
    const answer = await ask(method, path, body)

    expect(answer.status).toBe(status)
    expect(answer.json).toEqual({ error })
  })

  test('are for operators alone', async () => {
    const answer = await app.post('/parley/redrive-jobs', user.token, {})

    expect(answer.status).toBe(401)
  })
})
