import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startReceiver } from '../../../helpers/receiver.ts'
import { ADMIN_TOKEN, linkedUser, StdioServer, StdioWorld, until } from './stdio-server.ts'

const TOKEN = 'user-token'
const PHONE = '4915550000001'
const CONTACT = '4915550001234'
const MAX_BYTES = 512 * 1024

describe('a program that speaks by standard input and output', () => {
  let world: StdioWorld
  let server: StdioServer
  beforeAll(async () => {
    world = await StdioWorld.create()
    await world.control('/contacts', { phone: CONTACT, name: 'Ada', autoReply: false })
    server = StdioServer.start(world)
    await linkedUser(server, { world, token: TOKEN, phone: PHONE })
  })
  afterAll(async () => {
    await server.kill()
    await world.close()
  })

  const textsOf = async () => {
    const { messages } = await world.control(`/contacts/${CONTACT}/messages`)
    return messages.map(({ text }: { text: string }) => text)
  }
  const contactSends = (text: string) => world.control(`/contacts/${CONTACT}/send`, { to: PHONE, text })
  /** The contact has been told that its message is there. */
  const arrived = (id: string) =>
    until('a receipt', async () =>
      JSON.stringify(await world.control(`/contacts/${CONTACT}/observations`)).includes(id),
    )
  const told = (text: string) =>
    server.line(text, ({ method, params }) => method === 'Message' && JSON.stringify(params).includes(text))
  const answered = (id: unknown) =>
    server.line(`an answer to ${id}`, (line) => 'id' in line && line.id === id)

  test('has linked a phone by the code that it was shown, and heard of it', async () => {
    expect(await server.call('session.status', { token: TOKEN })).toMatchObject({ LoggedIn: true })
    for (const event of ['QR', 'PairSuccess', 'Connected'])
      expect(await server.line(event, ({ method }) => method === event)).toMatchObject({
        jsonrpc: '2.0',
        params: { type: event, instanceName: TOKEN, userID: expect.any(String) },
      })
  })

  test('sends a text, which a contact reads', async () => {
    const sent = await server.call('chat.send.text', { token: TOKEN, Phone: CONTACT, Body: 'Hello <b>' })

    expect(sent).toMatchObject({ Details: 'Sent', Id: expect.any(String) })
    await expect.poll(textsOf).toContain('Hello <b>')
  })

  test('is told what a contact writes, and no webhook is', async () => {
    const receiver = await startReceiver()
    await server.call('webhook.set', { token: TOKEN, webhookURL: receiver.url, events: ['All'] })

    await contactSends('Hello yourself')

    const line = await told('Hello yourself')
    expect(line).not.toHaveProperty('id')
    expect(line.params.event).toMatchObject({
      Info: { IsFromMe: false },
      Message: { conversation: 'Hello yourself' },
    })
    expect(receiver.requests).toEqual([])
    await receiver.close()
  })

  test('is told what it is subscribed to, and nothing else', async () => {
    await server.call('webhook.update', { token: TOKEN, webhook: '', events: ['Presence'], active: true })
    const { id } = await contactSends('not told')
    await arrived(id)
    await server.call('webhook.update', { token: TOKEN, webhook: '', events: ['All'], active: true })
    await contactSends('told again')

    await told('told again')
    expect(server.lines.filter((line) => JSON.stringify(line).includes('not told'))).toEqual([])
  })

  test('gets the words and the status that HTTP would have', async () => {
    expect(await server.ask('session.status')).toMatchObject({
      error: { code: 401, message: 'Unauthorized' },
    })
    expect(await server.ask('admin.users.list', { token: TOKEN })).toMatchObject({ error: { code: 401 } })
    expect(await server.ask('chat.send.text', { token: TOKEN, Body: 'x' })).toMatchObject({
      error: { code: 400, message: 'Missing Phone in Payload' },
    })
    expect(await server.call('health')).toMatchObject({ status: 'ok', total_users: 1 })
    const users = await server.call('admin.users.list', { adminToken: ADMIN_TOKEN })
    expect(await server.call('admin.users.get', { adminToken: ADMIN_TOKEN, userId: users[0].id })).toEqual(
      users,
    )
    expect(await server.ask('admin.users.get', { adminToken: ADMIN_TOKEN })).toMatchObject({
      error: { code: 400, message: 'missing or invalid userId parameter' },
    })
  })

  test('is told what is wrong with a line, and may go on', async () => {
    server.write('no json\n\n\r\n{"id":"crlf","method":"health"}\r\n{"id":7}\n{"id":8,"method":"chat.fly"}\n')

    expect(await answered('crlf')).toMatchObject({ result: { status: 'ok' } })
    expect(await answered(null)).toMatchObject({
      error: { code: 400, message: 'invalid JSON request: it is no JSON' },
    })
    expect(await answered(7)).toMatchObject({ error: { code: 400, message: 'missing method' } })
    expect(await answered(8)).toMatchObject({ error: { code: 404, message: 'unknown method: chat.fly' } })
  })

  test('may write a line of 512 KiB, and none longer', async () => {
    const line = (id: string, length: number) => {
      const empty = JSON.stringify({ id, method: 'health', params: { pad: '' } })
      return empty.replace('""', `"${'x'.repeat(length - empty.length)}"`)
    }
    server.write(`${line('fits', MAX_BYTES)}\n${line('too long', MAX_BYTES + 1)}\n${line('next', 100)}\n`)

    expect(await answered('fits')).toMatchObject({ result: { status: 'ok' } })
    expect(await answered('next')).toMatchObject({ result: { status: 'ok' } })
    expect(
      await server.line('the refusal', ({ error }) => error?.message.includes('at most 524288 bytes')),
    ).toMatchObject({ id: null, error: { code: 400 } })
    expect(server.lines.some(({ id }) => id === 'too long')).toBe(false)
  })

  test('has many requests answered at once, each by its own line', async () => {
    const texts = Array.from({ length: 100 }, (_, index) => `text ${index}`)

    const sent = await Promise.all(
      texts.map((Body) => server.call('chat.send.text', { token: TOKEN, Phone: CONTACT, Body })),
    )

    expect(new Set(sent.map(({ Id }) => Id)).size).toBe(texts.length)
    await expect.poll(textsOf).toEqual(expect.arrayContaining(texts))
  })

  test('is not waited for: a request that takes long holds up no other', async () => {
    await world.control('/faults', { kind: 'lose-ack', jid: PHONE, times: 1 })
    const slow = server.ask('chat.send.text', { token: TOKEN, Phone: CONTACT, Body: 'slow' })
    await expect.poll(textsOf).toContain('slow')

    await server.call('health')

    const isAnswered = await Promise.race([slow.then(() => true), Promise.resolve(false)])
    expect(isAnswered).toBe(false)
    expect(await slow).toHaveProperty('error')
  })

  test('may look away: the server lives, keeps what it has to tell, and loses nothing', async () => {
    server.lookAway()
    const ids = Array.from({ length: 6_000 }, (_, index) => `unread ${index}`)
    server.write(ids.map((id) => `${JSON.stringify({ id, method: 'health' })}\n`).join(''))
    const { id } = await contactSends('while nobody reads')

    // WhatsApp hears of it although the pipe is full: nothing waits for the reader but what is for the reader.
    await arrived(id)
    expect(server.lines.filter((line) => ids.includes(line.id)).length).toBeLessThan(ids.length)
    server.readOn()

    for (const one of ids) await answered(one)
    await told('while nobody reads')
    const unread = server.lines.filter((line) => String(line.id).startsWith('unread'))
    expect(unread).toHaveLength(ids.length)
  })

  test('finds greeting and log on standard error, and no token there', () => {
    expect(server.told).toContain('Parley is running on a SIMULATED WhatsApp network')
    expect(server.told).toContain('"msg":"listening"')
    expect(server.told).not.toContain(TOKEN)
    expect(server.told).not.toContain(ADMIN_TOKEN)
  })

  test('says goodbye by closing the input, and is answered all it has asked before', async () => {
    server.write(
      `${JSON.stringify({ id: 'last', method: 'chat.send.text', params: { token: TOKEN, Phone: CONTACT, Body: 'bye' } })}`,
    )

    expect(await server.end()).toBe(0)

    expect(server.lines.find(({ id }) => id === 'last')).toMatchObject({ result: { Details: 'Sent' } })
    expect(server.told).toContain('"msg":"stopping"')
  })
})
