import { setTimeout as delay } from 'node:timers/promises'
import { afterEach, describe, expect, test } from 'vitest'
import { TestApp } from '../helpers/app.ts'

let app: TestApp | undefined
afterEach(async () => {
  await app?.close()
  app = undefined
})

async function look(server: TestApp, path: string): Promise<unknown[]> {
  const { status, json } = await server.request('GET', path)
  return [status, json]
}

describe('a server', () => {
  test('is live and ready once it has started, for anybody and beside /health', async () => {
    app = await TestApp.start()

    expect(await look(app, '/health/live')).toEqual([200, { status: 'live' }])
    expect(await look(app, '/health/ready')).toEqual([200, { status: 'ready' }])
    expect((await app.request('HEAD', '/health/ready')).status).toBe(200)
    expect((await app.request('GET', '/health')).json).toMatchObject({ status: 'ok' })
  })

  test('is not ready while it stops', async () => {
    app = await TestApp.start()
    const { url } = app
    // A request that is still being sent keeps the server from ending.
    const upload = fetch(`${url}/chat/send/text`, {
      method: 'POST',
      headers: { token: (await app.createUser()).token },
      body: slow(),
      // Needed for bodies that are streams, and missing in the types.
      ...{ duplex: 'half' },
    }).catch(() => undefined)
    const first = await fetch(`${url}/health/ready`)
    expect(first.status).toBe(200)

    const stopped = app.close()
    app = undefined
    const refused = await fetch(`${url}/health/ready`).catch(() => undefined)

    // Either the last connection still gets the answer, or nobody is taken any more.
    if (refused) expect(refused.status).toBe(503)
    await Promise.all([stopped, upload])
  })
})

async function* slow(): AsyncGenerator<Uint8Array> {
  yield Buffer.from('{"Phone":"1"')
  await delay(200)
  yield Buffer.from('}')
}
