import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Sandbox, startSandbox } from '../../src/sandbox/index.ts'
import { TestApp } from '../helpers/app.ts'
import { type TemporaryDatabase, temporaryDatabase } from '../helpers/database.ts'
import { importAll, oldInstallation, SHOP } from './wuzapi/installation.ts'

const NETWORK = join(import.meta.dirname, '../fixtures/whatsmeow/network.json')

let sandbox: Sandbox
const servers: { database: TemporaryDatabase; app: TestApp }[] = []

/** A server with what came from the old one. */
async function imported(): Promise<TestApp> {
  const old = await oldInstallation()
  await Promise.all([old.users.destroy(), old.main.destroy()])
  const database = await temporaryDatabase('sqlite')
  await importAll(old, database)
  await old.close()
  const app = await TestApp.start({ reuse: database.config, env: { WHATSAPP_NETWORK: sandbox.url } })
  servers.push({ database, app })
  return app
}

beforeAll(async () => {
  sandbox = await startSandbox({ state: JSON.parse(readFileSync(NETWORK, 'utf8')) })
})
afterAll(async () => {
  for (const { app, database } of servers) {
    await app.close()
    await database.close()
  }
  await sandbox.stop()
})

async function stateOf(app: TestApp): Promise<string> {
  const { json } = await app.request('GET', '/parley/imports', { admin: true })
  return json.imports.find(({ userId }: { userId: string }) => userId === SHOP).state
}

test('an old server that is started again is told of by name', async () => {
  const ours = await imported()
  await expect.poll(() => stateOf(ours), { timeout: 20_000 }).not.toBe('imported')

  // The same keys in another server: what the old one would be.
  await imported()

  await expect.poll(() => stateOf(ours), { timeout: 20_000 }).toBe('replaced')
  expect(ours.parley.services.sessions.find(SHOP)?.status.loggedIn ?? false).toBe(false)
}, 60_000)
