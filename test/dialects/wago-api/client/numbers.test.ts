import { afterAll, beforeAll, expect, test } from 'vitest'
import { Wago } from '../wago.ts'

let wago: Wago
const stranger = '491719999999'
beforeAll(async () => {
  wago = await Wago.start()
})
afterAll(() => wago.stop())

async function result(path: string, number: string) {
  const { status, json } = await wago.call(`/client/${path}/main`, { number })
  return [status, json.result]
}

test.each([
  ['digits', (number: string) => number],
  ['a plus', (number: string) => `+${number}`],
  [
    'a form for people',
    (number: string) => `+${number.slice(0, 2)} (${number.slice(2, 5)}) ${number.slice(5)}`,
  ],
  ['the JID of wwebjs-api', (number: string) => `${number}@c.us`],
])('a number may be written as %s', async (_, written) => {
  expect(await result('isRegisteredUser', written(wago.contact))).toEqual([200, true])
  expect(await result('isRegisteredUser', written(stranger))).toEqual([200, false])
})

test('a number on WhatsApp has a JID, another one none', async () => {
  expect(await result('getNumberId', wago.contact)).toEqual([
    200,
    { jid: wago.contactJid, user: wago.contact, server: 's.whatsapp.net' },
  ])
  expect(await result('getNumberId', stranger)).toEqual([200, null])
})

test.each([
  ['5511999999999', '55', '+55 11 99999-9999'],
  ['+44 7400 123456', '44', '+44 7400 123456'],
  ['14155552671@c.us', '1', '+1 415 555-2671'],
  ['85291234567', '852', '+852 9123 4567'],
  ['81311813234', '81', '+81 3-1181-3234'],
  ['79161234567', '7', '+7 916 123-45-67'],
  ['5491123456789', '54', '+54 9 11 2345-6789'],
  // Brazil before the ninth digit, and after; places whose second digit, or whose number's first, is a 9.
  ['555187654321', '55', '+55 51 8765-4321'],
  ['5551987654321', '55', '+55 51 98765-4321'],
  ['551199876543', '55', '+55 11 9987-6543'],
  ['559991234567', '55', '+55 99 9123-4567'],
  ['551161234567@c.us', '55', '+55 11 6123-4567'],
  // A line in an office has eight digits to this day.
  ['551133334444', '55', '+55 11 3333-4444'],
  // Mexico with the 1 that nobody dials any more, and without.
  ['5215512345678', '52', '+52 1 55 1234 5678'],
  ['+52 1 999 123 4567', '52', '+52 1 999 123 4567'],
  ['525512345678', '52', '+52 55 1234 5678'],
])('%s has the country code %s and reads %s', async (number, code, formatted) => {
  expect(await result('getCountryCode', number)).toEqual([200, code])
  expect(await result('getFormattedNumber', number)).toEqual([200, formatted])
})
