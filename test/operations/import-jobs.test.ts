import { afterEach, beforeEach, expect, test } from 'vitest'
import { ImportJobs } from '../../src/operations/admin/import-jobs.ts'
import { listUsers } from '../../src/store/users/users.ts'
import { openWuzapi } from '../../src/transfer/wuzapi/accounts.ts'
import { TestApp } from '../helpers/app.ts'
import { type OldInstallation, oldInstallation } from '../transfer/wuzapi/installation.ts'

let app: TestApp
let old: OldInstallation

beforeEach(async () => {
  app = await TestApp.start()
  old = await oldInstallation()
  await old.users('users').update({ connected: 0 })
})
afterEach(async () => {
  await app.close()
  await old.close()
})

async function begun(keptMs?: number): Promise<{ jobs: ImportJobs; id: string }> {
  const jobs = new ImportJobs({ ...app.parley.services, nodeId: '', keptMs })
  const { id } = await jobs.begin(await openWuzapi({ from: old.folder, key: '', chosen: new Map() }))
  return { jobs, id }
}

test('an import that nobody goes on with is forgotten', async () => {
  const { jobs, id } = await begun(20)

  expect(jobs.find(id).state).toBe('reading')
  await app.waitFor('the import to be forgotten', () => isForgotten(jobs, id))
  await jobs.stop()
})

test('a server that stops ends an import between two users', async () => {
  const { jobs, id } = await begun()
  await app.waitFor('the report', () => jobs.find(id).state === 'ready')

  const job = jobs.run(id, undefined)
  expect(() => jobs.run(id, undefined)).toThrow('it is importing')
  expect(() => jobs.cancel(id)).toThrow('wait for its end')
  await jobs.stop()

  const { db, secrets } = app.parley.services
  expect(job).toMatchObject({ done: 1, total: 3 })
  expect(await listUsers(db, secrets)).toHaveLength(1)
})

function isForgotten(jobs: ImportJobs, id: string): boolean {
  try {
    jobs.find(id)
    return false
  } catch (error) {
    return error instanceof Error && /its files are deleted/.test(error.message)
  }
}
