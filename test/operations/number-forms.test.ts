import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type LinkedUser, TestApp } from '../helpers/app.ts'

let app: TestApp
let user: LinkedUser

beforeAll(async () => {
  app = await TestApp.start()
  user = await app.linkedUser({ history: 50 })
})
afterAll(() => app.close())

const send = (Phone: string, Body: string) => app.post('/chat/send/text', user.token, { Phone, Body })

async function heardBy(phone: string): Promise<string[]> {
  return (await app.received(phone)).map(({ text }) => text)
}

describe.each([
  ['Brazil', '555187650001', '5551987650001'],
  ['Brazil, made with the ninth digit', '5551987650002', '555187650002'],
  ['Mexico', '525512345003', '5215512345003'],
  ['Argentina', '5491123450004', '541123450004'],
])('a number of %s', (_country, registered, written) => {
  beforeAll(() => app.contact(registered))

  test('gets what is sent to it in either form, in one chat', async () => {
    const first = await send(written, 'Oi')
    const second = await send(registered, 'Tudo bem?')
    await send(`${written}@s.whatsapp.net`, 'Ainda?')

    expect([first.status, second.status]).toEqual([200, 200])
    await expect.poll(() => heardBy(registered)).toEqual(['Oi', 'Tudo bem?', 'Ainda?'])
    const { db } = app.parley.services
    const ids = [first.json.data.Id, second.json.data.Id]
    const chats = await db('messages').where({ user_id: user.id }).whereIn('id', ids).pluck('chat')
    expect(new Set(chats).size).toBe(1)
  })

  test('is found under either form', async () => {
    const { json } = await app.post('/user/check', user.token, { Phone: [written, registered] })

    const jids = json.data.Users.map(({ JID }: { JID: string }) => JID)
    expect(new Set(jids)).toEqual(new Set([`${registered}@s.whatsapp.net`]))
  })
})

test('a number that nobody has is answered as before, and fails', async () => {
  const { status, json } = await send('5551987659999', 'Anybody?')
  const { db } = app.parley.services

  expect(status).toBe(200)
  const row = () => db('messages').where({ user_id: user.id, id: json.data.Id }).first()
  await expect.poll(async () => (await row())?.status).toBe('failed')
})

test('a question about a number that is lost holds nothing up', async () => {
  const registered = await app.contact('555187650005')
  await app.sandbox('POST', '/faults', { kind: 'refuse-query', xmlns: 'usync', code: 500, times: 1 })

  const { status } = await send(registered, 'Still there?')

  expect(status).toBe(200)
  await expect.poll(() => heardBy(registered)).toEqual(['Still there?'])
  await app.sandbox('DELETE', '/faults')
})
