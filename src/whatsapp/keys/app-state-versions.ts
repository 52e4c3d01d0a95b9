import { setImmediate as nextRound } from 'node:timers/promises'
import type { AuthenticationState, SignalDataSet } from '../library/engine.ts'

type Versions = NonNullable<SignalDataSet['app-state-sync-version']>
type Store = Pick<AuthenticationState['keys'], 'get' | 'set'>

const VERSION = 'app-state-sync-version'

export interface VersionParts {
  store: Store
  /** Resolves when every change that was told so far is stored; rejects when one could not be. */
  told(): Promise<void>
  failed(error: unknown): void
}

/**
 * Versions of the settings an account's devices share, stored when what changed with them is. The library commits a
 * version first and tells of the changes afterwards; what a crash in between swallows is never told again.
 */
export class SharedVersions {
  readonly #parts: VersionParts
  readonly #held = new Map<string, Versions[string]>()
  #releasing: Promise<void> | undefined

  constructor(parts: VersionParts) {
    this.#parts = parts
  }

  /** The store as the library sees it: versions are in it at once. */
  readonly keys: Store = {
    get: async (kind, ids) => {
      if (kind !== VERSION) return this.#parts.store.get(kind, ids)
      // One that is stored in the meantime may not have been read yet.
      const before = this.#heldAmong(ids)
      return Object.assign(await this.#parts.store.get(kind, ids), before, this.#heldAmong(ids))
    },
    set: async ({ [VERSION]: versions = {}, ...others }) => {
      await this.#parts.store.set(others)
      for (const [name, version] of Object.entries(versions)) this.#held.set(name, version)
      if (this.#held.size > 0) this.#releasing ??= this.#release()
    },
  }

  /** Kept when all versions are stored, or have failed; undefined when none waits. Never rejects. */
  get pending(): Promise<void> | undefined {
    return this.#releasing
  }

  #heldAmong(ids: string[]): { [id: string]: Versions[string] } {
    return Object.fromEntries(
      ids.flatMap((id) => (this.#held.has(id) ? [[id, this.#held.get(id) ?? null]] : [])),
    )
  }

  async #release(): Promise<void> {
    try {
      while (this.#held.size > 0) {
        // The library tells of the changes as soon as its commit has returned.
        await nextRound()
        const due = new Map(this.#held)
        await this.#parts.told()
        await this.#parts.store.set({ [VERSION]: Object.fromEntries(due) })
        for (const [name, version] of due) if (this.#held.get(name) === version) this.#held.delete(name)
      }
    } catch (error) {
      this.#parts.failed(error)
    } finally {
      this.#releasing = undefined
    }
  }
}
