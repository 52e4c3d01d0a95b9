import { afterAll, beforeAll, expect, test } from 'vitest'
import { DeviceBench } from '../device-bench.ts'
import { allOf } from './recorded.ts'

let bench: DeviceBench
beforeAll(async () => {
  bench = await DeviceBench.start({ env: { WHATSAPP_APPSTATE_WEBHOOK_ENABLED: 'true' } })
})
afterAll(() => bench.stop())

/** The collections of a new account are empty, and nothing is told of those. */
const EMPTY = 'appstate.sync_complete'

test.each([
  ['15550001001', 'Ada'],
  ['4915550002002', 'Bert'],
  ['15550008008', 'Eve'],
])('everything that is told while %s is linked', async (phone, name) => {
  const device = await bench.device()
  await bench.webhook(device, phone)
  await bench.link(device, phone, name)

  const wanted = allOf('link', phone).filter(({ event }) => event !== EMPTY)
  for (const { event, data } of wanted) {
    const told = () => bench.told(phone).filter((one) => one.event_type === event)
    await bench.app.waitFor(`${event} ${JSON.stringify(data)}`, () =>
      told().some((one) => expect.objectContaining(data).asymmetricMatch(one.data)),
    )
    expect(told().map((one) => one.data)).toContainEqual(data)
  }
})
