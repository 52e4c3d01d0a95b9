import { expect, onTestFinished, test } from 'vitest'
import { MoodyReceiver } from '../moody-receiver.ts'
import type { Flight } from './lag.ts'
import { judgeWitnesses } from './witness-verdict.ts'

const START = 1_000_000
const uptimes = [{ from: START, until: START + 60_000 }]

test('webhooks that take more than twice as long as in the quiet are a problem', async () => {
  const figures = judgeWitnesses(await evidence({ quiet: flights(150), suffering: flights(301) }), uptimes)

  expect(figures).toMatchObject({ quiet: { p99Ms: 150 }, suffering: { p99Ms: 301 }, limitMs: 300 })
  expect(figures.tooSlow).toEqual(['the webhooks of witnesses took 301 ms (p99), more than 300 ms'])
})

test('a quiet that was very quick counts as a tenth of a second', async () => {
  const figures = judgeWitnesses(await evidence({ quiet: flights(5), suffering: flights(199) }), uptimes)

  expect(figures).toMatchObject({ limitMs: 200, tooSlow: [] })
})

test('slow webhooks are only told where they are not to be judged', async () => {
  const given = await evidence({ quiet: flights(5), suffering: flights(5_000) })

  const figures = judgeWitnesses({ ...given, judgesLatency: false }, uptimes)

  expect(figures).toMatchObject({ suffering: { p99Ms: 5_000 }, tooSlow: [] })
})

test('messages around a kill are left out, and those before it count however late they come', async () => {
  const killed = [
    { from: START, until: START + 10_000 },
    { from: START + 12_000, until: Number.POSITIVE_INFINITY },
  ]
  const suffering = [1_000, 8_000, 9_500, 11_000, 14_000, 16_000].map((afterMs) => ({
    sentAt: START + afterMs,
    arrivedAt: START + 20_000,
  }))

  const figures = judgeWitnesses(await evidence({ quiet: flights(5), suffering }), killed)

  expect(figures).toMatchObject({ suffering: { count: 2, p50Ms: 4_000, p99Ms: 12_000 }, leftOut: 4 })
})

test('a message that never arrived is as late as it can be', async () => {
  const never = [{ sentAt: START + 5_000, arrivedAt: undefined }]

  const figures = judgeWitnesses(await evidence({ quiet: flights(5), suffering: never }), uptimes)

  expect(figures.suffering.p99Ms).toBeGreaterThan(1_000_000)
  expect(figures.tooSlow).toHaveLength(1)
})

/** A hundred messages, all of which took so long. */
function flights(lagMs: number): Flight[] {
  return Array.from({ length: 100 }, (_, n) => {
    const sentAt = START + 5_000 + 10 * n
    return { sentAt, arrivedAt: sentAt + lagMs }
  })
}

async function evidence({ quiet, suffering }: { quiet: Flight[]; suffering: Flight[] }) {
  const receiver = await MoodyReceiver.start({ timeoutMs: 1_000 })
  onTestFinished(() => receiver.stop())
  return { receiver, texts: [], quiet, suffering, judgesLatency: true }
}
