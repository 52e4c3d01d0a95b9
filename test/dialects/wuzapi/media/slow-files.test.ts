import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { type LinkedUser, TestApp } from '../../../helpers/app.ts'
import { type Receiver, startReceiver } from '../../../helpers/receiver.ts'
import { type StuckServer, startStuckServer } from '../../../helpers/stuck-server.ts'

const CHATS = 12
const contacts = Array.from({ length: CHATS }, (_, number) => `4479005${String(number).padStart(5, '0')}`)
const bystander = '447900600001'

let receiver: Receiver
let silent: StuckServer
let trickling: StuckServer

beforeAll(async () => {
  receiver = await startReceiver()
  silent = await startStuckServer()
  trickling = await startStuckServer({ trickleMs: 50 })
})
afterAll(async () => {
  await receiver.close()
  await silent.close()
  await trickling.close()
})

/** What makes the files of a user slow. */
const causes = [
  ['a silent bucket', (app: TestApp, user: LinkedUser) => storeIn(app, user, silent.url)],
  ['a bucket that trickles', (app: TestApp, user: LinkedUser) => storeIn(app, user, trickling.url)],
  ['a silent media host', (app: TestApp) => app.sandbox('POST', '/faults', { kind: 'stall-media' })],
] as const

function storeIn(app: TestApp, user: LinkedUser, endpoint: string) {
  return app.post('/session/s3/config', user.token, {
    enabled: true,
    endpoint,
    region: 'us-east-1',
    bucket: 'media',
    access_key: 'key',
    secret_key: 'secret',
    path_style: true,
    media_delivery: 's3',
  })
}

/** As many places as one destination has: whoever waits in a place stops everybody. */
async function start(env: Record<string, string>): Promise<TestApp> {
  const app = await TestApp.start({ env: { WEBHOOK_FORMAT: 'json', WEBHOOK_CONCURRENCY: '8', ...env } })
  for (const contact of [...contacts, bystander]) await app.contact(contact)
  return app
}

const linked = (app: TestApp) => app.linkedUser({ webhook: receiver.url, events: 'Message' })
const send = async (app: TestApp, contact: string, to: LinkedUser, content: object): Promise<string> =>
  (await app.sandbox('POST', `/contacts/${contact}/send`, { to: to.phone, ...content })).id
/** The messages told so far, of these. */
const told = (ids: string[]) =>
  receiver.requests
    .map(({ event }) => (event.event as { Info?: { ID?: string } })?.Info?.ID ?? '')
    .filter((id) => ids.includes(id))

describe('while the files of one user do not come', () => {
  let app: TestApp

  beforeAll(async () => {
    app = await start({ MEDIA_STALL_MS: '60000', MEDIA_TIMEOUT_MS: '60000', SHUTDOWN_GRACE_MS: '1000' })
  })
  afterEach(() => app.sandbox('DELETE', '/faults'))
  afterAll(() => app.close())

  test.each(causes)('because of %s, other users and other chats are told at once', async (_what, make) => {
    const [slow, other] = [await linked(app), await linked(app)]
    await make(app, slow)
    const files: string[] = []
    for (const contact of contacts) files.push(await send(app, contact, slow, { image: true }))

    const texts = [
      await send(app, bystander, other, { text: 'hello' }),
      await send(app, bystander, slow, { text: 'hello' }),
    ]

    await app.waitFor('both texts', () => told(texts).length === 2)
    expect(told(files)).toEqual([])
  })

  test('what is pulled is handed out all the same, the chat with the file excepted', async () => {
    const user = await app.linkedUser({ events: 'Message' })
    await storeIn(app, user, silent.url)
    await app.request('PUT', '/parley/me/mode', { token: user.token, body: { mode: 'pull' } })
    const file = await send(app, contacts[0] ?? '', user, { image: true })
    const text = await send(app, bystander, user, { text: 'hello' })
    const handed: string[] = []

    await app.waitFor('the text', async () => {
      const { json } = await app.get('/parley/me/deliveries/lease?seconds=2', user.token)
      handed.push(...json.deliveries.map(({ body }: { body: string }) => body))
      return handed.some((body) => body.includes(text))
    })

    expect(handed.some((body) => body.includes(file))).toBe(false)
  })
})

describe('a text behind a file that does not come', () => {
  let app: TestApp

  beforeAll(async () => {
    app = await start({ MEDIA_STALL_MS: '500', MEDIA_TIMEOUT_MS: '2000', WEBHOOK_RETRY_DELAY_SECONDS: '1' })
  })
  afterEach(() => app.sandbox('DELETE', '/faults'))
  afterAll(() => app.close())

  test.each(causes)('because of %s is told after it, and both without the file', async (_what, make) => {
    const user = await linked(app)
    await make(app, user)
    const sent = [
      await send(app, contacts[0] ?? '', user, { image: true }),
      await send(app, contacts[0] ?? '', user, { text: 'hello' }),
    ]

    await app.waitFor('both', () => told(sent).length === 2)
    expect(told(sent)).toEqual(sent)
    const about = receiver.requests.filter(({ body }) => sent.some((id) => body.includes(id)))
    expect(about.some(({ event }) => 's3' in event || 'base64' in event)).toBe(false)
  })

  test('is pulled after it, when the bucket works but needs longer than a call waits', async () => {
    const slow = await startStuckServer({ trickleMs: 100, pieceBytes: 5_000 })
    const user = await app.linkedUser({ events: 'Message' })
    await storeIn(app, user, slow.url)
    await app.request('PUT', '/parley/me/mode', { token: user.token, body: { mode: 'pull' } })
    const file = await send(app, contacts[0] ?? '', user, { image: true })
    const text = await send(app, contacts[0] ?? '', user, { text: 'hello' })
    const handed: string[] = []

    await app.waitFor('the text', async () => {
      const { json } = await app.get('/parley/me/deliveries/lease?seconds=2', user.token)
      handed.push(...json.deliveries.map(({ body }: { body: string }) => body))
      return handed.some((body) => body.includes(text))
    })

    const at = (id: string) => handed.findIndex((body) => body.includes(id))
    expect(at(file)).toBeGreaterThanOrEqual(0)
    expect(at(file)).toBeLessThan(at(text))
    await slow.close()
  })
})
