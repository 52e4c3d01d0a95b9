import type { Config } from '../config/config.ts'
import type { Event } from '../events/event.ts'
import { FairPlaces } from '../lib/flow/fair-places.ts'
import { withDeadline } from '../lib/flow/with-timeout.ts'
import type { Logger } from '../lib/process/logger.ts'
import type { User } from '../store/users/users.ts'
import type { RenderedMedia } from './renderer.ts'

/**
 * The file of an event; undefined when there is none, or it cannot be had. Throws when it may be there later. Settles
 * soon after `signal` aborts, with what there is by then.
 */
export type MediaOf = (event: Event, user: User, signal?: AbortSignal) => Promise<RenderedMedia | undefined>

/** An event whose delivery carries a file. */
export interface FileWish {
  event: Event
  user: User
}

/** What came of a preparation. */
export type Prepared = { kind: 'ready'; media?: RenderedMedia } | { kind: 'failed'; answer: string }

export interface PreparationDeps {
  log: Logger
  config: Pick<Config, 'mediaTimeoutMs'>
  mediaOf?: MediaOf
}

/** How many files are prepared at once, all in all and of one user; each may be in memory as a whole. */
const FILES = 64
const FILES_PER_USER = 4
/** Users whose last file took longer share half of these. */
const SLOW_MS = 5_000
/** Lanes that wait for their turn, too: of one user, of all, and what everybody has whatever others have. */
const LANES_PER_USER = 64
const LANES = 1_024
const LANES_FOR_ANYBODY = 2
/** How often the time for a file a lane waits for its turn, before its event goes out without. */
const PATIENCE = 2
/** When lanes beyond these come back: not before, and so far apart, all users taken together. */
const ASIDE_MS = 2_000
const APART_MS = 10

/**
 * Fetches the files of events before their deliveries take a place among the requests: whatever a bucket or a media
 * server does, it costs the time of this user's files and of nothing else. Everything in here is a cache: after a crash
 * a delivery is prepared again.
 */
export class Preparation {
  readonly #deps: PreparationDeps
  readonly #files = new FairPlaces({ total: FILES, perKey: FILES_PER_USER, slowMs: SLOW_MS })
  /** Lanes at work here or waiting for it, by user. */
  readonly #lanes = new Map<string, number>()
  /** When the last lane set aside comes back, by user. */
  readonly #returns = new Map<string, number>()

  constructor(deps: PreparationDeps) {
    this.#deps = deps
  }

  /** Whether one more lane of a user may wait here. */
  hasRoom(userId: string): boolean {
    let all = 0
    for (const count of this.#lanes.values()) all += count
    return (this.#lanes.get(userId) ?? 0) < (all < LANES ? LANES_PER_USER : LANES_FOR_ANYBODY)
  }

  /** The users for whose lanes there is no room. */
  crowded(): string[] {
    return [...this.#lanes.keys()].filter((userId) => !this.hasRoom(userId))
  }

  /** When a lane there is no room for is looked at again: a thousand of them must not come back at once. */
  returnOf(userId: string, now: number): number {
    for (const [user, at] of this.#returns) if (at < now) this.#returns.delete(user)
    const apart = APART_MS * Math.max(1, this.#returns.size)
    const at = Math.max(now + ASIDE_MS, (this.#returns.get(userId) ?? 0) + apart)
    this.#returns.set(userId, at)
    return at
  }

  /**
   * Fetches a file and keeps its place among the files until `enter` has resolved, so that what is in memory stays
   * bounded. Rejects when `signal` aborts.
   */
  async prepare(
    wish: FileWish,
    { enter, signal }: { enter: () => Promise<void>; signal: AbortSignal },
  ): Promise<Prepared> {
    const { id } = wish.user
    this.#lanes.set(id, (this.#lanes.get(id) ?? 0) + 1)
    let leave = () => {}
    try {
      const place = await this.#turn(wish, signal)
      leave = place ?? leave
      const prepared: Prepared = place ? await this.#fetch(wish, signal) : { kind: 'ready' }
      await enter()
      return prepared
    } finally {
      leave()
      const left = (this.#lanes.get(id) ?? 1) - 1
      if (left > 0) this.#lanes.set(id, left)
      else this.#lanes.delete(id)
    }
  }

  /** Waits for a place; undefined when that takes too long. */
  async #turn({ user }: FileWish, signal: AbortSignal): Promise<(() => void) | undefined> {
    const { log, config } = this.#deps
    try {
      const patienceMs = PATIENCE * config.mediaTimeoutMs
      return await withDeadline(patienceMs, signal, (inTime) => this.#files.acquire(user.id, inTime))
    } catch (error) {
      if (signal.aborted) throw error
      log.warn({ user: user.id }, 'an event goes out without its file, because too many were wanted')
      return undefined
    }
  }

  async #fetch(wish: FileWish, signal: AbortSignal): Promise<Prepared> {
    try {
      return { kind: 'ready', media: await fetchFile(this.#deps, wish, signal) }
    } catch (error) {
      signal.throwIfAborted()
      this.#deps.log.warn({ err: error, user: wish.user.id }, 'the file of an event could not be fetched')
      return { kind: 'failed', answer: `media: ${String(error)}` }
    }
  }
}

/** Fetches the file of an event in the time there is for it. */
export function fetchFile(
  { mediaOf, config }: Pick<PreparationDeps, 'mediaOf' | 'config'>,
  { event, user }: FileWish,
  signal?: AbortSignal,
): Promise<RenderedMedia | undefined> {
  return withDeadline(config.mediaTimeoutMs, signal, async (inTime) => mediaOf?.(event, user, inTime))
}
