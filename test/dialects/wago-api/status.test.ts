import { afterAll, beforeAll, expect, test } from 'vitest'
import { failure, Wago } from './wago.ts'

let wago: Wago
beforeAll(async () => {
  wago = await Wago.start()
  await wago.app.createUser({ name: 'idle' })
})
afterAll(() => wago.stop())

async function audience(session = 'main'): Promise<unknown[]> {
  const { status, json } = await wago.get(`/status/privacy/${session}`)
  return [status, json]
}

test('statuses are for all contacts until somebody chooses', async () => {
  expect(await audience()).toEqual([
    200,
    { success: true, result: [{ type: 'contacts', list: [], isDefault: true }] },
  ])
})

test('the choices of the phone are shown, the one in force first', async () => {
  await wago.app.sandbox('POST', `/contacts/${wago.user.phone}/status-audience`, {
    audiences: [{ type: 'whitelist', list: [wago.contact] }, { type: 'blacklist' }],
  })

  expect(await audience()).toEqual([
    200,
    {
      success: true,
      result: [
        { type: 'whitelist', list: [wago.contactJid], isDefault: true },
        { type: 'blacklist', list: [], isDefault: false },
      ],
    },
  ])
})

test('what WhatsApp refuses is reported with its code', async () => {
  await wago.app.sandbox('POST', '/faults', {
    kind: 'refuse-query',
    xmlns: 'status',
    code: 403,
    text: 'forbidden',
    times: 1,
  })

  expect(await audience()).toEqual([500, failure('info query returned status 403: forbidden')])
})

test('a connected session is needed', async () => {
  expect(await audience('idle')).toEqual([404, failure('session_not_connected')])
  expect(await audience('nobody')).toEqual([404, failure('session_not_found')])
})
