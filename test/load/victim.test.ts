import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { startProgram } from './processes.ts'
import { Victim } from './victim.ts'

test('a server that ends by itself is a death, and one that was killed is none', async () => {
  const ready = await readyPage()
  // Ends by itself when it is told to, as a crash would end it.
  const program =
    'process.on("SIGUSR2", () => { console.log("out of order"); process.exit(3) }); setInterval(() => {}, 1000)'
  const pids: number[] = []
  const victim = await Victim.start(async () => {
    const running = await startProgram(['-e', program], { ready })
    pids.push(running.pid)
    return running
  })
  onTestFinished(() => victim.stop())

  await victim.restart()
  expect(victim).toMatchObject({ deaths: [], kills: 1, uptimes: [{}, { until: Number.POSITIVE_INFINITY }] })

  // The page is not the program's, so the program may not be listening for the signal yet.
  await expect
    .poll(() => {
      if (victim.deaths.length === 0) process.kill(pids.at(-1) ?? 0, 'SIGUSR2')
      return victim.deaths
    })
    .toHaveLength(1)
  await expect.poll(() => victim.uptimes).toHaveLength(3)
  expect(victim.kills).toBe(1)
})

async function readyPage(): Promise<string> {
  const page = createServer((_, response) => response.end())
  await new Promise<void>((resolve) => page.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void page.close())
  // A listening TCP server has an address object.
  return `http://127.0.0.1:${(page.address() as AddressInfo).port}`
}
