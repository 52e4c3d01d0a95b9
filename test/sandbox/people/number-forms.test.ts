import { afterAll, beforeAll, expect, test } from 'vitest'
import { numberForms } from '../../../src/sandbox/world/phone-number.ts'
import { startTalk, type Talk } from '../content/talk.ts'

let talk: Talk

beforeAll(async () => {
  talk = await startTalk('447900063')
})
afterAll(() => talk.close())

test.each([
  ['5511981234567', '551181234567'],
  ['551181234567', '5511981234567'],
  ['5215512345678', '525512345678'],
  ['5491123456789', '541123456789'],
  ['4915112345678', undefined],
  // Landlines have no ninth digit.
  ['551121234567', undefined],
])('%s is also %s', (number, other) => {
  expect(numberForms(number)).toEqual(other === undefined ? [number] : [number, other])
})

test.each([
  ['Brazil, registered before the ninth digit', '551181234501', '5511981234501'],
  ['Brazil, registered with it', '5511981234502', '551181234502'],
  ['Mexico', '5215512345601', '525512345601'],
  ['Argentina', '5491123456701', '541123456701'],
])('%s: asked by either form, the service names one address', async (_where, own, other) => {
  const account = talk.sandbox.network.createAccount({ phone: own, name: 'Ben' })

  const byOwn = await talk.companion.socket.onWhatsApp(own)
  const byOther = await talk.companion.socket.onWhatsApp(other)

  expect(byOwn).toMatchObject([{ exists: true, jid: account.jid() }])
  expect(byOther).toMatchObject([{ exists: true, jid: account.jid() }])
})

test('what is sent to an address of another form reaches nobody', async () => {
  const account = talk.sandbox.network.createAccount({ phone: '5511981234503', name: 'Cem' })

  await talk.companion.socket
    .sendMessage('551181234503@s.whatsapp.net', { text: 'lost' })
    .catch(() => undefined)
  await talk.companion.socket.sendMessage(account.jid(), { text: 'found' })

  const url = `${talk.sandbox.controlUrl}/sandbox/contacts/${account.phone}/messages`
  const texts = async () => {
    const { messages } = (await (await fetch(url)).json()) as { messages: { text?: string }[] }
    return messages.map(({ text }) => text)
  }
  await expect.poll(texts).toEqual(['found'])
})
