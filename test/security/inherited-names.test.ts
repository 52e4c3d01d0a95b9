import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { loadConfig } from '../../src/config/config.ts'
import { wording } from '../../src/dialects/wuzapi/wording.ts'
import { ApiError } from '../../src/lib/errors.ts'
import { redact } from '../../src/lib/secrets/redact.ts'
import { openSecrets } from '../../src/lib/secrets/secrets.ts'
import { element } from '../../src/media/bucket/xml.ts'
import { type Sandbox, startSandbox } from '../../src/sandbox/index.ts'
import { memoryKeys } from '../../src/sandbox/peer/signal-keys.ts'
import type { Device } from '../../src/sandbox/world/account.ts'
import { children, node } from '../../src/sandbox/world/node.ts'
import { chatAliases } from '../../src/whatsapp/inbound/chat-aliases.ts'
import { refusalReason } from '../../src/whatsapp/outbound/refusals.ts'
import { resolveRecipient } from '../../src/whatsapp/wire/jid.ts'
import { type TemporaryDatabase, temporaryDatabase } from '../helpers/database.ts'

// What comes from outside may be called like something that every object inherits.
const inherited = ['constructor', 'valueOf', 'toString', '__proto__', '__defineGetter__']

describe.each(inherited)('%s is', (name) => {
  test('no character of HTML, which would hide what stands beside it', () => {
    expect(redact(`&${name};p&amp;ssword-1234`, ['p&ssword-1234'])).toBe(`&${name};[redacted]`)
  })

  test('no character of XML', () => {
    expect(element(`<Message>&${name};</Message>`, 'Message')).toBe(`&${name};`)
  })

  test('neither yes nor no', () => {
    expect(() => loadConfig({ WEBHOOK_TOKEN: name })).toThrow('must be true or false')
  })

  test('no reason of WhatsApp', () => {
    expect(refusalReason(name)).toBe(`WhatsApp refused the message (${name})`)
  })

  test('no sentence of the original', () => {
    const error = new ApiError('invalid_field', { text: name })

    expect(wording(error, 'reference').text).toMatch(new RegExp(`^${name}$`, 'i'))
  })

  test('nobody whose other address is known', async () => {
    const keys = memoryKeys()
    const fromStore = await resolveRecipient(name, async (ids) => keys.get('lid-mapping', ids))

    expect(fromStore).toBe(`${name}@s.whatsapp.net`)
    expect(await resolveRecipient(name, async () => ({}))).toBe(`${name}@s.whatsapp.net`)
  })
})

describe('a chat at a server of such a name', () => {
  let database: TemporaryDatabase
  beforeAll(async () => {
    database = await temporaryDatabase()
  })
  afterAll(() => database.close())

  test.each(inherited)('has no other address: %s', async (name) => {
    const secrets = await openSecrets(database.config)
    const chat = `1@${name}`

    expect(await chatAliases(database.db, secrets, 'nobody', chat)).toEqual([chat])
  })
})

describe('in the simulated network', () => {
  let sandbox: Sandbox
  let device: Device
  beforeAll(async () => {
    sandbox = await startSandbox()
    const account = sandbox.network.createAccount({ phone: '551177000009', name: 'Ann' })
    // Every account has its phone.
    device = account.devices.get(0) as Device
  })
  afterAll(() => sandbox.stop())

  test.each(inherited)('%s names no query, no protocol and no stanza', async (name) => {
    const query = (attrs: object, content?: ReturnType<typeof node>[]) =>
      sandbox.network.iq(device, node('iq', { id: '1', type: 'get', ...attrs }, content))

    const unknown = await query({ xmlns: name }, [node('what')])
    const looked = await query({ xmlns: 'usync' }, [
      node('usync', {}, [
        node('query', {}, [node(name)]),
        node('list', {}, [node('user', { jid: '1@lid' })]),
      ]),
    ])
    const channels = await query({ xmlns: 'w:mex' }, [node('query', { query_id: name })])
    sandbox.network.receive(device, node(name))

    expect(children(unknown)).toEqual([])
    expect(JSON.stringify(looked)).toContain('"user"')
    expect(JSON.stringify(channels)).not.toContain('undefined')
    expect(sandbox.network.unknownQueries.get(`${name} what`)).toBe(1)
  })
})
