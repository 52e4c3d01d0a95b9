import type { OwnedSessions, Ownership } from '../cluster/ownership.ts'
import { ApiError } from '../lib/errors.ts'
import type { Lease } from '../store/leases.ts'
import type { User } from '../store/users.ts'
import { type Input, isRunning, type State } from './machine.ts'
import { LiveSession } from './session.ts'
import type { SessionServices } from './session-services.ts'
import { type SessionStatus, statusElsewhere } from './session-status.ts'

/** What the manager keeps in the users table. */
export interface SessionRows {
  /** Users whose session should be open, for `restore`. */
  wanted(): Promise<User[]>
  user(userId: string): Promise<User | undefined>
  /** With a lease, only while that is good. */
  setWanted(userId: string, wanted: boolean, lease?: Lease): Promise<void>
  /** Says that a session of another node is to end. */
  requestEnd(userId: string, options: { unlink: boolean }): Promise<void>
  /** What other nodes say of the sessions they run, of one user or all. */
  statesElsewhere(userId?: string): Promise<Map<string, string>>
  /** Erases keys of a session that is not running; with a lease, only while that is good. */
  eraseKeys(userId: string, lease?: Lease): Promise<void>
}

const REPLACED = 440
/** The owner of a session looks twice a second whether it is still wanted. */
const OTHER_NODE_MS = 5_000

/** The sessions of this node. No other code starts or stops one. */
export class SessionManager implements OwnedSessions {
  readonly #sessions = new Map<string, LiveSession>()
  /** Sessions that are being closed: whoever wants to begin anew must wait. */
  readonly #ends = new Map<string, { work: Promise<void>; session: LiveSession | undefined }>()
  readonly #services: SessionServices
  readonly #rows: SessionRows
  readonly #ownership: Ownership

