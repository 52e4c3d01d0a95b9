import type { Lease } from '../store/nodes/leases.ts'

/** Which node runs a user's session. */
export type Owner =
  | { kind: 'here' }
  | { kind: 'elsewhere'; nodeId: string; address: string }
  /** `isWanted`: it should run, so some node takes it within a moment, or within the lease of one that died. */
  | { kind: 'nobody'; isWanted: boolean }

/** The sessions of this node, as far as their ownership changes; implemented by the session manager. */
export interface OwnedSessions {
  /** This node owns the session now and it is wanted: it must be opened. */
  claimed(userId: string): Promise<void>
  /** Closes the socket at once and writes nothing more: another node may be the owner. Never rejects. */
  lost(userId: string): Promise<void>
  /** Somebody, maybe on another node, no longer wants the session: ends it, then releases it. */
  unwanted(userId: string, options: { unlink: boolean }): Promise<void>
  /** Closes the session without unlinking it; resolves when everything of it is stored. */
  close(userId: string): Promise<void>
  /** Whether the session can be handed over without disturbing anybody: not while a phone is being linked. */
  isMovable(userId: string): boolean
}

/**
 * What happens around the hand-over of a session to another node. Until `before` resolves the session stays open, for
 * the requests in flight; between `before` and `after` new requests must wait. `after` is called in any case.
 */
export interface HandOverHooks {
  before(userId: string): Promise<void>
  after(userId: string): void
}

/** Decides which sessions this node may run, and keeps every other node from writing their keys. */
export interface Ownership {
  /** Under which id the other nodes know this one; '' where there are no others. */
  readonly nodeId: string
  /** Whether several nodes may share the sessions. */
  readonly isShared: boolean
  /** Begins to claim and to hand over; resolves when this node has its first share. */
  start(sessions: OwnedSessions): Promise<void>
  /** Tries to make this node the owner of a user's session, which is wanted from then on; false when another has it. */
  claim(userId: string): Promise<boolean>
  /** Gives the session up, so that another node can claim it at once. */
  release(userId: string): Promise<void>
  /** A lookup of the others' sessions is at most half a second old. */
  ownerOf(userId: string): Promise<Owner>
  /** Resolves when no other node has the session any more: true, or false after `timeoutMs`. */
  whenReleased(userId: string, timeoutMs: number): Promise<boolean>
  /**
   * What proves in every commit of keys that the session is ours, see `GroupCommit`; undefined where no other node can
   * write. Throws ApiError `lease_lost` when it is not ours.
   */
  leaseOf(userId: string): Lease | undefined
  /** Whether the session is certainly ours at this moment, by this process's own clock. */
  holds(userId: string): boolean
  /** Tells the other nodes how a session of this one stands; written within a moment, nobody waits for it. */
  tell(userId: string, state: string): void
  /** Hands every session over and takes no more: what comes first when a node stops. */
  drain(): Promise<void>
  stop(): Promise<void>
}

/** The only node there is: every session is its own and can never be lost. */
export function singleNode(): Ownership {
  return {
    nodeId: '',
    isShared: false,
    start: async () => {},
    claim: async () => true,
    release: async () => {},
    ownerOf: async () => ({ kind: 'here' }),
    whenReleased: async () => true,
    leaseOf: () => undefined,
    holds: () => true,
    tell: () => {},
    drain: async () => {},
    stop: async () => {},
  }
}
