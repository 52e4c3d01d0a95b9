import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Sandbox, startSandbox } from '../../../src/sandbox/index.ts'
import { Peer } from '../../../src/sandbox/peer/peer.ts'
import { TestApp } from '../../helpers/app.ts'
import { databaseKinds, type TemporaryDatabase, temporaryDatabase } from '../../helpers/database.ts'
import { type Receiver, startReceiver } from '../../helpers/receiver.ts'
import { importAll, OFFICE, oldInstallation, SHOP, SOURCE_KEY } from './installation.ts'

/** Whatever is told: the tests look into it freely. */
type Json = ReturnType<typeof JSON.parse>

const NETWORK = join(import.meta.dirname, '../../fixtures/whatsmeow/network.json')
const SHOP_PHONE = '491511110001'
const OFFICE_PHONE = '491511110002'
const CONTACTS = ['15550100001', '15550100002', '15550100003', '15550100004', '15550100005']
const GROUP = '120363000000000001@g.us'
/** Messages that go each way with everybody. */
const ROUNDS = 50

describe.each(databaseKinds)('accounts that came from a wuzapi go on, on %s', (kind) => {
  let database: TemporaryDatabase
  let sandbox: Sandbox
  let receiver: Receiver
  let app: TestApp

  beforeAll(async () => {
    const old = await oldInstallation()
    database = await temporaryDatabase(kind)
    sandbox = await startSandbox({ state: JSON.parse(readFileSync(NETWORK, 'utf8')) })
    receiver = await startReceiver()
    await old.users('users').update({ webhook: receiver.url })
    await Promise.all([old.users.destroy(), old.main.destroy()])
    await importAll(old, database, SOURCE_KEY)
    await old.close()
    const env = { WEBHOOK_FORMAT: 'json', WHATSAPP_NETWORK: sandbox.url }
    app = await TestApp.start({ reuse: database.config, env })
  }, 120_000)

  afterAll(async () => {
    await app.close()
    await receiver.close()
    await sandbox.stop()
    await database.close()
  })

  /** Messages that were told to one user; keys that come along with one are told under its id, too. */
  function heard(userId: string): Json[] {
    return receiver.requests
      .map(({ event }) => event as Json)
      .filter(({ type, userID, event }) => type === 'Message' && userID === userId && !isKey(event.Message))
  }

  function isKey(message: Json): boolean {
    return Object.keys(message).every((name) => /senderKeyDistribution|messageContextInfo/.test(name))
  }

  async function reads(userId: string, id: string): Promise<Json> {
    return app.waitFor(`${id} at the webhook`, () => heard(userId).find(({ event }) => event.Info.ID === id))
  }

  function phoneOf(number: string): Peer {
    const device = sandbox.network.findDevice(number)
    if (!(device instanceof Peer)) throw new Error(`${number} is no phone`)
    return device
  }

  async function arrives(number: string, id: string): Promise<void> {
    const phone = phoneOf(number)
    await app.waitFor(`${id} at ${number}`, async () => {
      await phone.idle()
      return phone.messages.some((message) => message.id === id)
    })
  }

  async function sends(token: string, to: string, text: string): Promise<string> {
    const { status, json } = await app.post('/chat/send/text', token, { Phone: to, Body: text })
    expect([status, json.error]).toEqual([200, undefined])
    return json.data.Id
  }

  test('nobody scans, and what waited is told once, in full', async () => {
    const { pending } = JSON.parse(readFileSync(NETWORK, 'utf8')) as Json
    expect(pending).toHaveLength(10)

    for (const { id, text } of pending) {
      const { event } = await app.waitFor(id, () =>
        [...heard(SHOP), ...heard(OFFICE)].find((one) => one.event.Info.ID === id),
      )
      expect(JSON.stringify(event.Message)).toContain(text)
    }

    const ids = [...heard(SHOP), ...heard(OFFICE)].map(({ event }) => event.Info.ID)
    expect(ids.filter((id, index) => ids.indexOf(id) !== index)).toEqual([])
  }, 60_000)

  test('everybody goes on in the conversation, both ways, and nobody asks again', async () => {
    for (let round = 0; round < ROUNDS; round++) {
      for (const number of CONTACTS) {
        const { id } = await phoneOf(number).send(SHOP_PHONE, { text: `in ${round}` })
        await reads(SHOP, id)
        await arrives(number, await sends('shop-token', number, `out ${round}`))
      }
      for (const number of CONTACTS.slice(0, 2))
        await reads(SHOP, (await phoneOf(number).send(GROUP, { text: `group ${round}` })).id)
      const id = await sends('shop-token', GROUP, `to the group ${round}`)
      for (const number of CONTACTS.slice(0, 2)) await arrives(number, id)
      await reads(OFFICE, await sends('shop-token', OFFICE_PHONE, `colleague ${round}`))
    }

    expect(sandbox.network.retryRequests.total).toBe(0)
    expect(receiver.requests.filter(({ event }) => event.type === 'UndecryptableMessage')).toEqual([])
  }, 300_000)

  test('they are found to work', async () => {
    const state = async () => {
      const { json } = await app.request('GET', '/parley/imports', { admin: true })
      return json.imports.map(({ name, state: found }: Json) => [name, found]).sort()
    }
    await expect.poll(state, { timeout: 20_000 }).toEqual([
      ['Never linked', 'imported'],
      ['Office', 'verified'],
      ['Shop', 'verified'],
    ])
  })

  test('the settings that devices share go on: what the phone archives is heard', async () => {
    const { db, events } = app.parley.services
    const changes: Json[] = []
    const stop = events.listen((userId, recorded) => {
      for (const { event } of recorded)
        if (userId === SHOP && event.type === 'appstate.change') changes.push(event)
    })
    expect(await db('chat_settings').where({ user_id: SHOP, archived: true })).toHaveLength(1)

    const chat = `${CONTACTS[1]}@s.whatsapp.net`
    await phoneOf(SHOP_PHONE).settings.archive(chat, true)

    const change = await app.waitFor('the change', () => changes.find(({ index }) => index[1] === chat))
    expect(change).toMatchObject({
      index: ['archive', chat],
      action: { archiveChatAction: { archived: true } },
    })
    stop()
  })
})
