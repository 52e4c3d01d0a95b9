import type { AuthenticationState } from '../library/engine.ts'
import type { DurableKeys } from './key-store.ts'

/** Where keys are kept, with the list of used ones as a kind of its own. */
interface Store {
  get: AuthenticationState['keys']['get']
  set(keys: DurableKeys): Promise<void>
  /** The ids of pre-keys that were used, oldest first. */
  usedPreKeys(): Promise<string[]>
}

// A conversation needs its pre-key again only while its first messages are on their way.
const KEPT = 200

/**
 * Keeps the newest pre-keys after their first use. The library deletes each at once, but a sender who has had no answer
 * yet goes on using it: when the session is gone meanwhile (opened anew after retries, or under the sender's other
 * address), what is on its way could not be opened ("Invalid PreKey ID"). A replayed message is recognised by its
 * ciphertext, whatever keys there are.
 */
export function keepUsedPreKeys(store: Store): AuthenticationState['keys'] {
  let loading: Promise<string[]> | undefined
  return {
    get: (kind, ids) => store.get(kind, ids),
    set: async (keys) => {
      const { 'pre-key': given = {}, ...others } = keys
      const used = Object.keys(given).filter((id) => given[id] === null)
      if (used.length === 0) return store.set(keys)

      loading ??= store.usedPreKeys()
      const known = await loading
      known.push(...used.filter((id) => !known.includes(id)))
      const outdated = known.splice(0, Math.max(0, known.length - KEPT))
      const fresh = Object.entries(given).filter(([, pair]) => pair !== null)
      await store.set({
        ...others,
        'pre-key': Object.fromEntries([...fresh, ...outdated.map((id) => [id, null] as const)]),
        'used-pre-keys': { '': [...known] },
      })
    },
  }
}
