import { mkdir, readFile, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { LRUCache } from 'lru-cache'
import type { FairPlaces } from '../lib/flow/fair-places.ts'
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

/** Files on disk that were expensive to get, a limited number of them being got at the same time. */
export class KeptFiles {
  readonly #name = `events-${newId()}`
  #folder: string | undefined
  readonly #places: FairPlaces
  readonly #stopping = new AbortController()
  readonly #inProgress = new Map<string, Promise<Buffer>>()
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
    return this.#stopping.signal.aborted
  }

  /** The file under a key, which `fetch` has to write first unless it is there. */
  async read(wanted: WantedFile, fetch: Fetch): Promise<Buffer> {
    const { key } = wanted
    const kept = await this.#keptBytes(key)
    if (kept) return kept
    const running = this.#inProgress.get(key)
    if (running) return running
    const fetched = this.#fetch(wanted, fetch).finally(() => this.#inProgress.delete(key))
    this.#inProgress.set(key, fetched)
    return fetched
  }

  /** What is there already; a file that made room for others, or was tidied up, just now is not. */
  async #keptBytes(key: string): Promise<Buffer | undefined> {
    const kept = this.#kept.get(key)
    return kept && readFile(kept.path).catch(() => undefined)
  }

  async #fetch({ key, owner }: WantedFile, fetch: Fetch): Promise<Buffer> {
    const { signal } = this.#stopping
    const release = await this.#places.acquire(owner, signal)
    try {
      return await this.#fetchNow(key, fetch)
    } finally {
      release()
    }
  }

  async #fetchNow(key: string, fetch: Fetch): Promise<Buffer> {
    const { signal } = this.#stopping
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
    this.#stopping.abort()
    await Promise.allSettled(this.#inProgress.values())
    this.#kept.clear()
    if (this.#folder) await rm(this.#folder, { recursive: true, force: true })
  }
}
