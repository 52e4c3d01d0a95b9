import type { OwnedSessions, Ownership } from '../../cluster/ownership.ts'
import { ApiError } from '../../lib/errors.ts'
import type { Lease } from '../../store/nodes/leases.ts'
import type { Unlinked } from '../../store/users/removals.ts'
import type { User } from '../../store/users/users.ts'
import { isRunning } from './machine.ts'
import type { SessionServices } from './services.ts'
import { LiveSession } from './session.ts'
import { type SessionStatus, statusElsewhere } from './status.ts'
import type { Transition } from './timeline.ts'
import { unlinkDevice } from './unlink.ts'

/** What the manager keeps in the users table. */
export interface SessionRows {
  /** Users whose session should be open, for `restore`. */
  wanted(): Promise<User[]>
  user(userId: string): Promise<User | undefined>
  /** With a lease, only while that is good; false when it is not, or there is no such user any more. */
  setWanted(userId: string, wanted: boolean, lease?: Lease): Promise<boolean>
  /** Says that a session of another node is to end. */
  requestEnd(userId: string, options: { unlink: boolean }): Promise<void>
  /** What other nodes say of the sessions they run, of one user or all. */
  statesElsewhere(userId?: string): Promise<Map<string, string>>
  /** Erases keys of a session that is not running; with a lease, only while that is good. */
  eraseKeys(userId: string, lease?: Lease): Promise<void>
  /** A user with a linked phone, also one that is being deleted. */
  linkedUser(userId: string): Promise<User | undefined>
  /** Tells other nodes what became of the link to the phone; with a lease, only while that is good. */
  noteUnlinked(userId: string, noted: { unlinked: Unlinked; lease?: Lease }): Promise<void>
  notedUnlinked(userId: string): Promise<Unlinked | undefined>
}

/** How a session is ended. */
interface End {
  unlink: boolean
  /** How long a session that is not open may take to connect, so that its phone can be told. */
  patienceMs?: number
}

/** A session that is being closed. */
interface Ending {
  work: Promise<Unlinked | undefined>
  unlinks: boolean
  session: LiveSession | undefined
}

const REPLACED = 440
/** A session in these states is open, or will be as soon as it can. */
const USABLE: SessionStatus['state'][] = ['queued', 'connecting', 'open']
/** The owner of a session looks twice a second whether it is still wanted. */
const OTHER_NODE_MS = 5_000
/** To connect once, which takes a second or two when WhatsApp is there. */
const UNLINK_PATIENCE_MS = 10_000

/** The sessions of this node. No other code starts or stops one. */
export class SessionManager implements OwnedSessions {
  readonly #sessions = new Map<string, LiveSession>()
  /** Sessions that are being closed: whoever wants to begin anew must wait. */
  readonly #ends = new Map<string, Ending>()
  readonly #services: SessionServices
  readonly #rows: SessionRows
  readonly #ownership: Ownership

