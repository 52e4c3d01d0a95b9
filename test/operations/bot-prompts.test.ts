import { afterAll, beforeAll, expect, test } from 'vitest'
import { promptBot } from '../../src/operations/messages/prompt-bot.ts'
import { Peer } from '../../src/sandbox/peer/peer.ts'
import type { LiveSession } from '../../src/whatsapp/session/session.ts'
import { readBy, Stage } from '../whatsapp/defects/stage.ts'
import { shown } from './arrivals.ts'

const META_AI = '867051314767696@bot'
const OTHER = '253140951037123@bot'

let stage: Stage
let session: LiveSession
let ownPhone: Peer
beforeAll(async () => {
  stage = await Stage.open()
  const user = await stage.user()
  session = stage.app.parley.services.sessions.live(user.id)
  ownPhone = peer(`${user.phone}@s.whatsapp.net`)
})
afterAll(() => stage.close())

function peer(jid: string): Peer {
  const device = stage.sandbox.network.findDevice(jid)
  if (!(device instanceof Peer)) throw new Error(`nobody is ${jid}`)
  return device
}

test('a prompt reaches the assistant, and the own phone', async () => {
  const { id, to } = await promptBot(session, { text: 'What shall I cook?' })

  const message = await shown(peer(META_AI), id)
  expect(to).toBe(META_AI)
  expect(message.extendedTextMessage).toMatchObject({ text: 'What shall I cook?' })
  expect(message.messageContextInfo).toMatchObject({
    botMetadata: { personaId: '867051314767696$760019659443059' },
    messageSecret: expect.any(String),
  })
  await expect.poll(() => readBy(ownPhone)).toContain('What shall I cook?')
})

test('the second prompt goes through the session there is', async () => {
  await promptBot(session, { text: 'one' })
  await promptBot(session, { text: 'two' })

  await expect.poll(() => readBy(peer(META_AI))).toEqual(expect.arrayContaining(['one', 'two']))
})

test('a character is addressed by its persona', async () => {
  const { id, to } = await promptBot(session, { text: 'Hi', personaId: '253140951037123$101' })

  const { messageContextInfo } = await shown(peer(OTHER), id)
  expect(to).toBe(OTHER)
  expect(messageContextInfo).toMatchObject({ botMetadata: { personaId: '253140951037123$101' } })
})

test('a character that there is not, and a prompt that says nothing, are refused', async () => {
  const unknown = promptBot(session, { text: 'Hi', personaId: 'nobody' })
  await expect(unknown).rejects.toMatchObject({ code: 'not_found' })

  await expect(promptBot(session, { text: ' ' })).rejects.toMatchObject({ code: 'missing_field' })
})

test('a bot without keys is no bot', async () => {
  const sending = session.send({ to: '1234567@bot', message: { conversation: 'Hi' } })

  await expect(sending).rejects.toMatchObject({ code: 'not_found' })
})
