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

/** A file on disk that stays there until it is let go. */
export interface HeldFile {
  path: string
  sizeBytes: number
  /** To be called once. */
  release(): void
}

interface KeptFile {
  path: string
  sizeBytes: number
  holders: number
  /** It is deleted as soon as nobody holds it. */
  isDropped: boolean
  /** While it is being read into memory, for all who want that. */
  reading?: Promise<Buffer>
}

/** Which file, and who waits with others for the places in which files are got. */
export interface WantedFile {
  key: string
  owner: string
}

type Fetch = (path: string, signal: AbortSignal) => Promise<void>

/** A file that is being got, or whose turn has not come. */
interface Running {
  /** Held for those who wait for it. */
  file: Promise<KeptFile>
  waiting: number
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
  /** Kept or dropped, but in somebody's hands. */
  #held = 0

  constructor(places: FairPlaces, capacityBytes = CAPACITY_BYTES) {
    this.#places = places
    this.#kept = new LRUCache({
      maxSize: capacityBytes,
      sizeCalculation: ({ sizeBytes }) => sizeBytes + 1,
      ttl: KEPT_MS,
      dispose: (file) => this.#drop(file),
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
  async hold(wanted: WantedFile, fetch: Fetch, signal?: AbortSignal): Promise<HeldFile> {
    const file = await this.#take(wanted, fetch, signal)
    let isHeld = true
    const release = () => {
      if (isHeld) this.#release(file)
      isHeld = false
    }
    return { path: file.path, sizeBytes: file.sizeBytes, release }
  }

  /** The same in memory. */
  async read(wanted: WantedFile, fetch: Fetch, signal?: AbortSignal): Promise<Buffer> {
    const file = await this.#take(wanted, fetch, signal)
    try {
      file.reading ??= readFile(file.path).finally(() => {
        file.reading = undefined
      })
      return await file.reading
    } finally {
      this.#release(file)
    }
  }

  async #take(wanted: WantedFile, fetch: Fetch, signal?: AbortSignal): Promise<KeptFile> {
    const { key } = wanted
    const kept = await this.#takeKept(key)
    if (kept) return kept
    signal?.throwIfAborted()
    const running = this.#inProgress.get(key) ?? this.#begin(wanted, fetch)
    running.waiting++
    try {
      return this.#hold(await unlessAborted(running.file, signal))
    } finally {
      running.waiting--
      if (running.waiting === 0) this.#leave(key, running)
    }
  }

  /** What is there already; a file that was tidied up just now is not. */
  async #takeKept(key: string): Promise<KeptFile | undefined> {
    const kept = this.#kept.get(key)
    if (!kept) return undefined
    this.#hold(kept)
    if (await isThere(kept)) return kept
    this.#release(kept)
    if (this.#kept.peek(key) === kept) this.#kept.delete(key)
    return undefined
  }

  #hold(file: KeptFile): KeptFile {
    file.holders++
    this.#held++
    return file
  }

  #release(file: KeptFile): void {
    file.holders--
    this.#held--
    if (file.isDropped) this.#drop(file)
    if (this.#isStopping && this.#held === 0) void this.#deleteFolder().catch(() => {})
  }

  #drop(file: KeptFile): void {
    file.isDropped = true
    if (file.holders === 0) void rm(file.path, { force: true }).catch(() => {})
  }

  #begin(wanted: WantedFile, fetch: Fetch): Running {
    const givingUp = new AbortController()
    if (this.#isStopping) givingUp.abort()
    const running = { file: this.#fetch(wanted, fetch, givingUp.signal), waiting: 0, givingUp }
    this.#inProgress.set(wanted.key, running)
    this.#running.add(running)
    const end = () => {
      this.#running.delete(running)
      this.#forget(wanted.key, running)
    }
    running.file.then(end, end)
    return running
  }

  /** The last one who waited has what it wanted, or gives up. Whoever wants the file from now on begins anew. */
  #leave(key: string, running: Running): void {
    // Means nothing to what has ended.
    running.givingUp.abort()
    this.#forget(key, running)
    running.file.then(
      (file) => this.#release(file),
      () => {},
    )
  }

  #forget(key: string, running: Running): void {
    if (this.#inProgress.get(key) === running) this.#inProgress.delete(key)
  }

  async #fetch({ key, owner }: WantedFile, fetch: Fetch, signal: AbortSignal): Promise<KeptFile> {
    const release = await this.#places.acquire(owner, signal)
    try {
      return await this.#fetchNow(key, fetch, signal)
    } finally {
      release()
    }
  }

  async #fetchNow(key: string, fetch: Fetch, signal: AbortSignal): Promise<KeptFile> {
    // Made for the first file, and again if the system tidied it up.
    this.#folder = join(await scratchFolder(), this.#name)
    await mkdir(this.#folder, { recursive: true })
    const path = join(this.#folder, newId())
    try {
      signal.throwIfAborted()
      await fetch(path, signal)
      const { size: sizeBytes } = await stat(path)
      const file = this.#hold({ path, sizeBytes, holders: 0, isDropped: false })
      this.#kept.set(key, file)
      // What is larger than all that is kept is not kept, and not disposed of either.
      file.isDropped = this.#kept.peek(key) !== file
      return file
    } catch (error) {
      await rm(path, { force: true })
      throw error
    }
  }

  /** Gives up what is being fetched and deletes everything; what somebody holds is deleted when it is let go. */
  async stop(): Promise<void> {
    this.#isStopping = true
    for (const { givingUp } of this.#running) givingUp.abort()
    await Promise.allSettled([...this.#running].map(({ file }) => file))
    this.#kept.clear()
    if (this.#held === 0) await this.#deleteFolder()
  }

  async #deleteFolder(): Promise<void> {
    if (this.#folder) await rm(this.#folder, { recursive: true, force: true })
  }
}

async function isThere({ path, sizeBytes }: KeptFile): Promise<boolean> {
  const found = await stat(path).catch(() => undefined)
  return found?.size === sizeBytes
}