  constructor(
    services: Omit<SessionServices, 'stateChanged'>,
    { rows, ownership }: { rows: SessionRows; ownership: Ownership },
  ) {
    this.#services = {
      ...services,
      stateChanged: (session, transition) => {
        services.timeline.note(session.user.id, transition)
        this.#stateChanged(session, transition)
      },
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

  /** Whether a session of this node takes part in the call with this id. */
  hasCall(callId: string): boolean {
    for (const { calls } of this.#sessions.values()) if (calls?.find(callId)) return true
    return false
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
    // Deleted while it waited for its end.
    if (!(await this.#rows.setWanted(user.id, true))) {
      await this.#ownership.release(user.id)
      throw new ApiError('unauthorized')
    }
    return this.#start(user)
  }

  /** Closes the session and keeps its link to the phone. */
  async disconnect(userId: string): Promise<void> {
    await this.#finish(userId, { unlink: false })
  }

  /** Unlinks the device and erases its keys; tells whether the phone has heard of it. */
  async logout(userId: string, patienceMs = UNLINK_PATIENCE_MS): Promise<Unlinked> {
    return (await this.#finish(userId, { unlink: true, patienceMs })) ?? 'unreachable'
  }

  /**
   * Removes every trace of a deleted user's session: unlinks it, for which it is connected for a moment if it is not
   * open, and erases its keys in any case. Takes little longer than `patienceMs`.
   */
  async forget(userId: string, patienceMs?: number): Promise<Unlinked> {
    const unlinked = await this.logout(userId, patienceMs)
    await this.#rows.eraseKeys(userId)
    return unlinked
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
    await Promise.allSettled([...this.#ends.values()].map(({ work }) => work))
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

  async unwanted(userId: string, end: End): Promise<void> {
    await this.#conclude(userId, end)
  }

  async close(userId: string): Promise<void> {
    await this.#end(userId, async (session) => {
      await session?.stop({ isLeaving: true })
      return undefined
    })
  }

  isMovable(userId: string): boolean {
    const state = this.status(userId)?.state
    return state === 'open' || state === 'retrying' || state === 'blocked'
  }

  /** Ends a session wherever it is; one that nobody has is unlinked here. */
  async #finish(userId: string, end: End): Promise<Unlinked | undefined> {
    const { unlink, patienceMs = 0 } = end
    const owner = await this.#ownership.ownerOf(userId)
    const isElsewhere =
      owner.kind === 'elsewhere' ||
      (unlink && owner.kind === 'nobody' && !(await this.#ownership.claim(userId)))
    // Should it fail here, whoever looks at the row next unlinks it.
    await this.#rows.requestEnd(userId, { unlink })
    if (!isElsewhere) return this.#conclude(userId, end)
    // A node that does not answer finds out as soon as it does.
    const isReleased = await this.#ownership.whenReleased(userId, OTHER_NODE_MS + patienceMs)
    return unlink && isReleased ? this.#rows.notedUnlinked(userId) : undefined
  }

  async #conclude(userId: string, { unlink, patienceMs }: End): Promise<Unlinked | undefined> {
    // A session that is about to be closed is opened once more, if its phone is to be told.
    for (
      let ending = this.#ends.get(userId);
      unlink && ending && !ending.unlinks;
      ending = this.#ends.get(userId)
    )
      await ending.work.catch(() => {})
    const work = async (session: LiveSession | undefined, ending: Ending) => {
      if (!unlink) await session?.stop()
      const unlinked = unlink ? await this.#unlink(userId, { session, ending, patienceMs }) : undefined
      await this.#ownership.release(userId)
      return unlinked
    }
    return this.#end(userId, work, unlink)
  }

  async #unlink(
    userId: string,
    { session, ending, patienceMs }: { session?: LiveSession; ending: Ending; patienceMs?: number },
  ): Promise<Unlinked> {
    const holds = this.#ownership.holds(userId)
    const user = holds ? await this.#rows.linkedUser(userId) : undefined
    const open = user && (await this.#onItsWay(user, session))
    ending.session = open ?? session
    // Whoever is in a call with it hears of the end from the device, which is about to be none any more.
    await open?.calls?.end()
    const unlinked = open
      ? await unlinkDevice(open, patienceMs ?? UNLINK_PATIENCE_MS)
      : // Whoever had the session may have been faster: a row says that it is to end before anybody asks for it.
        ((await this.#rows.notedUnlinked(userId)) ?? (holds ? 'not_linked' : 'unreachable'))
    const erased = await ending.session?.logout().then(
      () => true,
      (error: unknown) => {
        this.#services.log.warn({ err: error, session: userId }, 'keys could not be erased; trying again')
      },
    )
    if (!this.#ownership.holds(userId)) return unlinked
    const lease = this.#ownership.leaseOf(userId)
    // What a session could not erase because its database failed would link it the next time.
    if (!erased) await this.#rows.eraseKeys(userId, lease)
    await this.#rows.noteUnlinked(userId, { unlinked, lease })
    return unlinked
  }

  /** The session, or in place of one that waits for its next attempt, or of none, a new one that only lives to be ended. */
  async #onItsWay(user: User, session: LiveSession | undefined): Promise<LiveSession> {
    if (session && USABLE.includes(session.status.state)) return session
    await session?.stop()
    const passing = new LiveSession(user, this.#services)
    passing.start()
    return passing
  }

  /** Ends a session once; who asks again meanwhile waits for the same end. */
  #end(
    userId: string,
    end: (session: LiveSession | undefined, ending: Ending) => Promise<Unlinked | undefined>,
    unlinks = false,
  ): Promise<Unlinked | undefined> {
    const known = this.#ends.get(userId)
    if (known) return known.work
    const session = this.#take(userId)
    const ending: Ending = { work: Promise.resolve(undefined), unlinks, session }
    this.#ends.set(userId, ending)
    ending.work = end(session, ending).finally(() => this.#ends.delete(userId))
    return ending.work
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

  // A session that will not come back by itself is dropped: the next call says "no session".
  #stateChanged(session: LiveSession, { state, input }: Transition): void {
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
      return undefined
    })
  }
}
