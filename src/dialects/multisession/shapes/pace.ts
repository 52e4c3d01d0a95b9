import { setTimeout as delay } from 'node:timers/promises'
import { ApiError } from '../../../lib/errors.ts'
import type { UserScope } from '../../../operations/services.ts'
import type { LiveSession } from '../../../whatsapp/session/session.ts'

/** A random number of milliseconds. */
export function between(least: number, most: number, random = Math.random): number {
  return Math.round(least + Math.max(0, most - least) * random())
}

/** Nobody waits longer. */
const LONGEST_WAIT_MS = 30_000

/** When the next message of a session may go, unix milliseconds, if there were no burst. */
const due = new WeakMap<LiveSession, number>()

/**
 * Waits until the limit of messages, if there is one, lets the next message of a device go. Throws `rate_limited` when that
 * is too long to wait.
 */
export async function waitTurn({ user, services }: UserScope, now = Date.now()): Promise<void> {
  const { config, sessions } = services
  if (!config.messageLimit) return
  const session = sessions.live(user.id)
  const stepMs = 60_000 / config.messagesPerMinute
  const turn = Math.max(due.get(session) ?? 0, now)
  const waitMs = turn - now - (config.messageBurst - 1) * stepMs
  if (waitMs > LONGEST_WAIT_MS)
    throw new ApiError('rate_limited', { retryAfterSeconds: Math.ceil(waitMs / 1000) })
  due.set(session, turn + stepMs)
  if (waitMs > 0) await delay(waitMs)
}
