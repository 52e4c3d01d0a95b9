import { mkdir, readFile, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { LRUCache } from 'lru-cache'
import type { FairPlaces } from '../lib/flow/fair-places.ts'
import { unlessAborted } from '../lib/flow/with-timeout.ts'
import { newId } from '../lib/ids.ts'
import { scratchFolder } from '../lib/process/scratch-folder.ts'

/** Kept up to this size in total and this long, because whoever needs a file may soon need it again. */
const CAPACITY_BYTES = 256 * 1024 * 1024
const KEPT_MS = 30 * 60 * 1000

interface KeptFile {
  path: string
  sizeBytes: number
}

/** Which file, and who waits with others for the places in which files are got. */
export interface WantedFile {
  key: string
  owner: string
}

type Fetch = (path: string, signal: AbortSignal) => Promise<void>

/** A file that is being got, or whose turn has not come. */
interface Running {
  bytes: Promise<Buffer>
  readers: number
  givingUp: AbortController
}

/** Files on disk that were expensive to get, a limited number of them being got at the same time. */
export class KeptFiles {
  readonly #name = `events-${newId()}`
  #folder: string | undefined
  #isStopping = false
  readonly #places: FairPlaces
  readonly #inProgress = new Map<string, Running>()
  /** Everything in progress, and what was given up and has not ended yet. */
  readonly #running = new Set<Running>()
  readonly #kept: LRUCache<string, KeptFile>

  constructor(places: FairPlaces, capacityBytes = CAPACITY_BYTES) {
    this.#places = places
    this.#kept = new LRUCache({
      maxSize: capacityBytes,
      sizeCalculation: ({ sizeBytes }) => sizeBytes + 1,
      ttl: KEPT_MS,
      dispose: ({ path }) => void rm(path, { force: true }).catch(() => {}),
    })
  }

  /** Whether everything is being given up. */
  get isStopping(): boolean {
    return this.#isStopping
  }

  /**
   * The file under a key, which `fetch` has to write first unless it is there. Rejects when `signal` aborts; when nobody
   * else waits for the same file, it is given up and its place is free.
   */
  async read(wanted: WantedFile, fetch: Fetch, signal?: AbortSignal): Promise<Buffer> {
    const { key } = wanted
    const kept = await this.#keptBytes(key)
    if (kept) return kept
    signal?.throwIfAborted()
    const running = this.#inProgress.get(key) ?? this.#begin(wanted, fetch)
    running.readers++
    try {
      return await unlessAborted(running.bytes, signal)
    } finally {
      running.readers--
      if (running.readers === 0) this.#giveUp(key, running)
    }
  }

  /** What is there already; a file that made room for others, or was tidied up, just now is not. */
  async #keptBytes(key: string): Promise<Buffer | undefined> {
    const kept = this.#kept.get(key)
    return kept && readFile(kept.path).catch(() => undefined)
  }

  #begin(wanted: WantedFile, fetch: Fetch): Running {
    const givingUp = new AbortController()
    if (this.#isStopping) givingUp.abort()
    const running = { bytes: this.#fetch(wanted, fetch, givingUp.signal), readers: 0, givingUp }
    this.#inProgress.set(wanted.key, running)
    this.#running.add(running)
    const end = () => {
      this.#running.delete(running)
      this.#forget(wanted.key, running)
    }
    running.bytes.then(end, end)
    return running
  }

  /** Means nothing to what has ended. Whoever wants the file from now on begins anew. */
  #giveUp(key: string, running: Running): void {
    running.givingUp.abort()
    this.#forget(key, running)
  }

  #forget(key: string, running: Running): void {
    if (this.#inProgress.get(key) === running) this.#inProgress.delete(key)
  }

  async #fetch({ key, owner }: WantedFile, fetch: Fetch, signal: AbortSignal): Promise<Buffer> {
    const release = await this.#places.acquire(owner, signal)
    try {
      return await this.#fetchNow(key, fetch, signal)
    } finally {
      release()
    }
  }

  async #fetchNow(key: string, fetch: Fetch, signal: AbortSignal): Promise<Buffer> {
    // Made for the first file, and again if the system tidied it up.
    this.#folder = join(await scratchFolder(), this.#name)
    await mkdir(this.#folder, { recursive: true })
    const path = join(this.#folder, newId())
    try {
      signal.throwIfAborted()
      await fetch(path, signal)
      const { size: sizeBytes } = await stat(path)
      const bytes = await readFile(path)
      this.#kept.set(key, { path, sizeBytes })
      // What is larger than all that is kept is not kept, and not disposed of either.
      if (this.#kept.peek(key)?.path !== path) await rm(path, { force: true })
      return bytes
    } catch (error) {
      await rm(path, { force: true })
      throw error
    }
  }

  /** Gives up what is being fetched and deletes everything. */
  async stop(): Promise<void> {
    this.#isStopping = true
    for (const { givingUp } of this.#running) givingUp.abort()
    await Promise.allSettled([...this.#running].map(({ bytes }) => bytes))
    this.#kept.clear()
    if (this.#folder) await rm(this.#folder, { recursive: true, force: true })
  }
}
