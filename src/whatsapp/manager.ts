import { ApiError } from '../lib/errors.ts'
import type { User } from '../store/users.ts'
import { type Input, isRunning, type State } from './machine.ts'
import { LiveSession } from './session.ts'
import type { SessionServices } from './session-services.ts'
import type { SessionStatus } from './session-status.ts'

/** What the manager keeps in the users table. */
export interface SessionRows {
  /** Users whose session should be open, for `restore`. */
  wanted(): Promise<User[]>
  setWanted(userId: string, wanted: boolean): Promise<void>
  /** Erases keys of a session that is not running. */
  eraseKeys(userId: string): Promise<void>
}

const REPLACED = 440

/** The sessions of this node. No other code starts or stops one. */
export class SessionManager {
  readonly #sessions = new Map<string, LiveSession>()
  readonly #services: SessionServices
  readonly #rows: SessionRows

  constructor(services: Omit<SessionServices, 'stateChanged'>, rows: SessionRows) {
    this.#services = {
      ...services,
      stateChanged: (session, state, input) => this.#stateChanged(session, state, input),
    }
    this.#rows = rows
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

  /** Starts a session and remembers that it is wanted, so that it comes back after a restart. */
  async connect(user: User): Promise<LiveSession> {
    await this.#rows.setWanted(user.id, true)
    return this.#start(user)
  }

  /** Closes the session and keeps its link to the phone. */
  async disconnect(userId: string): Promise<void> {
    await this.#rows.setWanted(userId, false)
    await this.#take(userId)?.stop()
  }

  /** Unlinks the device and erases its keys. */
  async logout(userId: string): Promise<void> {
    await this.#rows.setWanted(userId, false)
    await this.#take(userId)?.logout()
  }

  /** Removes every trace of a deleted user's session: unlinks it when it is open and erases its keys in any case. */
  async forget(userId: string): Promise<void> {
    await this.logout(userId)
    await this.#rows.eraseKeys(userId)
  }

  /** Starts every wanted session; they connect as slots come free. Resolves with their number. */
  async restore(): Promise<number> {
    const users = await this.#rows.wanted()
    for (const user of users) this.#start(user)
    return users.length
  }

  /** Closes all sessions without unlinking them; resolves when the last one is stored. */
  async drain(): Promise<void> {
    await Promise.all([...this.#sessions.keys()].map((userId) => this.#take(userId)?.stop()))
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
    const over = !isRunning(state) && !(state.name === 'blocked' && state.until !== undefined)
    if (!over || this.#sessions.get(session.user.id) !== session) return
    this.#sessions.delete(session.user.id)
    // Replaced by another connection of the same device: that one may be gone when this server starts again.
    if (input.type === 'closed' && input.code === REPLACED) return
    void this.#rows
      .setWanted(session.user.id, false)
      .catch((error: unknown) =>
        session.log.error({ err: error }, 'could not note that the session has ended'),
      )
  }
}
