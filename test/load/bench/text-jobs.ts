import { setTimeout as delay } from 'node:timers/promises'
import { Connections } from './connection.ts'
import { statusOf } from './http-reader.ts'
import {
  atPace,
  type Bench,
  cpuOf,
  nth,
  type Result,
  sendInTurns,
  spreadOf,
  type Target,
  textRequest,
} from './job.ts'

/** Receipts come soon after their text, but not on a machine that is busy; what they cost belongs to the text. */
const QUIET_MS = 1_000
const ANSWER_MS = 10_000

interface TextOptions {
  target: Target
  contacts: string[]
  seconds: number
}

/**
 * Sends texts as fast as they are answered, each session one after the other. CPU counts until the last webhook about
 * them, so that a user who is told of receipts pays for them.
 */
export async function texts(
  { receiver }: Bench,
  { target, contacts, seconds }: TextOptions,
): Promise<Result & { perSecond: number }> {
  await sendInTurns(target, { contacts, until: (sent) => sent >= contacts.length }, () => {})
  await receiver.quiet(QUIET_MS)
  receiver.begin()
  const durations: number[] = []
  let failed = 0
  const cpu = cpuOf(target.pids)
  const begun = performance.now()
  const end = begun + seconds * 1_000
  await sendInTurns(target, { contacts, until: () => performance.now() >= end }, (ms, isSuccess) => {
    if (isSuccess) durations.push(ms)
    else failed++
  })
  const elapsed = (performance.now() - begun) / 1_000
  await receiver.quiet(QUIET_MS)
  return {
    perSecond: durations.length / elapsed,
    ...spreadOf(durations),
    cpu: (cpuOf(target.pids) - cpu) / durations.length,
    hooks: receiver.hooks / durations.length,
    failed,
  }
}

/** Sends texts at a steady pace, one session after the other. Latency counts from when a text was due. */
export async function steady(
  _bench: Bench,
  { target, contacts, seconds, perSecond }: TextOptions & { perSecond: number },
): Promise<Result> {
  const connections = target.ports.map((port) => new Connections(port))
  const durations: number[] = []
  const count = Math.round(perSecond * seconds)
  const send = async (number: number, due: number) => {
    const request = textRequest(nth(target.sessions, number), nth(contacts, number))
    const answer = await nth(connections, number)
      .request(request)
      .catch(() => undefined)
    if (answer && statusOf(answer) === 200) durations.push(performance.now() - due)
  }
  // After a pause nothing of a session is in memory, and a connection has to be made.
  await atPace({ perSecond, count: 2 * target.sessions.length }, send)
  await delay(QUIET_MS)
  durations.length = 0
  const cpu = cpuOf(target.pids)
  await atPace({ perSecond, count }, send)
  const used = cpuOf(target.pids) - cpu
  for (const some of connections) some.close()
  return { ...spreadOf(durations), cpu: used / durations.length, failed: count - durations.length }
}

/**
 * Every session has a chat in which the next text follows the answer to the one before, so that each message changes the
 * direction and its sender makes new keys. A turn lasts from the request to the webhook about the answer.
 */
export async function pingPong(
  { receiver }: Bench,
  { target, contacts, seconds }: TextOptions,
): Promise<Result> {
  receiver.begin()
  const connections = target.ports.map((port) => new Connections(port))
  const durations: number[] = []
  let number = 0
  let failed = 0
  const turn = async (index: number) => {
    const begun = performance.now()
    const mine = number++
    const answered = receiver.arrived(mine, ANSWER_MS)
    const session = nth(target.sessions, index)
    const answer = await nth(connections, index).request(
      textRequest(session, nth(contacts, index), receiver.markOf(mine)),
    )
    if (statusOf(answer) === 200 && (await answered)) durations.push(performance.now() - begun)
    else failed++
  }
  const all = (work: (index: number) => Promise<void>) =>
    Promise.all(target.sessions.map((_, index) => work(index)))
  try {
    await all(turn)
    durations.length = 0
    const cpu = cpuOf(target.pids)
    const begun = performance.now()
    await all(async (index) => {
      while (performance.now() < begun + seconds * 1_000) await turn(index)
    })
    const perSecond = durations.length / ((performance.now() - begun) / 1_000)
    const used = cpuOf(target.pids) - cpu
    return { perSecond, ...spreadOf(durations), cpu: used / durations.length, failed }
  } finally {
    for (const some of connections) some.close()
  }
}
