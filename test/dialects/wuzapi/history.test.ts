import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type LinkedUser, TestApp } from '../../helpers/app.ts'
import { failure } from './target.ts'

let app: TestApp
let user: LinkedUser
const contact = '447900000301'
const contactJid = `${contact}@s.whatsapp.net`

beforeAll(async () => {
  app = await TestApp.start({ env: { WUZAPI_PROFILE: 'current' } })
  user = await app.linkedUser({ history: 3 })
  await app.contact(contact, { name: 'Ada' })
})
afterAll(() => app.close())

function history(chat = contactJid, more = '') {
  return app.get(`/chat/history?chat_jid=${chat}${more}`, user.token)
}

/** The rows of a chat, once `isComplete` says so. */
function rowsOf(chat: string, isComplete: (rows: Record<string, unknown>[]) => boolean) {
  return app.waitFor('the history', async () => {
    const rows = (await history(chat)).json.data ?? []
    return isComplete(rows) ? rows : undefined
  })
}

async function says(content: object): Promise<string> {
  const { id } = await app.sandbox('POST', `/contacts/${contact}/send`, { to: user.phone, ...content })
  return id
}

describe('/chat/history', () => {
  test('shows what was sent and what was answered, newest first', async () => {
    const answer = await app.post('/chat/send/text', user.token, { Phone: contact, Body: 'ping' })
    await rowsOf(contactJid, (rows) => rows.length === 1)
    const id = await says({ text: 'pong', quote: answer.json.data.Id })

    const [reply, sent] = await rowsOf(contactJid, (rows) => rows.length === 2)

    expect(sent).toEqual({
      chat_jid: expect.any(String),
      data_json: '',
      id: expect.any(Number),
      media_link: '',
      message_id: answer.json.data.Id,
      message_type: 'text',
      sender_jid: 'me',
      text_content: 'ping',
      timestamp: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/),
      user_id: user.id,
    })
    expect(reply).toMatchObject({
      message_id: id,
      message_type: 'text',
      text_content: 'pong',
      quoted_message_id: answer.json.data.Id,
    })
    expect(JSON.parse(reply.data_json)).toMatchObject({ Info: { ID: id, IsFromMe: false } })
  })
})

test('is refused to users who keep none', async () => {
  const other = await app.createUser()

  const { json } = await app.get('/chat/history', other.token)

  expect(json).toEqual(failure(501, 'message history is disabled for this user'))
})