  constructor(
    services: Omit<SessionServices, 'stateChanged'>,
    { rows, ownership }: { rows: SessionRows; ownership: Ownership },
  ) {
    this.#services = {
      ...services,
      stateChanged: (session, state, input) => this.#stateChanged(session, state, input),
    }
    this.#rows = rows
    this.#ownership = ownership
  }

  /** The session of a user, whatever its state. */
  find(userId: string): LiveSession | undefined {
    return this.#sessions.get(userId)
  }

  /** The session of a user who has connected. Throws `no_session`. */
  live(userId: string): LiveSession {
    const session = this.#sessions.get(userId)
    if (!session) throw new ApiError('no_session')
    return session
  }

  status(userId: string): SessionStatus | undefined {
    return this.#sessions.get(userId)?.status
  }

  statuses(): Map<string, SessionStatus> {
    return new Map([...this.#sessions].map(([id, session]) => [id, session.status]))
  }

  /** The QR text of the session that has been waiting longest for its phone. */
  waitingQr(): string | undefined {
    for (const { status } of this.#sessions.values()) if (status.qr) return status.qr
    return undefined
  }

  /** How a user's session stands, whichever node runs it; undefined when none does. */
  async statusAnywhere(userId: string): Promise<SessionStatus | undefined> {
    return this.status(userId) ?? (await this.statusesElsewhere(userId)).get(userId)
  }

  /** How the sessions of other nodes stand, of one user or all, as far as these have told. */
  async statusesElsewhere(userId?: string): Promise<Map<string, SessionStatus>> {
    if (!this.#ownership.isShared) return new Map()
    const states = await this.#rows.statesElsewhere(userId)
    return new Map([...states].map(([id, state]) => [id, statusElsewhere(state)]))
  }

  /**
   * Starts a session and remembers that it is wanted, so that it comes back after a restart. Throws `lease_lost` when
   * another node runs it.
   */
  async connect(user: User): Promise<LiveSession> {
    await this.#ends.get(user.id)?.work
    if (!(await this.#ownership.claim(user.id))) throw new ApiError('lease_lost')
    await this.#rows.setWanted(user.id, true)
    return this.#start(user)
  }

  /** Closes the session and keeps its link to the phone. */
  disconnect(userId: string): Promise<void> {
    return this.#finish(userId, { unlink: false })
  }

  /** Unlinks the device and erases its keys. */
  logout(userId: string): Promise<void> {
    return this.#finish(userId, { unlink: true })
  }

  /** Removes every trace of a deleted user's session: unlinks it when it is open and erases its keys in any case. */
  async forget(userId: string): Promise<void> {
    await this.logout(userId)
    await this.#rows.eraseKeys(userId)
  }

  /** Begins to run the sessions that are wanted; they connect as slots come free. Resolves with their number. */
  async restore(): Promise<number> {
    if (this.#ownership.isShared) {
      await this.#ownership.start(this)
      return this.#sessions.size
    }
    const users = await this.#rows.wanted()
    for (const user of users) this.#start(user)
    return users.length
  }

  /** Closes all sessions without unlinking them; resolves when the last one is stored. */
  async drain(): Promise<void> {
    await this.#ownership.drain()
    await Promise.all([...this.#sessions.keys()].map((userId) => this.close(userId)))
  }

  async claimed(userId: string): Promise<void> {
    await this.#ends.get(userId)?.work
    const user = await this.#rows.user(userId)
    if (user?.wanted && this.#ownership.holds(userId)) this.#start(user)
  }

  async lost(userId: string): Promise<void> {
    // What is being closed may be waiting for a database that does not answer.
    await (this.#take(userId) ?? this.#ends.get(userId)?.session)?.lose()
  }

  unwanted(userId: string, { unlink }: { unlink: boolean }): Promise<void> {
    return this.#end(userId, async (session) => {
      await (unlink ? session?.logout() : session?.stop())
      // What a session could not erase because its database failed would link it the next time.
      if (unlink && this.#ownership.holds(userId))
        await this.#rows.eraseKeys(userId, this.#ownership.leaseOf(userId))
      await this.#ownership.release(userId)
    })
  }

  close(userId: string): Promise<void> {
    return this.#end(userId, async (session) => session?.stop())
  }

  isMovable(userId: string): boolean {
    const state = this.status(userId)?.state
    return state === 'open' || state === 'retrying' || state === 'blocked'
  }

  async #finish(userId: string, { unlink }: { unlink: boolean }): Promise<void> {
    const owner = await this.#ownership.ownerOf(userId)
    if (owner.kind === 'elsewhere') {
      await this.#rows.requestEnd(userId, { unlink })
      // A node that does not answer finds out as soon as it does.
      await this.#ownership.whenReleased(userId, OTHER_NODE_MS)
      return
    }
    // Should it fail here, whoever looks at the row next unlinks it.
    await this.#rows.requestEnd(userId, { unlink })
    await this.unwanted(userId, { unlink })
  }

  /** Ends a session once; who asks again meanwhile waits for the same end. */
  #end(userId: string, end: (session: LiveSession | undefined) => Promise<void>): Promise<void> {
    const ending = this.#ends.get(userId)
    if (ending) return ending.work
    const session = this.#take(userId)
    const work = end(session).finally(() => this.#ends.delete(userId))
    this.#ends.set(userId, { work, session })
    return work
  }

  // Taken out before it is stopped, so that its last state change is not mistaken for an end of its own.
  #take(userId: string): LiveSession | undefined {
    const session = this.#sessions.get(userId)
    this.#sessions.delete(userId)
    return session
  }

  #start(user: User): LiveSession {
    const existing = this.#sessions.get(user.id)
    if (existing?.running) return existing
    const session = new LiveSession(user, this.#services)
    this.#sessions.set(user.id, session)
    session.start()
    return session
  }

  // A session that will not come back by itself is dropped, as wuzapi drops its client: the next call says "no session".
  #stateChanged(session: LiveSession, state: State, input: Input): void {
    const userId = session.user.id
    if (this.#sessions.get(userId) !== session) return
    this.#ownership.tell(userId, state.name)
    const isOver = !isRunning(state) && !(state.name === 'blocked' && state.until !== undefined)
    if (!isOver) return
    this.#sessions.delete(userId)
    // Replaced by another connection of the same device: that one may be gone when this server starts again.
    if (input.type === 'closed' && input.code === REPLACED) return
    if (input.type === 'leaseLost') {
      // Held all the same, under a newer epoch: whoever looks next opens it.
      if (this.#ownership.holds(userId))
        this.#ownership
          .release(userId)
          .catch((error: unknown) => session.log.error({ err: error }, 'could not give a session back'))
      return
    }
    this.#noteEnd(session).catch((error: unknown) =>
      session.log.error({ err: error }, 'could not note that the session has ended'),
    )
  }

  async #noteEnd(session: LiveSession): Promise<void> {
    const userId = session.user.id
    if (!this.#ownership.holds(userId)) return
    const lease = this.#ownership.leaseOf(userId)
    await this.#end(userId, async () => {
      // What it told of its end is stored first: after a crash it would otherwise not be told.
      await session.settled()
      await this.#rows.setWanted(userId, false, lease)
      await this.#ownership.release(userId)
    })
  }
}
