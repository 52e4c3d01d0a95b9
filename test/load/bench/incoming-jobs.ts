import { kill } from 'node:process'
import { setTimeout as delay } from 'node:timers/promises'
import { cpuMs } from '../cpu.ts'
import { Connections } from './connection.ts'
import {
  atPace,
  type Bench,
  contactRequest,
  contactsWrite,
  cpuOf,
  nth,
  type Result,
  spreadOf,
  type Target,
} from './job.ts'
import type { Receiver } from './receiver.ts'

/** So long nothing may arrive before the rest counts as lost. */
const PATIENCE_MS = 10_000
/** The same while the simulated network is stopped: its silence may end connections. */
const UNAIDED_MS = 3_000
/** A process that has used no CPU for so long has nothing left to do. */
const REST_MS = 150
const REST_LIMIT_MS = 20_000

interface IncomingOptions {
  target: Target
  /** Port of the simulated network's controls. */
  control: number
  contacts: string[]
}

interface FloodOptions extends IncomingOptions {
  count: number
}

/** Every contact writes to its own session, as fast as the network takes it. */
export async function flood({ receiver }: Bench, options: FloodOptions): Promise<Result> {
  const { target, control, count } = options
  receiver.begin()
  const cpu = cpuOf(target.pids)
  const begun = performance.now()
  await contactsWrite(control, count, requests(receiver, options))
  await receiver.all(count, PATIENCE_MS)
  return rates(receiver, { count, begun, cpu: cpuOf(target.pids) - cpu })
}

/**
 * Stops the server while messages pile up, then stops the network, so that the server has them all before it and both
 * cores for itself, and lets it go on. Messages that need the network meanwhile count as failed.
 */
export async function backlog(
  { receiver }: Bench,
  options: FloodOptions & { sandbox: number },
): Promise<Result> {
  const { target, control, count, sandbox } = options
  receiver.begin()
  try {
    for (const pid of target.pids) kill(pid, 'SIGSTOP')
    await contactsWrite(control, count, requests(receiver, options))
    await rest(sandbox)
    kill(sandbox, 'SIGSTOP')
    const cpu = cpuOf(target.pids)
    const begun = performance.now()
    for (const pid of target.pids) kill(pid, 'SIGCONT')
    await receiver.all(count, UNAIDED_MS)
    return rates(receiver, { count, begun, cpu: cpuOf(target.pids) - cpu })
  } finally {
    for (const pid of [...target.pids, sandbox]) kill(pid, 'SIGCONT')
    // What it has to say to the network again comes after the figures.
    await rest(sandbox)
  }
}

/** Single messages at a steady pace, to one session after the other: how late each is at the receiver, and its cost. */
export async function single(
  { receiver }: Bench,
  { target, control, contacts, perSecond, count }: IncomingOptions & { perSecond: number; count: number },
): Promise<Result> {
  receiver.begin()
  const connections = new Connections(control)
  const requestOf = requests(receiver, { target, contacts })
  const sent: number[] = []
  const cpu = cpuOf(target.pids)
  await atPace({ perSecond, count }, async (number) => {
    sent[number] = performance.now()
    await connections.request(requestOf(number))
  })
  await receiver.all(count, PATIENCE_MS)
  const used = cpuOf(target.pids) - cpu
  connections.close()
  const lags = [...receiver.arrivals].map(([number, at]) => at - (sent[number] ?? Number.NaN))
  return { ...spreadOf(lags), cpu: used / count, failed: count - lags.length }
}

/** One message to the first session; resolves when it is at the receiver, with whether it has come there. */
export async function one(
  { receiver }: Bench,
  { target, control, contacts }: IncomingOptions,
): Promise<{ failed: number }> {
  receiver.begin()
  await contactsWrite(control, 1, requests(receiver, { target, contacts }))
  await receiver.all(1, PATIENCE_MS)
  return { failed: 1 - receiver.arrivals.size }
}

function requests(
  receiver: Receiver,
  { target, contacts }: Pick<IncomingOptions, 'target' | 'contacts'>,
): (number: number) => string {
  const { sessions } = target
  return (number) => {
    const index = number % sessions.length
    return contactRequest(nth(contacts, index), nth(sessions, index).phone, `${receiver.markOf(number)} in`)
  }
}

function rates(
  receiver: Receiver,
  { count, begun, cpu }: { count: number; begun: number; cpu: number },
): Result {
  const arrived = receiver.arrivals.size
  return {
    perSecond: arrived / ((receiver.lastAt - begun) / 1_000),
    cpu: cpu / arrived,
    failed: count - arrived,
  }
}

async function rest(pid: number): Promise<void> {
  const deadline = performance.now() + REST_LIMIT_MS
  for (let before = -1, now = cpuMs(pid); now !== before && performance.now() < deadline; now = cpuMs(pid)) {
    before = now
    await delay(REST_MS)
  }
}
