import { execFileSync } from 'node:child_process'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { type BuiltProject, buildProject } from '../helpers/built-project.ts'
import { databaseKinds, temporaryDatabase } from '../helpers/database.ts'
import { freePort } from '../helpers/free-port.ts'
import { startReceiver } from '../helpers/receiver.ts'
import { startServer, terminate } from '../helpers/server-process.ts'
import { call, until, WuzapiClient } from '../load/client.ts'

const ADMIN_TOKEN = 'smoke-admin'
const CONTACT = '4915550009876'
const OWN_PHONE = '4915550009875'

/** The Node programs to try: the one that runs this, and those that PARLEY_TEST_NODES lists (`.ci/run` brings 22 and 24). */
const nodes = [
  process.execPath,
  ...(process.env.PARLEY_TEST_NODES ?? '').split(':').filter((path) => path !== ''),
].map((path) => ({ path, version: execFileSync(path, ['--version'], { encoding: 'utf8' }).trim() }))

let built: BuiltProject

beforeAll(async () => {
  built = await buildProject()
})

afterAll(() => built.close())

describe.each(nodes)('built, with Node $version', ({ path }) => {
  test.each(databaseKinds)('a phone is linked, and messages go out and come in, on %s', async (kind) => {
    const database = await temporaryDatabase(kind)
    onTestFinished(() => database.close())
    const receiver = await startReceiver()
    onTestFinished(() => receiver.close())
    const port = await freePort()
    const server = await startServer({
      node: path,
      program: built.program('main.js'),
      port,
      network: 'sandbox',
      adminToken: ADMIN_TOKEN,
      database: database.config,
    })
    onTestFinished(async () => void (await terminate(server)))
    const client = new WuzapiClient(`http://127.0.0.1:${port}`, ADMIN_TOKEN)
    const control = (path: string, body?: unknown) =>
      call<Record<string, unknown>>(`${client.base}/sandbox${path}`, {
        headers: { authorization: ADMIN_TOKEN },
        body,
      })

    await control('/contacts', { phone: CONTACT, name: 'Ada', autoReply: 'You wrote: {text}' })
    await client.createUser({ name: 'Smoke', token: 'smoke-token', webhook: receiver.url, events: 'Message' })
    await client.connect('smoke-token')
    await until('a code', () => client.showsQr('smoke-token'))
    await control('/scan', { phone: OWN_PHONE, name: 'Smoke' })
    await until('the session to open', () => client.isLoggedIn('smoke-token'))
    await client.sendText('smoke-token', CONTACT, 'over and out')

    await until('the text to arrive', async () =>
      JSON.stringify(await control(`/contacts/${CONTACT}/messages`)).includes('"over and out"'),
    )
    await until('the answer to arrive', async () =>
      receiver.requests.some(({ body }) => body.includes('You+wrote%3A+over+and+out')),
    )
    expect(await terminate(server)).toBe(0)
  })
})
