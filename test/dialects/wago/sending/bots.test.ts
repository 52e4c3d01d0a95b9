import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Sandbox, startSandbox } from '../../../../src/sandbox/index.ts'
import { Peer } from '../../../../src/sandbox/peer/peer.ts'
import { failure, refused, success, Wago } from '../wago.ts'

const META_AI = '867051314767696@bot'
const OTHER = '253140951037123@bot'

let sandbox: Sandbox
let wago: Wago
beforeAll(async () => {
  sandbox = await startSandbox()
  wago = await Wago.start({ env: { WHATSAPP_NETWORK: sandbox.url } })
})
afterAll(async () => {
  await wago.close()
  await sandbox.stop()
})

/** What a character has decrypted of a prompt. */
async function asked(jid: string, id: string) {
  const bot = sandbox.network.findDevice(jid)
  if (!(bot instanceof Peer)) throw new Error(`nobody is ${jid}`)
  const { message } = await wago.app.waitFor('the prompt', () => bot.messages.find((one) => one.id === id))
  return message
}

describe('/bot/message', () => {
  test.each([
    ['Meta AI when nobody is named', '', META_AI, '867051314767696$760019659443059'],
    ['whoever is named', '253140951037123$101', OTHER, '253140951037123$101'],
  ])('asks %s', async (_whom, PersonaID, jid, personaId) => {
    const [status, json] = await wago.call('/bot/message', { Body: 'What shall I cook?', PersonaID })

    expect([status, json]).toEqual([
      200,
      success({ Details: 'Sent', Id: expect.any(String), Timestamp: expect.any(String) }),
    ])
    const { extendedTextMessage, messageContextInfo } = await asked(jid, json.data.Id)
    expect(extendedTextMessage?.text).toBe('What shall I cook?')
    expect(messageContextInfo?.botMetadata).toMatchObject({ personaId })
  })

  test('takes an id of its own, and a repeated request is one prompt', async () => {
    const request = {
      token: wago.user.token,
      headers: { 'Idempotency-Key': 'one prompt' },
      body: { Body: 'Hi', Id: 'PROMPT1234' },
    }

    const first = await wago.request('POST', '/bot/message', request)
    const second = await wago.request('POST', '/bot/message', request)

    expect(first.json.data.Id).toBe('PROMPT1234')
    expect(second.json).toEqual(first.json)
    expect(second.headers.get('Idempotent-Replayed')).toBe('true')
  })

  test.each([
    [{}, 'missing Body in payload'],
    [{ Body: '' }, 'missing Body in payload'],
    [{ Body: ' ' }, 'a prompt needs a text'],
    [{ Body: 7 }, 'could not decode payload'],
    [{ Body: 'x'.repeat(65_537) }, 'Body is too long: at most 65536 characters'],
    [{ Body: 'Hi', PersonaID: 'x'.repeat(129) }, 'PersonaID is too long: at most 128 characters'],
  ])('refuses %j', async (body, sentence) => {
    expect(await wago.call('/bot/message', body)).toEqual(refused(sentence))
  })

  test('knows nobody else', async () => {
    expect(await wago.call('/bot/message', { Body: 'Hi', PersonaID: 'nobody' })).toEqual([
      404,
      failure(404, 'there is no bot with this persona'),
    ])
  })
})

describe('/bot/list', () => {
  test('lists the characters, also one that says nothing about itself', async () => {
    const { status, json } = await wago.get('/bot/list')

    expect([status, json]).toEqual([
      200,
      success({
        Bots: [
          {
            JID: META_AI,
            PersonaID: '867051314767696$760019659443059',
            Name: 'Meta AI',
            Description: 'Your assistant',
            Commands: [{ Name: 'imagine', Description: 'Draws a picture' }],
          },
          { JID: OTHER, PersonaID: '253140951037123$101', Name: '', Description: '', Commands: [] },
        ],
      }),
    ])
  })

  test('says what WhatsApp says when it tells none', async () => {
    await wago.app.sandbox('POST', '/faults', { kind: 'refuse-query', xmlns: 'bot', code: 503, times: 1 })

    const { status, json } = await wago.get('/bot/list')

    expect([status, json]).toEqual([500, failure(500, expect.stringContaining('503'))])
  })
})
