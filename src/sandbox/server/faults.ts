import type { Account } from '../world/account.ts'

/** What can be made to go wrong. */
export type Fault =
  /** Everything to the account's companions arrives this much later, in order. */
  | { kind: 'delay'; ms: number }
  /** The account's messages are relayed but not acknowledged. */
  | { kind: 'lose-ack' }
  /** One byte of the next message's ciphertext flips on its way to a companion of the account. */
  | { kind: 'corrupt-message' }
  /** The account's messages are answered with an error ack and not relayed. */
  | { kind: 'refuse-message'; code: number }
  /** Queries of that namespace, and with that first child if named, are answered with an error. */
  | { kind: 'refuse-query'; xmlns: string; child?: string; code: number; text?: string }
  /** Queries of that namespace, and with that first child if named, are never answered. */
  | { kind: 'ignore-query'; xmlns: string; child?: string }
  /** Logins end with `<failure reason>`; some reasons have attributes beside it, e.g. `message` or `code` and `expire`. */
  | { kind: 'refuse-login'; reason: number; attributes?: Record<string, string | number> }
  /** A connection closes in the same moment as its last stanza leaves, which a client may lose by that. */
  | { kind: 'close-at-once' }
  /** Media downloads answer 410 (not bound to an account). */
  | { kind: 'expire-media' }
  /** Media downloads are never answered (not bound to an account). */
  | { kind: 'stall-media' }
  /** The account's phone does not answer companions that ask it for a file, as one that sleeps. */
  | { kind: 'lose-media-retry' }
  /** The account's calls are refused with an error in the answer to the offer; 463 is a missing token of trust. */
  | { kind: 'refuse-call'; code: number }
  /** The account's calls are taken, and no relay is named. */
  | { kind: 'no-call-relay' }
  /** The account's calls are neither answered nor passed on. */
  | { kind: 'ignore-call' }

/** Whom a fault hits (absent: everybody) and how often before it is over (absent: until removed). */
export interface FaultScope {
  account?: Account
  times?: number
}

/** A fault at work. */
export interface InjectedFault {
  /** How often it has struck. */
  readonly hits: number
  remove(): void
}

type Kind = Fault['kind']
type FaultOf<K extends Kind> = Extract<Fault, { kind: K }>

interface Entry {
  fault: Fault
  account: Account | undefined
  left: number
  hits: number
}

/** The faults in force. Each place in the network that can fail asks `take` whether it shall. */
export class Faults {
  readonly #entries = new Map<Kind, Set<Entry>>()

  inject(fault: Fault, scope: FaultScope = {}): InjectedFault {
    const entry: Entry = {
      fault,
      account: scope.account,
      left: scope.times ?? Number.POSITIVE_INFINITY,
      hits: 0,
    }
    const entries = this.#entries.get(fault.kind) ?? new Set<Entry>()
    this.#entries.set(fault.kind, entries.add(entry))
    return {
      get hits() {
        return entry.hits
      },
      remove: () => void entries.delete(entry),
    }
  }

  /** Counts and returns the first fault of that kind for the account, if there is one. */
  take<K extends Kind>(
    kind: K,
    account?: Account,
    matches: (fault: FaultOf<K>) => boolean = () => true,
  ): FaultOf<K> | undefined {
    const entries = this.#entries.get(kind)
    if (!entries) return undefined
    for (const entry of entries) {
      // The map's key is the entry's kind, which the compiler cannot follow.
      const fault = entry.fault as FaultOf<K>
      if ((entry.account && entry.account !== account) || !matches(fault)) continue
      entry.hits += 1
      entry.left -= 1
      if (entry.left <= 0) entries.delete(entry)
      return fault
    }
    return undefined
  }

  clear(): void {
    this.#entries.clear()
  }
}
