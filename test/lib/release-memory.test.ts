import { getHeapSpaceStatistics } from 'node:v8'
import { expect, onTestFinished, test } from 'vitest'
import { releaseMemory } from '../../src/lib/process/release-memory.ts'
import { temporaryDatabase } from '../helpers/database.ts'
import { freePort } from '../helpers/free-port.ts'
import { startServer, terminate } from '../helpers/server-process.ts'
import { until } from '../load/client.ts'

const MB = 1024 * 1024

function newSpaceBytes(): number {
  return getHeapSpaceStatistics().find(({ space_name: name }) => name === 'new_space')?.space_size ?? 0
}

/** Makes objects that live for a moment, as a start does. */
function churn(): void {
  let living: object[] = []
  for (let n = 0; n < 3_000_000; n++) {
    if (n % 200_000 === 0) living = []
    living.push({ n, text: `text ${n}` })
  }
}

test('what nobody refers to is collected, and the space for new objects becomes small again', async () => {
  churn()
  const before = { heap: process.memoryUsage().heapUsed, newSpace: newSpaceBytes() }

  await releaseMemory()

  expect(before.newSpace).toBeGreaterThan(4 * MB)
  expect(newSpaceBytes()).toBeLessThanOrEqual(4 * MB)
  expect(process.memoryUsage().heapUsed).toBeLessThan(before.heap)
})

test('a server does so in the first quiet moment after its start', async () => {
  const database = await temporaryDatabase('sqlite')
  onTestFinished(() => database.close())
  let output = ''
  const server = await startServer({
    port: await freePort(),
    network: 'live',
    adminToken: 'release-memory',
    database: database.config,
    env: { LOG_LEVEL: 'debug' },
    onOutput: (text) => {
      output += text
    },
  })
  onTestFinished(async () => void (await terminate(server)))

  await until('memory to be released', async () => output.includes('"released memory"'))

  const line = output.split('\n').find((text) => text.includes('"released memory"')) ?? ''
  const { fromBytes, toBytes } = JSON.parse(line) as { fromBytes: number; toBytes: number }
  expect(toBytes).toBeLessThan(fromBytes)
})
