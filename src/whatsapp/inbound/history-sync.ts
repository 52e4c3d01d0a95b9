import type { Event } from '../../events/event.ts'
import { backoffMs } from '../../lib/flow/backoff.ts'
import { derivedId } from '../../lib/ids.ts'
import type { Logger } from '../../lib/process/logger.ts'
import type { Secrets } from '../../lib/secrets/secrets.ts'
import type { Database, Transaction } from '../../store/database/database.ts'
import { keepChatTimers } from '../../store/messages/chat-timers.ts'
import {
  nextPendingHistory,
  type PendingHistory,
  postponePendingHistory,
  removePendingHistory,
  takePendingHistory,
} from '../../store/messages/history-syncs.ts'
import type { InboxScope } from '../../store/messages/inbox.ts'
import { proto } from '../library/engine.ts'
import type { Me } from '../wire/node.ts'
import { timersInHistory } from './chat-timers.ts'
import { addSynced } from './message-history.ts'
import { historySyncEvents } from './parse/history.ts'
import { keepSynced } from './synced-messages.ts'

export interface HistorySyncDeps {
  db: Database
  secrets: Secrets
  log: Logger
  /** Whose histories are this node's business; everybody's when absent. */
  scope?: () => InboxScope
  identity(userId: string): Promise<Me>
  /** Fetches and decodes what a notification announces. */
  download(
    notification: proto.Message.IHistorySyncNotification,
    from: { userId: string; signal: AbortSignal },
  ): Promise<proto.HistorySync>
  /** Lets the session learn who is who; must not throw. */
  learn(
    userId: string,
    part: { notification: proto.Message.IHistorySyncNotification; history: proto.HistorySync },
  ): Promise<void>
  record(userId: string, events: Event[], options: { trx: Transaction; ids: string[] }): Promise<void>
  /** How long to wait after the first failure of a part; doubles up to an hour. */
  firstRetryMs?: number
}

export interface HistorySync {
  /** Says that something may have been announced. */
  nudge(): void
  /** Breaks off the part at work, which stays announced, and stops. */
  stop(): Promise<void>
}

const ATTEMPTS = 12
const HOUR_MS = 3600 * 1000
// Longer than any download takes; after that the process that took a part up must be gone.
const LEASE_MS = 15 * 60 * 1000
const PAUSE_AFTER_FAULT_MS = 10_000
// What is due may change without a word: the clock is set back, and waits are counted anew.
const LONGEST_REST_MS = 60_000

/**
 * Fetches the announced parts of phones' histories, one at a time in the whole process: a part is up to a hundred
 * megabytes in memory, and a hundred sessions can be linked at once. An announcement is ticked off in the transaction
 * that records its event.
 */
export function startHistorySync(deps: HistorySyncDeps): HistorySync {
  const { db, secrets, log } = deps
  const stopping = new AbortController()
  const { signal } = stopping
  let wake: () => void = () => {}
  let hasWork = true
  const loop = run()

  return {
    nudge() {
      hasWork = true
      wake()
    },
    async stop() {
      stopping.abort()
      wake()
      await loop
    },
  }

  async function run(): Promise<void> {
    while (!signal.aborted) {
      hasWork = false
      const pauseMs = await handleDue().catch((error: unknown) => {
        log.error({ err: error }, 'announced history could not be looked up')
        return PAUSE_AFTER_FAULT_MS
      })
      if (!hasWork && !signal.aborted) await sleep(pauseMs)
    }
  }

  /** Handles what is due; resolves with the milliseconds until the next part is. */
  async function handleDue(): Promise<number> {
    while (!signal.aborted) {
      const now = Date.now()
      const part = await takePendingHistory(db, secrets, {
        now,
        leaseUntil: now + LEASE_MS,
        ...deps.scope?.(),
      })
      if (!part) break
      await handle(part)
    }
    const next = await nextPendingHistory(db, deps.scope?.())
    return next === undefined ? LONGEST_REST_MS : Math.max(next - Date.now(), 0)
  }

  function sleep(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, Math.min(ms, LONGEST_REST_MS)).unref()
      wake = () => {
        clearTimeout(timer)
        resolve()
      }
    })
  }

  async function handle(part: PendingHistory): Promise<void> {
    const { userId, messageId, attempts } = part
    try {
      await record(part)
    } catch (error) {
      if (signal.aborted) return postponePendingHistory(db, part.seq, { now: Date.now(), delayMs: 0 })
      if (attempts >= ATTEMPTS) {
        log.error({ err: error, session: userId, id: messageId }, 'a part of the history is given up')
        return removePendingHistory(db, part.seq)
      }
      log.warn(
        { err: error, session: userId, id: messageId, attempts },
        'a part of the history could not be had',
      )
      const delayMs = backoffMs(attempts, { firstMs: deps.firstRetryMs ?? 5_000, maxMs: HOUR_MS })
      await postponePendingHistory(db, part.seq, { now: Date.now(), delayMs })
    }
  }

  async function record({ seq, userId, messageId, notification }: PendingHistory): Promise<void> {
    const announced = proto.Message.HistorySyncNotification.decode(notification)
    const history = await deps.download(announced, { userId, signal })
    const me = await deps.identity(userId)
    await db.transaction(async (trx) => {
      const events = historySyncEvents(history, announced)
      await deps.record(userId, events, { trx, ids: [derivedId('history', messageId)] })
      await addSynced(trx, userId, history, me)
      await keepSynced(trx, userId, history, me)
      await keepChatTimers(trx, timersInHistory(userId, history))
      await removePendingHistory(trx, seq)
    })
    await deps.learn(userId, { notification: announced, history })
  }
}
