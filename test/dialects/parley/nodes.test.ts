import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type LinkedUser, TestApp } from '../../helpers/app.ts'
import { databaseKinds } from '../../helpers/database.ts'

describe.each(databaseKinds)('the nodes on %s', (database) => {
  let app: TestApp
  let user: LinkedUser

  beforeAll(async () => {
    app = await TestApp.start({ database, env: { NODE_ID: 'this' } })
    user = await app.linkedUser({ name: 'Grace' })
    await app.createUser({ name: 'Nobody' })
  })
  afterAll(() => app.close())

  const ask = async (path: string) => (await app.request('GET', `/parley${path}`, { admin: true })).json

  test('are listed with the number of their sessions', async () => {
    const { nodes } = await ask('/nodes')

    expect(nodes).toEqual([
      {
        id: 'this',
        address: database === 'sqlite' ? '' : expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+$/),
        since: expect.any(Number),
        ...(database === 'postgres' && { seenUntil: expect.any(Number) }),
        state: 'running',
        sessions: 1,
      },
    ])
  })

  test('run the sessions that are wanted', async () => {
    const { sessions } = await ask('/sessions')

    expect(sessions).toEqual([
      {
        userId: user.id,
        name: 'Grace',
        wanted: true,
        state: 'open',
        node: 'this',
        ...(database === 'postgres' && { leaseUntil: expect.any(Number) }),
      },
    ])
  })

  test('are shown to administrators only', async () => {
    expect((await app.request('GET', '/parley/nodes', { token: user.token })).status).toBe(401)
  })
})
