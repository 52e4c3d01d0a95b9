import type { Transaction } from '../store/database.ts'

/** Which node runs a user's session. */
export type Owner = { kind: 'here' } | { kind: 'elsewhere'; address: string } | { kind: 'nobody' }

/** Decides which sessions this node may run, and keeps every other node from writing their keys. */
export interface Ownership {
  /** Tries to make this node the owner of a user's session; false when another node has it. */
  claim(userId: string): Promise<boolean>
  /** Gives the session up, so that another node can claim it at once. */
  release(userId: string): Promise<void>
  ownerOf(userId: string): Promise<Owner>
  /**
   * First statement of every key transaction; throws ApiError `lease_lost` when this node is no longer the owner.
   * Absent where no other node can write.
   */
  fence?: (trx: Transaction, userId: string) => Promise<void>
  /** Calls `lost` whenever a session must be closed without writing; returns what ends the calls. */
  watch(lost: (userId: string) => void): () => void
  stop(): Promise<void>
}

/** The only node there is: every session is its own and can never be lost. */
export function singleNode(): Ownership {
  return {
    claim: async () => true,
    release: async () => {},
    ownerOf: async () => ({ kind: 'here' }),
    watch: () => () => {},
    stop: async () => {},
  }
}
