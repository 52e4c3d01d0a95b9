import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface, type Interface } from 'node:readline'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { fileProfile, messageIn } from '../helpers/file-webhook.ts'
import { type OutboxBench, outboxBench } from '../helpers/outbox.ts'
import { kill } from '../helpers/server-process.ts'

// A busy machine may need longer than the default second.
const patient = { timeout: 60_000 }
const MEGABYTE = 1024 * 1024

interface Arrival {
  id: string
  sizeBytes: number
  isWhole: boolean
}

let bench: OutboxBench
let folder: string
let server: Server
/** What arrived, counted and not kept. */
let arrivals: Arrival[]
/** Whether nothing is read of what comes. */
let isStuck: boolean
let forwarders: ChildProcess[]

beforeEach(async () => {
  bench = await outboxBench('sqlite', {}, [fileProfile])
  folder = await mkdtemp(join(tmpdir(), 'forwarder-'))
  arrivals = []
  isStuck = false
  forwarders = []
  server = createServer((request, response) => {
    const arrival = { id: String(request.headers['webhook-id']), sizeBytes: 0, isWhole: false }
    arrivals.push(arrival)
    // The sender gets no further than the systems between them hold.
    if (isStuck) return
    request.on('data', (piece: Buffer) => {
      arrival.sizeBytes += piece.length
    })
    request.on('end', () => {
      arrival.isWhole = arrival.sizeBytes === Number(request.headers['content-length'])
      response.end('ok')
    })
    request.on('error', () => {})
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
})
afterEach(async () => {
  await Promise.all(forwarders.map(kill))
  server.closeAllConnections()
  await new Promise((resolve) => server.close(resolve))
  await bench.close()
  await rm(folder, { recursive: true })
})

const url = () => `http://127.0.0.1:${(server.address() as AddressInfo).port}/`

/** Starts the program that delivers; resolves when it has begun. */
async function forwarder(megabytes: number): Promise<{ child: ChildProcess; lines: Interface }> {
  const { dataDir } = bench.database.config
  const program = ['--expose-gc', '--import', 'tsx', 'test/helpers/file-forwarder.ts']
  const child = spawn(process.execPath, [...program, dataDir, String(megabytes), folder], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  forwarders.push(child)
  const lines = createInterface({ input: child.stdout })
  await once(lines, 'line')
  return { child, lines }
}

test('a file of 100 MB is sent in less than 40 MB of memory', async () => {
  const user = await bench.addUser({ webhook: url() })
  const { child, lines } = await forwarder(100)
  // What is loaded and compiled for the first delivery stays.
  await bench.bus.record(user.id, [messageIn('text', 'M1')])
  await expect.poll(() => arrivals[0]?.isWhole, patient).toBe(true)
  child.stdin?.write('idle\n')
  await once(lines, 'line')

  await bench.bus.record(user.id, [messageIn('file', 'M2')])
  await expect.poll(() => arrivals[1]?.isWhole, patient).toBe(true)
  child.stdin?.write('end\n')
  const [line] = await once(lines, 'line')

  expect(arrivals[1]?.sizeBytes).toBeGreaterThan(100 * MEGABYTE)
  const { idle, peak } = JSON.parse(String(line))
  expect((peak - idle) / MEGABYTE).toBeLessThan(40)
})

test('what a process was sending when it was killed is sent by the next one, and nothing is left behind', async () => {
  const user = await bench.addUser({ webhook: url() })
  isStuck = true
  await bench.bus.record(user.id, [messageIn('file', 'M1')])
  const { child } = await forwarder(50)
  await expect.poll(() => arrivals.length, patient).toBe(1)

  await kill(child)
  isStuck = false
  const [left] = await readdir(folder)
  const next = await forwarder(50)

  await expect.poll(() => arrivals[1]?.isWhole, patient).toBe(true)
  expect(arrivals[0]?.isWhole).toBe(false)
  expect(arrivals[1]?.id).toBe(arrivals[0]?.id)
  expect(await readdir(folder)).not.toContain(left)
  next.child.stdin?.write('end\n')
  await once(next.child, 'exit')
  expect(await readdir(folder)).toEqual([])
})
