import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { type LinkedUser, TestApp } from '../../../helpers/app.ts'
import { type Receiver, startReceiver } from '../../../helpers/receiver.ts'

/** A phone that does not answer is waited for half as long. */
const MEDIA_TIMEOUT_MS = 8_000

let app: TestApp
let receiver: Receiver
let user: LinkedUser
const contact = '447900000402'

beforeAll(async () => {
  const env = { WEBHOOK_FORMAT: 'json', MEDIA_TIMEOUT_MS: String(MEDIA_TIMEOUT_MS) }
  app = await TestApp.start({ env })
  receiver = await startReceiver()
  user = await app.linkedUser({ webhook: receiver.url, events: 'Message' })
  await app.contact(contact)
})
beforeEach(() => app.sandbox('DELETE', '/faults'))
afterAll(async () => {
  await app.close()
  await receiver.close()
})

function send(content: object): Promise<{ id: string }> {
  return app.sandbox('POST', `/contacts/${contact}/send`, { to: user.phone, ...content })
}

const toldIds = () =>
  receiver.requests.map(({ event }) => (event.event as { Info?: { ID?: string } })?.Info?.ID)

/** How long it takes until what was sent last is told, and whether everything came in order. */
async function toldInOrder(ids: string[]): Promise<number> {
  const since = Date.now()
  await app.waitFor('the last event', () => toldIds().includes(ids.at(-1)), 40_000)
  expect(toldIds().filter((id) => ids.includes(id ?? ''))).toEqual(ids)
  return Date.now() - since
}

test('files that nobody has any more are asked for side by side, and after the first silence with little patience', async () => {
  await app.sandbox('POST', '/faults', { kind: 'expire-media' })
  await app.sandbox('POST', '/faults', { kind: 'lose-media-retry' })
  const ids: string[] = []
  for (const caption of ['one', 'two', 'three', 'four', 'five'])
    ids.push((await send({ document: { caption } })).id)
  ids.push((await send({ text: 'after the files' })).id)

  // One silence, not five.
  expect(await toldInOrder(ids)).toBeLessThan(2 * MEDIA_TIMEOUT_MS * 0.75)

  const later = [(await send({ document: { caption: 'six' } })).id, (await send({ text: 'and on' })).id]
  expect(await toldInOrder(later)).toBeLessThan(MEDIA_TIMEOUT_MS / 2)
})

test('a phone that answers again is given its time again', async () => {
  await app.sandbox('POST', '/faults', { kind: 'expire-media', times: 1 })

  const { id } = await send({ document: { caption: 'seven' } })

  await toldInOrder([id])
  const event = receiver.requests.at(-1)?.event as { base64?: string }
  expect(event.base64?.length).toBeGreaterThan(100)
})

test('a phone that answers late is not taken for a silent one for ever', async () => {
  const ask = async (caption: string) => {
    await app.sandbox('POST', '/faults', { kind: 'expire-media', times: 1 })
    const { id } = await send({ document: { caption } })
    await toldInOrder([id])
    const { base64 = '' } = { ...(receiver.requests.at(-1)?.event as { base64?: string } | undefined) }
    return base64
  }
  await app.sandbox('POST', '/faults', { kind: 'lose-media-retry', times: 1 })
  expect(await ask('nobody answers')).toBe('')

  // Longer than a silent phone is given, and shorter than others are.
  await app.sandbox('POST', '/faults', { kind: 'delay', ms: 3_000 })
  expect(await ask('the answer is late')).toBe('')
  await delay(2_000)

  expect((await ask('in time')).length).toBeGreaterThan(100)
})
