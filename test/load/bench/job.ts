import { setTimeout as delay } from 'node:timers/promises'
import { cpuMs } from '../cpu.ts'
import { spread } from '../stats.ts'
import { Connection, Connections } from './connection.ts'
import { jsonRequest, statusOf } from './http-reader.ts'
import type { Receiver } from './receiver.ts'

/** What a job is done with, in the process that puts the load on. */
export interface Bench {
  receiver: Receiver
}

/** A server under test, or several that share their sessions. */
export interface Target {
  /** A request of session number n goes to port number n, beginning anew behind the last. */
  ports: number[]
  /** Whose CPU time counts. */
  pids: number[]
  sessions: Session[]
}

export interface Session {
  token: string
  phone: string
}

/** Figures of one run, by name; rates are per second, times in milliseconds. `failed` is what did not succeed. */
export type Result = Record<string, number> & { failed: number }

/** Contacts do nothing else meanwhile, so a few are enough for as many as are asked at the same time. */
const AT_ONCE = 8
const TEXT = 'a text of ordinary length, like people write them'

/** CPU time of processes so far, in milliseconds, all threads. */
export function cpuOf(pids: number[]): number {
  return pids.reduce((sum, pid) => sum + cpuMs(pid), 0)
}

/** The bytes of a request that sends a text. */
export function textRequest({ token }: Session, phone: string, text = TEXT): string {
  return jsonRequest('/chat/send/text', { Phone: phone, Body: text }, { token })
}

/** The bytes of a request that makes a contact of the simulated network write. */
export function contactRequest(contact: string, to: string, text: string): string {
  return jsonRequest(`/sandbox/contacts/${contact}/send`, { to, text })
}

/** The element of that number in a list that begins anew behind its end. */
export function nth<Item>(items: Item[], number: number): Item {
  const item = items[number % items.length]
  if (item === undefined) throw new Error('the list is empty')
  return item
}

/** Sends one text after the other from each session, over a connection each; calls `onAnswer` for each. */
export async function sendInTurns(
  { ports, sessions }: Target,
  { contacts, until }: { contacts: string[]; until: (sent: number) => boolean },
  onAnswer: (durationMs: number, isSuccess: boolean) => void,
): Promise<void> {
  await Promise.all(
    sessions.map(async (session, index) => {
      const connection = new Connection(nth(ports, index))
      const requests = contacts.map((contact) => textRequest(session, contact))
      try {
        for (let sent = 0; !until(sent); sent++) {
          const begun = performance.now()
          const isSuccess = await connection.request(nth(requests, index + sent)).then(
            (answer) => statusOf(answer) === 200,
            () => false,
          )
          onAnswer(performance.now() - begun, isSuccess)
        }
      } finally {
        connection.close()
      }
    }),
  )
}

/** Does something at a steady pace, however long each takes; each is told when it was due. */
export async function atPace(
  { perSecond, count }: { perSecond: number; count: number },
  work: (number: number, due: number) => Promise<void>,
): Promise<void> {
  const begun = performance.now()
  const pending: Promise<void>[] = []
  for (let number = 0; number < count; number++) {
    const due = begun + (number * 1_000) / perSecond
    await delay(Math.max(0, due - performance.now()))
    pending.push(work(number, due))
  }
  await Promise.all(pending)
}

/** Lets contacts write `count` messages as fast as the network takes them; the message's number says who and to whom. */
export async function contactsWrite(
  control: number,
  count: number,
  requestOf: (number: number) => string,
): Promise<void> {
  const connections = new Connections(control)
  let next = 0
  try {
    await Promise.all(
      Array.from({ length: AT_ONCE }, async () => {
        while (next < count) {
          const answer = await connections.request(requestOf(next++))
          if (statusOf(answer) !== 200) throw new Error(`a contact could not write: ${answer.body}`)
        }
      }),
    )
  } finally {
    connections.close()
  }
}

/** Median and 99th percentile under the names that results have. */
export function spreadOf(durationsMs: number[]): { p50: number; p99: number } {
  const { p50Ms: p50, p99Ms: p99 } = spread(durationsMs)
  return { p50, p99 }
}
