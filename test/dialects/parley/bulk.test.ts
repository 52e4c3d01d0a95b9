import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Answer, type LinkedUser, TestApp } from '../../helpers/app.ts'
import { databaseKinds } from '../../helpers/database.ts'

const ANN = '447700900801'
const BEN = '447700900802'
const CAT = '447700900803'

describe.each(databaseKinds)('bulk sending on %s', (database) => {
  let app: TestApp
  let user: LinkedUser

  beforeAll(async () => {
    app = await TestApp.start({ database })
    user = await app.linkedUser()
    for (const phone of [ANN, BEN, CAT]) await app.contact(phone)
  })

  afterAll(async () => {
    await app?.stop()
  })

  async function upload(csv: string | Uint8Array, fields: Record<string, string> = {}) {
    const form = new FormData()
    for (const [name, value] of Object.entries({ name: 'Offers', perMinute: '60', ...fields }))
      form.set(name, value)
    form.set('csv', new Blob([csv]), 'offers.csv')
    const headers = { token: user.token }
    const answer = await fetch(`${app.url}/parley/me/bulk`, { method: 'POST', headers, body: form })
    return { status: answer.status, json: JSON.parse(await answer.text()) }
  }

  async function prepared(csv: string, fields?: Record<string, string>) {
    const { status, json } = await upload(csv, fields)
    expect(status).toBe(201)
    return json
  }

  const act = (id: string, what: string, body?: object): Promise<Answer> =>
    app.post(`/parley/me/bulk/${id}/${what}`, user.token, body)
  const look = async (id: string) => (await app.get(`/parley/me/bulk/${id}`, user.token)).json

  test('a table is checked whole, and nothing is sent before it is started', async () => {
    const job = await prepared(
      `Phone;Name\r\n+44 7700 900801;Ann\r\nnobody;Ben\r\n\r\n${BEN};\r\n0044 7700-900801;Ann\r\n${CAT};"Cat; the ""third"""\r\n`,
      { template: 'Hello {name}, we are open.' },
    )

    expect(job).toMatchObject({ state: 'ready', rows: { waiting: 2, invalid: 3 }, startedAt: null })
    expect(job.faults).toEqual([
      { line: 3, phone: 'nobody', reason: 'the phone is no number with a country code' },
      { line: 5, phone: BEN, reason: 'the column name is empty, and the template names it' },
      { line: 6, phone: ANN, reason: 'line 2 has the same number' },
    ])
    const refused = await act(job.id, 'start')
    expect([refused.status, refused.json.error]).toEqual([
      409,
      '3 lines cannot be sent: correct the file, or start with skipInvalid',
    ])
    expect(await app.received(ANN)).toEqual([])
  })

  test('a job is sent at its pace, each message once, and its report says how far each got', async () => {
    const job = await prepared(`phone,text\n${ANN},One\n${BEN},"Two, really"\n${CAT},Three\nx,Four\n`)

    const started = await act(job.id, 'start', { skipInvalid: true })
    const done = await app.waitFor('the end', async () => {
      const now = await look(job.id)
      return now.state === 'done' && now
    })

    expect(started.json.state).toBe('running')
    expect(done.endedAt - done.startedAt).toBeGreaterThan(1_900)
    expect((await app.received(BEN)).map(({ text }) => text)).toEqual(['Two, really'])
    const [first] = (await app.get(`/parley/me/bulk/${job.id}/rows?limit=1`, user.token)).json.rows
    await app.sandbox('POST', `/contacts/${ANN}/receipt`, { ids: [first.messageId], type: 'read' })
    const read = await app.waitFor('the receipt', async () => {
      const rows = (await app.get(`/parley/me/bulk/${job.id}/rows?state=read`, user.token)).json.rows
      return rows.length > 0 && rows
    })
    expect(read).toMatchObject([{ line: 2, phone: ANN, state: 'read' }])
    const report = await app.get(`/parley/me/bulk/${job.id}/report`, user.token)
    expect(report.headers.get('content-type')).toContain('text/csv')
    expect(report.text.split('\r\n')[0]).toBe('line,phone,state,reason,message_id,sent_at')
    expect(report.text).toContain(`2,${ANN},read,,${first.messageId},`)
    expect(report.text).toContain('5,x,invalid,the phone is no number with a country code,,')
  })

  test('a job pauses, goes on and can be given up', async () => {
    const job = await prepared(`phone,text\n${ANN},a\n${BEN},b\n${CAT},c\n`, { perMinute: '30' })
    await act(job.id, 'start')
    await app.waitFor('the first message', async () => (await look(job.id)).rows.waiting === 2)

    const paused = await act(job.id, 'pause')
    const twice = await act(job.id, 'pause')
    const removed = await app.request('DELETE', `/parley/me/bulk/${job.id}`, { token: user.token })
    expect([paused.json.state, twice.status, removed.status]).toEqual(['paused', 409, 200])

    const other = await prepared(`phone,text\n${ANN},a\n${BEN},b\n`, { perMinute: '1' })
    await act(other.id, 'start')
    await act(other.id, 'pause')
    expect((await act(other.id, 'resume')).json.state).toBe('running')
    const third = await prepared(`phone,text\n${ANN},a\n`)
    expect((await act(third.id, 'start')).json.error).toBe(
      'another job of this user is running: one at a time',
    )
    const cancelled = await act(other.id, 'cancel')
    expect(cancelled.json).toMatchObject({ state: 'cancelled' })
    expect(cancelled.json.rows.waiting).toBeUndefined()
    expect((await act(other.id, 'resume')).status).toBe(409)
  })

  test('the daily limit holds over all jobs of a user', async () => {
    const fresh = await app.linkedUser()
    const body = {
      name: 'x',
      perMinute: 60,
      perDay: 1,
      rows: [ANN, BEN].map((phone) => ({ phone, text: 'hi' })),
    }
    const made = await app.post('/parley/me/bulk', fresh.token, body)

    await app.post(`/parley/me/bulk/${made.json.id}/start`, fresh.token)

    const waiting = await app.waitFor('the limit', async () => {
      const { json } = await app.get(`/parley/me/bulk/${made.json.id}`, fresh.token)
      return json.reason !== '' && json
    })
    expect(waiting).toMatchObject({ state: 'running', reason: 'the daily limit of 1 messages is reached' })
    expect(waiting.rows).toMatchObject({ waiting: 1 })
    expect(waiting.nextAt - Date.now()).toBeGreaterThan(23 * 3_600_000)
  })

  test('a job waits for its session, which need not be connected', async () => {
    const late = await app.linkedUser()
    await app.post('/session/disconnect', late.token)
    const made = await app.post('/parley/me/bulk', late.token, {
      name: 'x',
      rows: [{ phone: ANN, text: 'late' }],
    })
    const started = await app.post(`/parley/me/bulk/${made.json.id}/start`, late.token)
    expect(started.json.state).toBe('running')

    await app.post('/session/connect', late.token)

    await app.waitFor(
      'the end',
      async () => (await app.get(`/parley/me/bulk/${made.json.id}`, late.token)).json.state === 'done',
    )
    expect((await app.received(ANN)).map(({ text }) => text)).toContain('late')
  })

  test.each([
    ['no column phone', 'name,text\nAnn,hi\n', {}, 400, 'there is no column named phone'],
    ['no text', 'phone\n447700900801\n', {}, 400, 'give a template, or a column named text or media'],
    [
      'an unknown place',
      'phone\n447700900801\n',
      { template: 'Hi {who}' },
      400,
      'the template names {who}, and there is no such column',
    ],
    ['no rows', 'phone,text\n', {}, 400, 'there are no rows below the names of the columns'],
    [
      'another encoding',
      Buffer.from('phone,text\n447700900801,Ol\xe1\n', 'latin1'),
      {},
      400,
      'the file is not in UTF-8: save it as "CSV UTF-8"',
    ],
    [
      'an open quotation mark',
      'phone,text\n447700900801,"hi\n',
      {},
      400,
      'the CSV cannot be read: Quote Not Closed',
    ],
    [
      'a wrong pace',
      'phone,text\n447700900801,hi\n',
      { perMinute: '0' },
      400,
      'perMinute must be a number from 1 to 60',
    ],
    [
      'too many rows',
      `phone,text\n${'447700900801,hi\n'.repeat(10_001)}`,
      {},
      413,
      'there are more than 10000 rows: divide the file',
    ],
  ] as const)('a table with %s is refused', async (_what, csv, fields, status, sentence) => {
    const answer = await upload(csv, fields)

    expect(answer.status).toBe(status)
    expect(answer.json.error).toContain(sentence)
  })

  test('an upload that is repeated by its key makes one job', async () => {
    const send = () =>
      app.request('POST', '/parley/me/bulk', {
        token: user.token,
        headers: { 'idempotency-key': `once-${database}` },
        body: { name: 'once', rows: [{ phone: ANN, text: '=1+1' }] },
      })

    const [first, second] = [await send(), await send()]

    expect(second.json.id).toBe(first.json.id)
  })

  test('a row that was interrupted after its message had left is not sent again', async () => {
    const { db, bulk } = app.parley.services
    const job = await prepared(`phone,text\n${CAT},only once\n`)
    await act(job.id, 'start')
    await app.waitFor('the end', async () => (await look(job.id)).state === 'done')

    // What a process leaves behind that was killed before it could write that the message had left.
    await db('bulk_rows').where('job_id', job.id).update({ state: 'sending', sent_at: null })
    await db('bulk_jobs').where('id', job.id).update({ state: 'running', ended_at: null, next_at: 0 })
    bulk.nudge()

    await app.waitFor('the end', async () => (await look(job.id)).state === 'done')
    expect((await app.received(CAT)).filter(({ text }) => text === 'only once')).toHaveLength(1)
    expect((await look(job.id)).rows.sending).toBeUndefined()
  })

  test('a job pauses by itself when message after message fails', async () => {
    const sender = await app.linkedUser()
    await app.sandbox('POST', '/faults', { kind: 'refuse-message', code: 463, times: 10 })
    const rows = Array.from({ length: 12 }, (_, at) => ({ phone: `4477009008${10 + at}`, text: 'x' }))
    for (const { phone } of rows) await app.contact(phone)
    const made = await app.post('/parley/me/bulk', sender.token, { name: 'x', perMinute: 60, rows })

    await app.post(`/parley/me/bulk/${made.json.id}/start`, sender.token)

    const paused = await app.waitFor('the pause', async () => {
      const { json } = await app.get(`/parley/me/bulk/${made.json.id}`, sender.token)
      return json.state === 'paused' && json
    })
    expect(paused.reason).toMatch(/^10 messages in a row failed, the last: .*463/s)
    expect(paused.rows).toMatchObject({ failed: 10, waiting: 2 })
  })

  test('another user sees nothing of a job', async () => {
    const stranger = await app.createUser()
    const job = await prepared(`phone,text\n${ANN},mine\n`)

    const answers = await Promise.all([
      app.get(`/parley/me/bulk/${job.id}`, stranger.token),
      app.get(`/parley/me/bulk/${job.id}/report`, stranger.token),
      app.post(`/parley/me/bulk/${job.id}/start`, stranger.token),
    ])

    expect(answers.map(({ status }) => status)).toEqual([404, 404, 404])
  })
})
