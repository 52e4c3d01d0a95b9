import { readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { scratchFolder } from '../../../src/lib/process/scratch-folder.ts'
import { type Answer, TestApp } from '../../helpers/app.ts'
import { databaseKinds } from '../../helpers/database.ts'
import {
  OFFICE,
  type OldInstallation,
  oldInstallation,
  SHOP,
  SOURCE_KEY,
  UNLINKED,
} from '../../transfer/wuzapi/installation.ts'
import { moveUser, uploadOf } from '../../transfer/wuzapi/moved-user.ts'

const apps: TestApp[] = []
let old: OldInstallation

beforeEach(async () => {
  old = await oldInstallation()
})
afterEach(async () => {
  for (const app of apps.splice(0).reverse()) await app.close()
  await old.close()
})

async function started(options: Parameters<typeof TestApp.start>[0] = {}): Promise<TestApp> {
  const app = await TestApp.start(options)
  apps.push(app)
  return app
}

const asAdmin = (app: TestApp, method: string, path: string, body?: unknown): Promise<Answer> =>
  app.request(method, `/parley${path}`, { admin: true, body })

async function uploaded(app: TestApp, given: Parameters<typeof uploadOf>[1] = {}): Promise<Answer> {
  const { headers, body } = await uploadOf(old, given)
  return app.request('POST', '/parley/import-jobs', { admin: true, headers, body })
}

/** The job when it is no longer at work. */
function atRest(app: TestApp, id: string): Promise<Answer['json']> {
  return app.waitFor('the import to come to rest', async () => {
    const { json } = await asAdmin(app, 'GET', `/import-jobs/${id}`)
    return json.keptUntil !== null && json
  })
}

async function ready(app: TestApp, given: Parameters<typeof uploadOf>[1] = {}): Promise<Answer['json']> {
  const { status, json } = await uploaded(app, given)
  expect(status).toBe(201)
  return atRest(app, json.id)
}

const users = async (app: TestApp) =>
  (await app.request('GET', '/admin/users', { admin: true })).json.data.map(({ id }: { id: string }) => id)

describe.each(databaseKinds)('an import by upload on %s', (database) => {
  test('tells first what would come, and writes nothing', async () => {
    const app = await started({ database })

    const job = await ready(app, { texts: { key: SOURCE_KEY } })

    expect(job).toMatchObject({ source: 'wuzapi', state: 'ready', done: 3, total: 3, failure: '' })
    expect(job.reports).toMatchObject([
      { id: SHOP, name: 'Shop', device: '491511110001:1@s.whatsapp.net', outcome: 'ready', dropped: [] },
      { id: OFFICE, name: 'Office', outcome: 'ready' },
      { id: UNLINKED, name: 'Never linked', device: '', outcome: 'ready' },
    ])
    expect(job.reports[0].taken).toMatchObject({ webhooks: 1, sessions: 7, 'history entries': 28 })
    expect(job.keptUntil).toBeGreaterThan(Date.now() + 50 * 60_000)
    expect(JSON.stringify(job)).not.toContain(SOURCE_KEY)
    expect(await users(app)).toEqual([])
  })

  test('brings a user whose phone goes on without a scan, and tells when it works', async () => {
    const app = await started({ database })
    const linked = await app.linkedUser({ name: 'Before' })
    await moveUser(app, linked, { old, id: OFFICE })
    const { id } = await ready(app)

    const begun = await asAdmin(app, 'POST', `/import-jobs/${id}/run`, { users: [OFFICE], isStopped: true })

    expect(begun.json).toMatchObject({ state: 'importing', total: 1 })
    const job = await atRest(app, id)
    expect(job).toMatchObject({ state: 'done', done: 1 })
    expect(job.reports.map(({ outcome }: { outcome: string }) => outcome)).toEqual([
      'ready',
      'imported',
      'ready',
    ])
    await app.waitFor('the session to open', () => app.parley.services.sessions.find(OFFICE)?.status.loggedIn)
    const contact = await app.contact('15550107777')
    await app.sandbox('POST', `/contacts/${contact}/send`, { to: linked.phone, text: 'still there?' })
    const [one] = await app.waitFor('the import to be verified', async () => {
      const { json } = await asAdmin(app, 'GET', '/imports')
      return json.imports[0]?.state === 'verified' && json.imports
    })
    expect(one).toMatchObject({ userId: OFFICE, name: 'Office', source: 'wuzapi', session: 'open' })
    const sent = await app.post('/chat/send/text', 'office-token', { Phone: contact, Body: 'yes' })
    expect(sent.status).toBe(200)
  })
})

test('users that are here already are told, and do not come again', async () => {
  const app = await started()
  await old.users('users').update({ connected: 0 })
  const first = await ready(app)
  await asAdmin(app, 'POST', `/import-jobs/${first.id}/run`, { isStopped: true })
  await atRest(app, first.id)
  expect((await users(app)).sort()).toEqual([SHOP, OFFICE, UNLINKED].sort())

  const again = await ready(app)

  expect(again.reports[0]).toMatchObject({
    outcome: 'present',
    reason: 'a user with this id is here already',
  })
  const answer = await asAdmin(app, 'POST', `/import-jobs/${again.id}/run`, { isStopped: true })
  expect([answer.status, answer.json.error]).toEqual([400, 'there is no user to import'])
})

test('what is only in the write-ahead log comes as well', async () => {
  const app = await started()
  await old.users.raw('pragma journal_mode=wal')
  await old.users('users').where({ id: OFFICE }).update({ name: 'Written last' })

  const without = await ready(app)
  const job = await ready(app, { names: ['users.db', 'users.db-wal', 'main.db'] })

  expect(without.reports[1].name).toBe('Office')
  expect(job.reports[1].name).toBe('Written last')
})

test('nothing is imported unless the old server is said to be stopped', async () => {
  const app = await started()
  const { id } = await ready(app)

  const answer = await asAdmin(app, 'POST', `/import-jobs/${id}/run`, {})

  expect(answer.status).toBe(400)
  expect(answer.json.error).toBe(
    'stop the old server first, keep it stopped, and say so with isStopped: true',
  )
  expect(await users(app)).toEqual([])
  const unknown = await asAdmin(app, 'POST', `/import-jobs/${id}/run`, { isStopped: true, users: ['nobody'] })
  expect([unknown.status, unknown.json.error]).toEqual([400, 'the old server has no user nobody'])
})

test.each([
  ['no file', { names: [] }, 'users.db is missing: it is in the folder dbdata of the old server'],
  ['one file', { names: ['users.db'] }, 'main.db is missing: it is in the folder dbdata of the old server'],
  [
    'a key of the wrong length',
    { texts: { key: 'short' } },
    'the encryption key has 5 bytes; it is WUZAPI_GLOBAL_ENCRYPTION_KEY as it stands there: 16, 24 or 32',
  ],
  ['another program', { texts: { source: 'constructor' } }, 'source must be one of wuzapi'],
])('refuses %s with a sentence', async (_what, given, sentence) => {
  const app = await started()

  const answer = await uploaded(app, given)

  expect([answer.status, answer.json.error]).toEqual([400, sentence])
  await nothingLeft(app)
})

test('refuses files that are something else, without saying where they lie', async () => {
  const app = await started()
  const place = join(old.folder, 'dbdata/users.db')
  await old.users.destroy()

  await old.main.destroy()
  await writeFile(place, 'no database')
  const odd = await uploaded(app)
  await writeFile(place, Buffer.concat([Buffer.from('SQLite format 3\0'), Buffer.alloc(4000, 7)]))
  const damaged = await uploaded(app)
  const asJson = await asAdmin(app, 'POST', '/import-jobs', {
    source: 'wuzapi',
    'users.db': 'AAAA',
    'main.db': 'AAAA',
  })

  expect([odd.status, odd.json.error]).toEqual([400, 'users.db is no SQLite database'])
  expect([damaged.status, damaged.json.error]).toEqual([
    400,
    'users.db is no SQLite database, or a damaged one (SQLITE_NOTADB)',
  ])
  expect([asJson.status, asJson.json.error]).toEqual([400, 'users.db must be a file of a form'])
  await nothingLeft(app)
})

test('the files are deleted when an import is done or cancelled, and when the server stops', async () => {
  const app = await started()
  await old.users('users').update({ connected: 0 })
  const [done, cancelled] = [await ready(app), await ready(app)]
  expect(await leftFiles()).not.toEqual([])

  await asAdmin(app, 'POST', `/import-jobs/${done.id}/run`, { isStopped: true })
  await atRest(app, done.id)
  expect((await asAdmin(app, 'DELETE', `/import-jobs/${cancelled.id}`)).status).toBe(200)

  await nothingLeft(app)
  expect((await asAdmin(app, 'GET', `/import-jobs/${cancelled.id}`)).status).toBe(404)
  expect((await asAdmin(app, 'POST', `/import-jobs/${done.id}/run`, { isStopped: true })).status).toBe(409)
  await ready(app)
  await app.stop()
  expect(await leftFiles()).toEqual([])
})

test('of many imports the one that has waited longest makes room', async () => {
  const app = await started()
  const ids: string[] = []
  for (let count = 0; count < 5; count++) ids.push((await ready(app)).id)

  const answers = await Promise.all(ids.map((id) => asAdmin(app, 'GET', `/import-jobs/${id}`)))

  expect(answers.map(({ status }) => status)).toEqual([404, 200, 200, 200, 200])
})

test('any node answers for an import of another one', async () => {
  const north = await started({ database: 'postgres', env: { NODE_ID: 'north' } })
  const south = await started({ reuse: north.place, env: { NODE_ID: 'south' } })
  await old.users('users').update({ connected: 0 })
  const { id } = await ready(north)

  expect(id).toMatch(/@north$/)
  expect((await asAdmin(south, 'GET', `/import-jobs/${id}`)).json.state).toBe('ready')
  expect((await asAdmin(south, 'POST', `/import-jobs/${id}/run`, { isStopped: true })).status).toBe(200)
  expect((await atRest(south, id)).state).toBe('done')
  expect((await asAdmin(south, 'DELETE', `/import-jobs/${id}`)).status).toBe(200)
  expect((await asAdmin(north, 'GET', `/import-jobs/${id}`)).status).toBe(404)
  expect((await asAdmin(south, 'GET', '/import-jobs/x@nowhere')).status).toBe(404)
})

test('administrators alone may import', async () => {
  const app = await started()
  const { headers, body } = await uploadOf(old)

  const answer = await app.request('POST', '/parley/import-jobs', { headers, body })

  expect(answer.status).toBe(401)
})

/** What a request has brought is deleted when it has been answered. */
function nothingLeft(app: TestApp): Promise<boolean> {
  return app.waitFor('the files to be deleted', async () => (await leftFiles()).length === 0)
}

/** What of uploads is left on the disk. */
async function leftFiles(): Promise<string[]> {
  const names = await readdir(await scratchFolder())
  return names.filter((name) => /^(upload|source)-|^[0-9a-f]{32}$/.test(name))
}
