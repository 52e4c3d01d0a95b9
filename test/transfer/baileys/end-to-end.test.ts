import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Sandbox, startSandbox } from '../../../src/sandbox/index.ts'
import { readAllMessages } from '../../../src/store/messages/messages.ts'
import { proto, WA_CERT_DETAILS } from '../../../src/whatsapp/library/engine.ts'
import { ADMIN_TOKEN, TestApp } from '../../helpers/app.ts'
import { type TemporaryDatabase, temporaryDatabase } from '../../helpers/database.ts'
import { gathered } from '../fixture.ts'
import { wordsOf } from '../imported-device.ts'
import { type FolderClient, linkFolderClient } from './folder-client.ts'

const CONTACT = '4915155550001'

let sandbox: Sandbox
let bot: FolderClient
let temporary: TemporaryDatabase
let app: TestApp | undefined

beforeAll(async () => {
  sandbox = await startSandbox()
  WA_CERT_DETAILS.PUBLIC_KEY = sandbox.rootKey
  await control('contacts', { phone: CONTACT, name: 'Ana' })
  bot = await linkFolderClient(sandbox, { phone: '4915155550000', name: 'The bot' })
  temporary = await temporaryDatabase()
})

afterAll(async () => {
  await app?.close()
  await bot.remove()
  await temporary.close()
  await sandbox.stop()
})

async function control(path: string, body: object): Promise<ReturnType<typeof JSON.parse>> {
  const response = await fetch(`${sandbox.controlUrl}/sandbox/${path}`, {
    method: 'POST',
    body: JSON.stringify(body),
  })
  const text = await response.text()
  if (!response.ok) throw new Error(`/sandbox/${path} answered ${response.status}: ${text}`)
  return JSON.parse(text)
}

async function importFolder(): Promise<string> {
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ['--import', 'tsx', 'src/app/import.ts', 'baileys', '--from', bot.folder, '--yes'],
    {
      env: {
        ...process.env,
        DATA_DIR: temporary.config.dataDir,
        DATABASE_URL: '',
        ADMIN_TOKEN,
        WHATSAPP_NETWORK: sandbox.url,
      },
    },
  )
  return stdout
}

test('a bot comes over without a scan, reads what waited for it, and goes on talking', async () => {
  const { group } = await talk()
  await bot.stop()
  await control(`contacts/${CONTACT}/send`, { to: '4915155550000', text: 'while nobody was there' })
  await control(`contacts/${CONTACT}/send`, { group, text: 'to the group, while nobody was there' })

  const report = await importFolder()

  expect(report).toMatch(/\(\+4915155550000\): imported\n.*taken over: .*\b[1-9]\d* sessions/)
  expect(report).toContain('not taken over: 1 token')

  app = await TestApp.start({ reuse: temporary.config, env: { WHATSAPP_NETWORK: sandbox.url } })
  const server = app
  const { services } = server.parley
  const listed = await server.request('GET', '/admin/users', { admin: true })
  const id = listed.json.data[0].id
  const given = await server.request('PUT', `/admin/users/${id}`, {
    admin: true,
    body: { token: 'a-token-of-its-own' },
  })
  expect(given.status).toBe(200)
  await server.waitFor('the login', () => services.sessions.find(id)?.status.loggedIn)
  await server.waitFor('what waited', async () => {
    const messages = await gathered(readAllMessages(services.db, id))
    const words = messages.map(({ proto: encoded }) => wordsOf(proto.Message.decode(encoded)))
    return words.includes('while nobody was there') && words.includes('to the group, while nobody was there')
  })

  const sent = await server.post('/chat/send/text', 'a-token-of-its-own', {
    Phone: CONTACT,
    Body: 'still me',
  })
  expect(sent.status).toBe(200)
  await server.waitFor('the contact to read it', async () =>
    (await received()).some((message: { text?: string }) => message.text === 'still me'),
  )
}, 120_000)

/** Both sides have written, in private and in a group. */
async function talk(): Promise<{ group: string }> {
  const { client } = bot
  await control(`contacts/${CONTACT}/send`, { to: '4915155550000', text: 'hello bot' })
  await client.message('hello bot')
  await client.socket.sendMessage(`${CONTACT}@s.whatsapp.net`, { text: 'hello Ana' })
  const group = await control('groups', {
    subject: 'Us',
    creator: CONTACT,
    participants: ['4915155550000'],
  })
  await control(`contacts/${CONTACT}/send`, { group: group.jid, text: 'hello group' })
  await client.message('hello group')
  await client.socket.sendMessage(group.jid, { text: 'hello all' })
  return { group: group.jid }
}

async function received(): Promise<{ text?: string }[]> {
  const response = await fetch(`${sandbox.controlUrl}/sandbox/contacts/${CONTACT}/messages`)
  return JSON.parse(await response.text()).messages
}
