import type { SignalDataTypeMap, SignalKeyStoreWithTransaction } from '../../whatsapp/library/engine.ts'

/**
 * The keys of one simulated device, in memory: rows from `type/id` to the value.
 *
 * Transactions are the work itself: a device of the sandbox does one thing at a time and a Map cannot fail half way,
 * so there is nothing to isolate or roll back. The library's own wrapper would add an AsyncLocalStorage per device,
 * each of which slows every promise of the process for good (before Node 24).
 */
export function memoryKeys(rows = new Map<string, unknown>()): SignalKeyStoreWithTransaction {
  return {
    get: async (type, ids) => {
      // Without a prototype, as the library looks up ids that others have chosen.
      const found: Record<string, SignalDataTypeMap[typeof type]> = Object.create(null)
      for (const id of ids) {
        const value = rows.get(`${type}/${id}`)
        // Only `set` below writes rows, under the same type.
        if (value !== undefined) found[id] = value as SignalDataTypeMap[typeof type]
      }
      return found
    },
    set: async (changes) => {
      for (const [type, entries] of Object.entries(changes)) {
        for (const [id, value] of Object.entries(entries ?? {})) {
          if (value === null) rows.delete(`${type}/${id}`)
          else rows.set(`${type}/${id}`, value)
        }
      }
    },
    isInTransaction: () => false,
    transaction: (work) => work(),
  }
}
