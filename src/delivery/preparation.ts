import type { Config } from '../config/config.ts'
import type { Event } from '../events/event.ts'
import { FairPlaces } from '../lib/flow/fair-places.ts'
import { withDeadline } from '../lib/flow/with-timeout.ts'
import type { Logger } from '../lib/process/logger.ts'
import type { User } from '../store/users/users.ts'
import type { MediaReference, RenderedMedia, StoredFile } from './renderer.ts'

/**
 * The file of an event; undefined when there is none, or it cannot be had. Throws when it may be there later. Settles
 * soon after `signal` aborts, with what there is by then.
 */
export type MediaOf = (wish: FileWish, signal?: AbortSignal) => Promise<FetchedMedia | undefined>

/** What was fetched; a file on disk stays there until it is let go. */
export interface FetchedMedia extends RenderedMedia {
  release?(): void
}

/** An event whose delivery carries a file. */
export interface FileWish {
  event: Event
  user: User
  /** Where the file is. */
  reference: MediaReference
  /** How it is wanted: in memory, or on disk. */
  as: 'bytes' | 'file'
  /** The file that goes into the user's bucket, and its name there. */
  toStore?: StoredFile
  /** Called when WhatsApp no longer has the file and the phone is asked for it. */
  onExpired?: () => void
}

type Fetched = { kind: 'ready'; media?: FetchedMedia } | { kind: 'failed'; answer: string }

/** What came of a preparation. Whoever has it lets it go when the attempt has ended, once. */
export type Prepared = Fetched & { release(): void }

/** What files are fetched with. */
export interface FetchDeps {
  config: Pick<Config, 'mediaTimeoutMs'>
  mediaOf?: MediaOf
}

export interface PreparationDeps extends FetchDeps {
  log: Logger
  config: Pick<Config, 'mediaTimeoutMs' | 'webhookConcurrency'>
}

/** How many files are prepared at once, all in all and of one user; each may be in memory as a whole. */
const FILES = 64
const FILES_PER_USER = 4
/** Users whose last file took longer share half of these. */
const SLOW_MS = 5_000
/** Files on disk that are sent at once: of one user, and the part of the requests that all of them may be. */
const UPLOADS_PER_USER = 4
const UPLOADS_SHARE = 0.5
/** Users whose last one took longer share half of these. */
const SLOW_UPLOAD_MS = 30_000
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
  /** Sending a large file may take long; requests without one must not wait for that, nor one user for another. */
  readonly #uploads: FairPlaces
  /** Lanes at work here or waiting for it, by user. */
  readonly #lanes = new Map<string, number>()
  /** When the last lane set aside comes back, by user. */
  readonly #returns = new Map<string, number>()

  constructor(deps: PreparationDeps) {
    this.#deps = deps
    const total = Math.max(1, Math.floor(deps.config.webhookConcurrency * UPLOADS_SHARE))
    this.#uploads = new FairPlaces({ total, perKey: UPLOADS_PER_USER, slowMs: SLOW_UPLOAD_MS })
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
   * bounded; one on disk keeps its place among the uploads until it is let go. Undefined when `signal` aborts.
   */
  async prepare(
    wish: FileWish,
    { enter, signal }: { enter: () => Promise<void>; signal: AbortSignal },
  ): Promise<Prepared | undefined> {
    const { id } = wish.user
    this.#lanes.set(id, (this.#lanes.get(id) ?? 0) + 1)
    let leave = () => {}
    let release = () => {}
    try {
      if (wish.as === 'file') release = await this.#uploads.acquire(id, signal)
      const place = await this.#turn(wish, signal)
      leave = place ?? leave
      const prepared: Fetched = place ? await this.#fetch(wish, signal) : { kind: 'ready' }
      if (prepared.kind === 'ready' && prepared.media?.release)
        release = both(prepared.media.release, release)
      await enter()
      return { ...prepared, release }
    } catch (error) {
      release()
      if (signal.aborted) return undefined
      throw error
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

  async #fetch(wish: FileWish, signal: AbortSignal): Promise<Fetched> {
    try {
      return { kind: 'ready', media: await fetchFile(this.#deps, wish, signal) }
    } catch (error) {
      signal.throwIfAborted()
      this.#deps.log.warn({ err: error, user: wish.user.id }, 'the file of an event could not be fetched')
      return { kind: 'failed', answer: `media: ${String(error)}` }
    }
  }
}

function both(first: () => void, second: () => void): () => void {
  return () => {
    first()
    second()
  }
}

/** Fetches the file of an event in the time there is for it. */
export function fetchFile(
  { mediaOf, config }: FetchDeps,
  wish: FileWish,
  signal?: AbortSignal,
): Promise<FetchedMedia | undefined> {
  return withDeadline(config.mediaTimeoutMs, signal, async (inTime) => mediaOf?.(wish, inTime))
}
