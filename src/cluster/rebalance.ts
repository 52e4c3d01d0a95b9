import { createLimiter } from '../lib/flow/limiter.ts'
import type { Logger } from '../lib/process/logger.ts'
import type { HandOverHooks } from './ownership.ts'

export interface HandOverParts {
  log: Logger
  hooks?: HandOverHooks
  /** Closes a session without unlinking it. */
  close(userId: string): Promise<void>
  release(userId: string): Promise<void>
  /** Opens a session again that could not be released. */
  reopen(userId: string): Promise<void>
}

/** Sessions closed at the same time when a node stops. */
const TOGETHER = 20
/** Sessions given away at once by a node that goes on: each is away from WhatsApp for a moment. */
const MOVES_AT_ONCE = 5
/** Nodes of almost the same size leave it at that. */
const TOLERANCE = 0.1
/** So long there must be too many: nodes that come and go shortly after each other move nothing. */
const PATIENCE_MS = 2_000

/** Gives sessions to other nodes: closes them, lets go of them, and whoever has room takes them. */
export class Rebalancer {
  readonly #parts: HandOverParts
  readonly #moving = new Map<string, Promise<void>>()
  #tooManySince: number | undefined

  constructor(parts: HandOverParts) {
    this.#parts = parts
  }

  isMoving(userId: string): boolean {
    return this.#moving.has(userId)
  }

  /** Gives away some of the sessions above the share of this node, in the background. */
  shed(movable: string[], { owned, share }: { owned: number; share: number }): void {
    const surplus = owned - this.#moving.size - share
    if (surplus <= 0) this.#tooManySince = undefined
    else if (this.#tooManySince !== undefined || surplus > share * TOLERANCE) {
      this.#tooManySince ??= performance.now()
      if (performance.now() - this.#tooManySince < PATIENCE_MS) return
      const room = Math.min(surplus, MOVES_AT_ONCE - this.#moving.size)
      const chosen = movable.filter((userId) => !this.#moving.has(userId)).slice(0, Math.max(room, 0))
      for (const userId of chosen) void this.#move(userId)
    }
  }

  /** Gives all of them away; resolves when they are closed and free. */
  async all(userIds: string[]): Promise<void> {
    const places = createLimiter(TOGETHER)
    await Promise.all(
      userIds.map(async (userId) => {
        const leave = await places.acquire()
        await this.#move(userId, { isLast: true }).finally(leave)
      }),
    )
  }

  #move(userId: string, { isLast = false } = {}): Promise<void> {
    const work =
      this.#moving.get(userId) ?? this.#close(userId, isLast).finally(() => this.#moving.delete(userId))
    this.#moving.set(userId, work)
    return work
  }

  async #close(userId: string, isLast: boolean): Promise<void> {
    const { log, hooks, close, release, reopen } = this.#parts
    try {
      await hooks?.before(userId)
      await close(userId)
      await release(userId)
    } catch (error) {
      log.warn({ err: error, session: userId }, 'a session could not be handed over')
      if (!isLast) await reopen(userId).catch(() => {})
    } finally {
      hooks?.after(userId)
    }
  }
}
