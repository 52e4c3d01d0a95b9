import { createHmac, randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { rm, writeFile } from 'node:fs/promises'
import { setTimeout as delay } from 'node:timers/promises'
import { Webhook } from 'standardwebhooks'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { encodeDelivery, fileWish } from '../../src/delivery/attempt.ts'
import type { OutboxOptions } from '../../src/delivery/outbox.ts'
import { newWebhookSecret } from '../../src/delivery/signature.ts'
import { QUEUE_DESTINATION } from '../../src/delivery/targets.ts'
import { WebhookProfiles } from '../../src/delivery/webhook-profiles.ts'
import { createLogger } from '../../src/lib/process/logger.ts'
import type { EventMedia } from '../../src/operations/deliveries/event-media.ts'
import { listAttempts } from '../../src/store/delivery/attempts.ts'
import { putWebhookSecret } from '../../src/store/delivery/webhook-secrets.ts'
import { putWebhook } from '../../src/store/delivery/webhooks.ts'
import { type DatabaseKind, databaseKinds } from '../helpers/database.ts'
import { fileProfile, filesFrom, inlineProfile, messageIn } from '../helpers/file-webhook.ts'
import { type FormReceiver, type ReceivedForm, startFormReceiver } from '../helpers/form-receiver.ts'
import { type OutboxBench, outboxBench } from '../helpers/outbox.ts'
import { startHttpProxy } from '../helpers/proxies.ts'

// A busy machine may need longer than the default second.
const patient = { timeout: 30_000 }
const content = randomBytes(300_000)

let bench: OutboxBench
let receiver: FormReceiver
let files: EventMedia
/** Where the file was downloaded to, each time. */
let paths: string[]

beforeEach(async () => {
  receiver = await startFormReceiver()
  paths = []
  files = filesFrom(async (path) => {
    paths.push(path)
    await writeFile(path, content)
  })
})
afterEach(async () => {
  await bench.close()
  await files.stop()
  await receiver.close()
})

const open = async (kind: DatabaseKind = 'sqlite', env: Record<string, string> = {}) => {
  bench = await outboxBench(kind, { WEBHOOK_ALLOWED_NETWORKS: 'any', WEBHOOK_KEEP_ATTEMPTS: 'all', ...env }, [
    fileProfile,
    inlineProfile,
  ])
}
const start = (options: Partial<Omit<OutboxOptions, 'config'>> = {}) =>
  bench.start({ mediaOf: files.mediaOf, ...options })
const told = (count: number) => expect.poll(() => receiver.forms.length, patient).toBe(count)
const firstForm = (): ReceivedForm => {
  const [form] = receiver.forms
  if (!form) throw new Error('nothing has arrived')
  return form
}
const attempts = async () => {
  const [delivery] = await bench.database.db('deliveries').select('seq')
  return listAttempts(bench.database.db, delivery.seq)
}
const allDone = () => expect.poll(() => bench.database.db('lanes').select(), patient).toEqual([])

describe.each(databaseKinds)('a webhook that takes files as parts of a form, on %s', (kind) => {
  beforeEach(() => open(kind))

  test('gets the event in the fields and the file behind them', async () => {
    const user = await bench.addUser({ webhook: receiver.url })
    start()

    await bench.bus.record(user.id, [messageIn('file', 'M1')])

    await told(1)
    const [form] = receiver.forms
    expect(form?.fields).toEqual({
      token: user.token,
      jsonData: '{"type":"Message","chat":"file","id":"M1"}',
    })
    expect(form?.file).toMatchObject({
      fieldname: 'file',
      originalname: 'a "film".mp4',
      mimetype: 'video/mp4',
    })
    expect(form?.file?.buffer.equals(content)).toBe(true)
    expect(form?.headers['content-length']).toBe(String(form?.raw.length))
  })

  test('gets the same bytes again after it failed, with the same id, of one download', async () => {
    const user = await bench.addUser({ webhook: receiver.url })
    receiver.answer(500, 503)
    start()

    await bench.bus.record(user.id, [messageIn('file', 'M1'), messageIn('file', 'M2')])

    await told(4)
    const [first, second, third, next] = receiver.forms
    expect([second, third].map((form) => form?.raw.equals(first?.raw ?? Buffer.alloc(0)))).toEqual([
      true,
      true,
    ])
    expect(new Set([first, second, third].map((form) => form?.headers['webhook-id'])).size).toBe(1)
    expect(next?.fields.jsonData).toContain('M2')
    expect(paths).toHaveLength(2)
  })
})

describe('a form with a file', () => {
  beforeEach(() => open())

  /** Gives the webhook of a user a secret of Standard Webhooks. */
  async function signFor(userId: string): Promise<string> {
    const secret = newWebhookSecret()
    const owner = { name: `user:${userId}`, userId }
    await putWebhookSecret(bench.database.db, bench.secrets, owner, {
      secret,
      previous: '',
      previousUntil: 0,
    })
    return secret
  }

  test('is signed over its bytes, by Standard Webhooks and by its dialect', async () => {
    const user = await bench.addUser({ webhook: receiver.url, hmacKey: 'dialect key' })
    const secret = await signFor(user.id)
    start()

    await bench.bus.record(user.id, [messageIn('file', 'M1')])

    await told(1)
    const { raw, headers } = firstForm()
    const hmac = createHmac('sha256', Buffer.from(secret.slice('whsec_'.length), 'base64'))
    hmac.update(`${headers['webhook-id']}.${headers['webhook-timestamp']}.`).update(raw)
    expect(headers['webhook-signature']).toBe(`v1,${hmac.digest('base64')}`)
    expect(headers['x-hmac']).toBe(createHmac('sha256', 'dialect key').update(raw).digest('hex'))
  })

  // The package takes a body for text, so only such a file can be verified with it.
  test('is verified by the standardwebhooks package, when its file is text', async () => {
    const user = await bench.addUser({ webhook: receiver.url })
    const secret = await signFor(user.id)
    const text = filesFrom((path) => writeFile(path, 'größer 😀\r\n'.repeat(20_000)))
    start({ mediaOf: text.mediaOf })

    await bench.bus.record(user.id, [messageIn('file', 'M1')])

    await told(1)
    const { raw, headers } = firstForm()
    new Webhook(secret).verify(raw, headers as Record<string, string>, { jsonParse: false })
    await text.stop()
  })

  test('is shown in the log with its fields, without the bytes and without secrets', async () => {
    const user = await bench.addUser({ webhook: receiver.url })
    start()

    await bench.bus.record(user.id, [messageIn('file', 'M1')])

    await told(1)
    await allDone()
    const [attempt] = await attempts()
    expect(attempt?.request).toBe(
      `file: [a "film".mp4, video/mp4, ${content.length} bytes]\n` +
        'token: [redacted]\njsonData: {"type":"Message","chat":"file","id":"M1"}',
    )
  })

  test('goes to a receiver that is slow to take it, for longer than a small webhook may take', async () => {
    await bench.close()
    await open('sqlite', { WEBHOOK_TIMEOUT_MS: '200' })
    const large = randomBytes(30_000_000)
    const many = filesFrom((path) => writeFile(path, large))
    const user = await bench.addUser({ webhook: receiver.url })
    // What the systems between them hold is taken at once: the rest has to wait.
    receiver.treat(() => delay(1_000, false))
    start({ mediaOf: many.mediaOf })

    await bench.bus.record(user.id, [messageIn('file', 'M1')])

    await told(1)
    expect(firstForm().file?.buffer.equals(large)).toBe(true)
    await allDone()
    expect(await attempts()).toHaveLength(1)
    await many.stop()
  })

  test('that nobody answers is given up when there was no progress for a while', async () => {
    await bench.close()
    await open('sqlite', { WEBHOOK_TIMEOUT_MS: '100' })
    const small = filesFrom((path) => writeFile(path, randomBytes(10_000)))
    const user = await bench.addUser({ webhook: receiver.url })
    receiver.treat(() => true)
    start({ mediaOf: small.mediaOf, pausesMs: [] })

    await bench.bus.record(user.id, [messageIn('file', 'M1')])

    await allDone()
    // A tenth of a second, and one for each 64 KB.
    expect((await attempts())[0]?.answer).toMatch(/^no (progress for|complete answer within) 26\d ms$/)
    await small.stop()
  })

  test('goes through the proxy of its user', async () => {
    const proxy = await startHttpProxy({ credentials: 'me:secret' })
    const user = await bench.addUser({ webhook: receiver.url, proxyUrl: proxy.url, webhookUseProxy: true })
    start()

    await bench.bus.record(user.id, [messageIn('file', 'M1')])

    await told(1)
    expect(firstForm().file?.buffer.equals(content)).toBe(true)
    expect(proxy.targets).toHaveLength(1)
    await proxy.close()
  })

  test('is sent again, as a whole, to a receiver that closed the connection in the middle', async () => {
    const user = await bench.addUser({ webhook: receiver.url })
    let closed = 0
    receiver.treat((request) => {
      if (closed === 2) return false
      request.once('data', () => {
        closed++
        request.socket.destroy()
      })
      return true
    })
    start()

    await bench.bus.record(user.id, [messageIn('file', 'M1')])

    await told(1)
    expect(firstForm().file?.buffer.equals(content)).toBe(true)
    expect(paths).toHaveLength(1)
  })

  test('is taken back by a receiver that refuses it before it has all of it', async () => {
    const user = await bench.addUser({ webhook: receiver.url })
    receiver.treat((_request, response) => {
      response.writeHead(410).end('too large for me')
      return true
    })
    start()

    await bench.bus.record(user.id, [messageIn('file', 'M1')])

    await allDone()
    expect(await bench.database.db('deliveries').select('state', 'attempt')).toEqual([
      { state: 'dead', attempt: 1 },
    ])
  })

  test('whose file is gone in between is sent with one that is downloaded anew', async () => {
    const user = await bench.addUser({ webhook: receiver.url })
    let isDeleted = false
    start({
      mediaOf: async (wish, signal) => {
        const media = await files.mediaOf(wish, signal)
        if (!isDeleted && media?.file) await rm(media.file.path)
        isDeleted = true
        return media
      },
    })

    await bench.bus.record(user.id, [messageIn('file', 'M1')])

    await told(1)
    expect(firstForm().file?.buffer.equals(content)).toBe(true)
    expect(paths).toHaveLength(2)
    await allDone()
    // Nothing was asked of the receiver the first time.
    expect(await attempts()).toHaveLength(1)
  })

  test('becomes a plain one when there is no file', async () => {
    const user = await bench.addUser({ webhook: receiver.url })
    start({ mediaOf: async () => undefined })

    await bench.bus.record(user.id, [messageIn('file', 'M1')])

    await told(1)
    expect(firstForm().headers['content-type']).toBe('application/x-www-form-urlencoded')
    expect(firstForm().fields).toEqual({
      token: user.token,
      jsonData: '{"type":"Message","chat":"file","id":"M1"}',
    })
  })

  test('is not sent to whoever wants nothing any more, and its file can go', async () => {
    const user = await bench.addUser({ webhook: receiver.url })
    const held: string[] = []
    start({
      mediaOf: async (wish, signal) => {
        const media = await files.mediaOf(wish, signal)
        if (media?.file) held.push(media.file.path)
        await bench.setWebhook(user.id, '')
        return media
      },
    })

    await bench.bus.record(user.id, [messageIn('file', 'M1')])

    await allDone()
    expect(receiver.forms).toEqual([])
    expect(await bench.database.db('deliveries').select('state')).toEqual([{ state: 'dropped' }])
    await files.stop()
    expect(held.map(existsSync)).toEqual([false])
  })

  test('is not sent to an address that must not be reached', async () => {
    await bench.close()
    await open('sqlite', { WEBHOOK_ALLOWED_NETWORKS: 'public' })
    const user = await bench.addUser({ webhook: receiver.url })
    start({ pausesMs: [] })

    await bench.bus.record(user.id, [messageIn('file', 'M1')])

    await allDone()
    expect(receiver.forms).toEqual([])
    expect((await attempts())[0]?.answer).toBe('127.0.0.1 is not in a network this server may reach')
  })

  test('is not sent where a receiver points to', async () => {
    const user = await bench.addUser({ webhook: receiver.url })
    const other = await startFormReceiver()
    receiver.treat((request, response) => {
      request.resume()
      request.once('end', () => response.writeHead(307, { location: other.url }).end())
      return true
    })
    start({ pausesMs: [] })

    await bench.bus.record(user.id, [messageIn('file', 'M1')])

    await allDone()
    expect(other.forms).toEqual([])
    expect((await attempts())[0]?.status).toBe(307)
    await other.close()
  })

  test('keeps its file while it is being sent, even when the files are given up', async () => {
    const user = await bench.addUser({ webhook: receiver.url })
    const go: (() => void)[] = []
    receiver.treat(() => new Promise((resolve) => go.push(() => resolve(false))))
    const outbox = start()
    await bench.bus.record(user.id, [messageIn('file', 'M1')])
    await expect.poll(() => go.length, patient).toBe(1)

    await files.stop()
    const isKept = paths.map(existsSync)
    go[0]?.()
    await outbox.stop()

    expect(isKept).toEqual([true])
    expect(firstForm().file?.buffer.equals(content)).toBe(true)
    await expect.poll(() => paths.map(existsSync), patient).toEqual([false])
  })
})

describe('the same files', () => {
  test('go to a webhook of another dialect inside the event, of one download', async () => {
    await open()
    const user = await bench.addUser({ webhook: receiver.url })
    const patch = { url: receiver.url, events: 'All' }
    await putWebhook(bench.database.db, bench.secrets, { target: 'inline', userId: user.id, patch })
    start()

    await bench.bus.record(user.id, [messageIn('file', 'M1')])

    await told(2)
    const isMultipart = ({ headers }: ReceivedForm) => headers['content-type']?.startsWith('multipart/')
    const [form] = receiver.forms.filter(isMultipart)
    const [inline] = receiver.forms.filter((one) => !isMultipart(one))
    expect(form?.file?.buffer.equals(content)).toBe(true)
    expect(JSON.parse(inline?.fields.jsonData ?? '').base64).toBe(content.toString('base64'))
    expect(paths).toHaveLength(1)
  })

  test('are inside the event for whoever wants JSON, pulls it or reads the queue', async () => {
    await open()
    const user = await bench.addUser({ webhook: receiver.url })
    const json = { format: 'json' as const }
    await putWebhook(bench.database.db, bench.secrets, { target: 'user', userId: user.id, patch: json })
    const outbox = start()
    await bench.bus.record(user.id, [messageIn('file', 'M1')])
    await told(1)
    await outbox.stop()

    const deps = {
      ...bench,
      db: bench.database.db,
      log: createLogger('silent'),
      mediaOf: files.mediaOf,
      profiles: new WebhookProfiles([fileProfile], bench.config),
    }
    const [{ id, event_id: eventId, payload }] = await bench.database
      .db('deliveries')
      .join('events', 'events.id', 'deliveries.event_id')
      .select('deliveries.*', 'events.payload')
    const delivery = {
      id,
      eventId,
      payload,
      userId: user.id,
      target: 'user',
      at: 0,
      attempt: 0,
      seq: 1,
      lane: '',
      part: '',
    }
    const pulled = await encodeDelivery(deps, delivery, (wish) => files.mediaOf(wish))
    const queued = await fileWish(deps, { ...delivery, target: QUEUE_DESTINATION })

    const posted = JSON.parse(firstForm().raw.toString())
    expect(posted.base64).toBe(content.toString('base64'))
    expect(pulled.kind === 'encoded' && JSON.parse(pulled.encoded.body)).toEqual(posted)
    expect(queued?.as).toBe('bytes')
  })
})

describe('receivers that take long over their files', () => {
  test('hold up neither other users nor events without one', async () => {
    await open('sqlite', { WEBHOOK_CONCURRENCY: '8' })
    const other = await startFormReceiver()
    const [slow, quick] = [
      await bench.addUser({ webhook: receiver.url }),
      await bench.addUser({ webhook: other.url }),
    ]
    let stuck = 0
    receiver.treat((request) => {
      if (!request.headers['content-type']?.startsWith('multipart/')) return false
      stuck++
      return true
    })
    const outbox = start()
    const chats = Array.from({ length: 20 }, (_, number) => messageIn(`file${number}`, 'M1'))
    await bench.bus.record(slow.id, chats)
    await expect.poll(() => stuck, patient).toBe(4)

    await bench.bus.record(slow.id, [messageIn('text', 'M2')])
    await bench.bus.record(quick.id, [messageIn('text', 'M3')])

    await told(1)
    await expect.poll(() => other.forms.length, patient).toBe(1)
    expect(stuck).toBe(4)
    await outbox.stop(0)
    await other.close()
  })
})
