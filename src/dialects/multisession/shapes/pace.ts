import { setTimeout as delay } from 'node:timers/promises'
import type { UserScope } from '../../../operations/services.ts'
import type { LiveSession } from '../../../whatsapp/session/session.ts'

/** A random number of milliseconds. */
export function between(least: number, most: number, random = Math.random): number {
  return Math.round(least + Math.max(0, most - least) * random())
}

/** When the next message of a session may go, unix milliseconds, if it went without a burst. */
const due = new WeakMap<LiveSession, number>()

/** Waits until the limit of messages, if there is one, lets the next message of a device go. */
export async function waitTurn({ user, services }: UserScope, now = Date.now()): Promise<void> {
  const { config, sessions } = services
  if (!config.messageLimit) return
  const session = sessions.live(user.id)
  const stepMs = 60_000 / config.messagesPerMinute
  const turn = Math.max(due.get(session) ?? 0, now)
  due.set(session, turn + stepMs)
  const waitMs = turn - now - (config.messageBurst - 1) * stepMs
  if (waitMs > 0) await delay(waitMs)
}
