import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { TestApp } from '../../../helpers/app.ts'
import { type Receiver, startReceiver } from '../../../helpers/receiver.ts'
import { linkedUser, StdioServer, StdioWorld, until } from './stdio-server.ts'

const TOKEN = 'user-token'
const PHONE = '4915550000002'
const CONTACT = '4915550001235'

/** One installation, by turns in the mode stdio and at a port. */
describe('what is to be told lasts', () => {
  let world: StdioWorld
  let receiver: Receiver
  let server: StdioServer
  beforeAll(async () => {
    world = await StdioWorld.create()
    receiver = await startReceiver()
    await world.control('/contacts', { phone: CONTACT, name: 'Ada', autoReply: false })
    server = StdioServer.start(world)
    await linkedUser(server, { world, token: TOKEN, phone: PHONE })
    await server.call('webhook.set', { token: TOKEN, webhookURL: receiver.url, events: ['Message'] })
  })
  afterAll(async () => {
    await server.kill()
    await receiver.close()
    await world.close()
  })

  const contactSends = async (text: string) => {
    const { id } = await world.control(`/contacts/${CONTACT}/send`, { to: PHONE, text })
    await until('a receipt', async () =>
      JSON.stringify(await world.control(`/contacts/${CONTACT}/observations`)).includes(id),
    )
  }
  const told = (text: string) =>
    server.line(text, ({ method, params }) => method === 'Message' && JSON.stringify(params).includes(text))
  const openApp = () => TestApp.start({ reuse: world, env: { WHATSAPP_NETWORK: world.sandbox.url } })
  const posted = (text: string) => receiver.requests.filter(({ body }) => body.includes(text))

  test('an event that nobody had read when the server was killed is told by the next one', async () => {
    server.lookAway()
    server.write(`${JSON.stringify({ id: 1, method: 'health' })}\n`.repeat(6_000))
    await contactSends('kept')
    await server.kill()

    server = StdioServer.start(world)

    await told('kept')
  })

  test('a reader that goes away ends the server', async () => {
    server.child.stdout.destroy()
    server.write(`${JSON.stringify({ id: 1, method: 'health' })}\n`)

    expect(await server.exit).toBe(0)
    expect(server.told).not.toContain('"level":50')
  })

  test('what waits for a webhook waits through the mode stdio, and the other way round', async () => {
    receiver.answer(503)
    const before = await openApp()
    await before.waitFor('the session', () =>
      [...before.parley.services.sessions.statuses()].some(([, { loggedIn }]) => loggedIn),
    )
    await contactSends('words for the webhook')
    await before.waitFor('an attempt', () => posted('words+for+the+webhook').length > 0)
    await before.stop()
    receiver.answer(200)
    const attempts = receiver.requests.length

    server = StdioServer.start(world)
    await until('the session', async () => (await server.call('session.status', { token: TOKEN })).LoggedIn)
    await contactSends('words for the pipe')
    await told('words for the pipe')
    expect(await server.end()).toBe(0)

    expect(receiver.requests).toHaveLength(attempts)
    const after = await openApp()
    await after.waitFor('the webhook', () =>
      posted('words+for+the+webhook').some(({ status }) => status === 200),
    )
    expect(posted('words+for+the+pipe')).toEqual([])
    await after.stop()
  })

  test('a server whose input is at its end already starts, and ends well', async () => {
    server = StdioServer.start(world)

    expect(await server.end()).toBe(0)

    expect(server.told).toContain('Parley is running')
  })
})

describe('a command line', () => {
  let world: StdioWorld
  beforeAll(async () => {
    world = await StdioWorld.create()
  })
  afterAll(() => world.close())

  test('with a wrong flag ends the start with one sentence', async () => {
    const server = StdioServer.start(world, { args: ['-prot', '9000'] })

    expect(await server.exit).toBe(1)
    expect(server.told).toBe(
      'Parley could not start: there is no flag -prot (did you mean -port?); -help lists them all\n',
    )
    expect(server.lines).toEqual([])
  })
})
