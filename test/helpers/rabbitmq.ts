import { spawn } from 'node:child_process'
import { access, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { Connection } from 'rabbitmq-client'
import { freePort } from './free-port.ts'

const localBroker = 'amqp://guest:guest@127.0.0.1:5672'
// Debian's own program beside it insists on a system account and on the system's folders.
const program = '/usr/lib/rabbitmq/bin/rabbitmq-server'

/** What the test processes of a run must know to share a broker. */
export interface BrokerPlace {
  url: string
  /** Where the broker is started by the first test that needs it; absent when one is running already. */
  directory?: string
}

/** The broker named by PARLEY_TEST_AMQP, else the one on the usual port, else a place for one of this run. */
export async function findBroker(): Promise<BrokerPlace> {
  const configured = process.env.PARLEY_TEST_AMQP
  if (configured) return { url: configured }
  if (await answers(localBroker)) return { url: localBroker }
  return {
    url: `amqp://guest:guest@127.0.0.1:${await freePort()}`,
    directory: await mkdtemp(join(tmpdir(), 'parley-rabbitmq-')),
  }
}

/** Address of a broker that answers; starts the one of this run if need be. */
export async function brokerUrl(): Promise<string> {
  const { PARLEY_TEST_BROKER: place } = process.env
  if (!place) throw new Error('test/helpers/global-setup.ts has not run')
  const { url, directory }: BrokerPlace = JSON.parse(place)
  if (directory) await startOnce(url, directory)
  for (let attempt = 0; !(await answers(url)); attempt++) {
    if (attempt > 300) throw new Error('RabbitMQ did not start')
    await sleep(200)
  }
  return url
}

/** Ends the broker of this run, if a test has started it. */
export async function endBroker({ directory }: BrokerPlace): Promise<void> {
  if (!directory) return
  const pid = await readFile(join(directory, 'pid'), 'utf8').catch(() => undefined)
  // The broker is the leader of its own group of processes.
  if (pid) process.kill(-Number(pid), 'SIGKILL')
  await rm(directory, { recursive: true, force: true, maxRetries: 5 })
}

async function startOnce(url: string, directory: string): Promise<void> {
  await access(program).catch(() => {
    throw new Error(
      'RabbitMQ is not installed; .ci/run installs it (Debian: apt-get install rabbitmq-server)',
    )
  })
  // Whoever makes the folder starts the broker; everybody else waits until it answers.
  const isFirst = await mkdir(join(directory, 'home')).then(
    () => true,
    () => false,
  )
  if (!isFirst) return
  const child = spawn(program, {
    cwd: directory,
    detached: true,
    stdio: 'ignore',
    env: {
      PATH: process.env.PATH,
      HOME: join(directory, 'home'),
      RABBITMQ_NODENAME: `parley_test_${process.pid}@localhost`,
      RABBITMQ_NODE_IP_ADDRESS: '127.0.0.1',
      RABBITMQ_NODE_PORT: new URL(url).port,
      RABBITMQ_DIST_PORT: String(await freePort()),
      RABBITMQ_MNESIA_BASE: join(directory, 'data'),
      RABBITMQ_LOG_BASE: join(directory, 'log'),
      RABBITMQ_ENABLED_PLUGINS_FILE: join(directory, 'plugins'),
      RABBITMQ_CONFIG_FILE: join(directory, 'config'),
    },
  })
  child.unref()
  await writeFile(join(directory, 'pid'), String(child.pid))
}

async function answers(url: string): Promise<boolean> {
  const connection = new Connection({ url, connectionTimeout: 2_000 })
  // Why it does not answer makes no difference.
  connection.on('error', () => {})
  try {
    await connection.onConnect(2_000, true)
    return true
  } catch {
    return false
  } finally {
    connection.unsafeDestroy()
  }
}
