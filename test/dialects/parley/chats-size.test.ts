import { afterAll, beforeAll, expect, test } from 'vitest'
import { insertChunked } from '../../../src/store/database/database.ts'
import { keepReceivedMessages } from '../../../src/store/messages/messages.ts'
import { proto } from '../../../src/whatsapp/library/engine.ts'
import { TestApp, type TestUser } from '../../helpers/app.ts'

const CHATS = 60
const MESSAGES = 100
/** What one request of a search looks into, and the chat in which it notices. */
const MOST_SEARCHED = 2_000 + 5 * MESSAGES

type Query = { sql: string; bindings: unknown[] }

let app: TestApp
let user: TestUser
let queries: Query[] = []

const jidOf = (chat: number) => `4479000${String(chat).padStart(5, '0')}@s.whatsapp.net`

beforeAll(async () => {
  app = await TestApp.start()
  user = await app.createUser({ history: 100 })
  const { db } = app.parley.services
  const now = Date.now()
  for (let chat = 0; chat < CHATS; chat++) {
    const messages = Array.from({ length: MESSAGES }, (_, at) => ({
      userId: user.id,
      id: `M${chat}-${at}`,
      chat: jidOf(chat),
      fromMe: false,
      sender: jidOf(chat),
      // The first chat is the newest one.
      at: now - chat * 60_000 - at,
      proto: proto.Message.encode({ conversation: chat === CHATS - 1 ? 'a needle' : 'hay' }).finish(),
      status: 'received',
    }))
    await keepReceivedMessages(db, messages)
  }
  await insertChunked(
    db,
    'contacts',
    Array.from({ length: CHATS }, (_, chat) => ({
      user_id: user.id,
      jid: jidOf(chat),
      first_name: '',
      full_name: `Person ${chat}`,
      push_name: '',
      business_name: '',
    })),
  )
  db.on('query', ({ sql, bindings }: Query) => queries.push({ sql, bindings }))
})

afterAll(async () => {
  await app?.close()
})

/** Asks, and yields the answer with the statements that were made meanwhile. */
async function ask(
  path: string,
  options: { admin?: boolean } = {},
): Promise<{ json: ReturnType<typeof JSON.parse>; made: Query[] }> {
  queries = []
  const answer = await app.request('GET', path, options.admin ? { admin: true } : { token: user.token })
  expect([path, answer.status]).toEqual([path, 200])
  return { json: answer.json, made: [...queries] }
}

test.each([
  '/parley/me/chats',
  '/parley/me/chats?unread=true',
  '/parley/me/chats?search=hay',
  `/parley/me/chats/${jidOf(0)}/messages`,
  '/parley/me/contacts',
  '/parley/me/messages',
  '/parley/me/deliveries?target=all',
  '/parley/me/overview',
])('%s reads no table from end to end', async (path) => {
  const { made } = await ask(path)
  const { db } = app.parley.services

  const read = made.filter(({ sql }) => /^\s*(with|select)\b/i.test(sql))
  const plans = await Promise.all(
    read.map(async ({ sql, bindings }) => {
      const steps: { detail: string }[] = await db.raw(`explain query plan ${sql}`, bindings as string[])
      return steps.map(({ detail }) => detail).filter((detail) => SCANNED.test(detail))
    }),
  )

  expect(read.length).toBeGreaterThan(0)
  expect(plans.flat()).toEqual([])
})

/** What grows with the messages, people and deliveries of all users. */
const SCANNED =
  /^SCAN (messages|message_history|m|n|h|contacts|chats|auth|deliveries|lanes|events|session_events|message_responses)\b/

test('the number of statements for a list of chats does not grow with the chats', async () => {
  const few = await ask('/parley/me/chats?limit=10')
  const many = await ask('/parley/me/chats?limit=50')

  expect(many.json.chats).toHaveLength(50)
  expect(many.made.length).toBeLessThanOrEqual(few.made.length + 5)
})

test('a request that looks for words ends after some thousand messages, and the next one goes on', async () => {
  const looked: number[] = []
  const found: string[] = []
  let next: string | undefined = ''
  while (next !== undefined) {
    const { json, made } = await ask(`/parley/me/chats?search=needle${next && `&before=${next}`}`)
    looked.push(made.filter(({ sql }) => sql.includes('substr(proto')).length * MESSAGES)
    found.push(...json.chats.map(({ chat }: { chat: string }) => chat))
    next = json.next
  }

  expect(found).toEqual([jidOf(CHATS - 1)])
  expect(looked.length).toBeGreaterThan(1)
  expect(Math.max(...looked)).toBeLessThanOrEqual(MOST_SEARCHED)
})

test('the number of statements for an overview does not grow with the users', async () => {
  const before = await ask('/parley/overview', { admin: true })
  for (let count = 0; count < 20; count++) await app.createUser({ name: `user ${count}` })

  const after = await ask('/parley/overview', { admin: true })

  expect(after.json.users.length).toBe(before.json.users.length + 20)
  // What the server asks by itself meanwhile is among them.
  expect(after.made.length).toBeLessThan(before.made.length + 10)
})
