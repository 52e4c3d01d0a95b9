import { ApiError } from '../../lib/errors.ts'
import { ChangeWaiters } from '../../lib/flow/change-waiters.ts'
import { PendingTasks } from '../../lib/flow/pending-tasks.ts'
import type { MessageRef } from '../../lib/message-ref.ts'
import type { Logger } from '../../lib/process/logger.ts'
import { forThisRequest } from '../../lib/process/request-context.ts'
import type { User } from '../../store/users/users.ts'
import { openSessionCalls } from '../calls/open-session-calls.ts'
import type { LiveSessionCalls } from '../calls/session-calls.ts'
import { GroupDirectory } from '../inbound/group-directory.ts'
import { interceptStanzas } from '../inbound/pipeline.ts'
import { SharedChanges } from '../keys/app-state-changes.ts'
import type { AuthState } from '../keys/auth-state.ts'
import { holdFramesUntilStored } from '../keys/write-barrier.ts'
import type { BinaryNode, WASocket } from '../library/engine.ts'
import { closedInput, isLeaseLost, toApiError } from '../library/faults.ts'
import { PUBLIC_ADV_SECRET } from '../library/network.ts'
import { runInRootContext } from '../library/patches/index.ts'
import { browserOf, openSocket } from '../library/socket.ts'
import type { MediaTools } from '../outbound/media-tools.ts'
import { Outbound } from '../outbound/outbound.ts'
import type { OutgoingMessage, Sent } from '../outbound/outgoing.ts'
import { sendReadReceipts } from '../outbound/read-receipts.ts'
import { resolveRecipient } from '../wire/jid.ts'
import { ConnectionSlot } from './connection-slot.ts'
import { sessionEvent, sessionOpened } from './events.ts'
import { Linking } from './linking/linking.ts'
import { askForPairingCode, isInterrupted } from './linking/pairing.ts'
import { type Effect, type Input, isActive, isRunning, next, type State } from './machine.ts'
import { Recorder } from './recorder.ts'
import { RegisteredNumbers } from './registered-numbers.ts'
import type { SessionServices } from './services.ts'
import { type SessionStatus, statusHere } from './status.ts'

const READY_TIMEOUT_MS = 10_000

/** One linked device: runs the effects of the state machine and is the only holder of a Baileys socket. */
export class LiveSession {
  readonly user: User
  readonly log: Logger
  readonly #services: SessionServices
  readonly outbound: Outbound
  readonly #groups: GroupDirectory
  readonly linking: Linking
  readonly calls: LiveSessionCalls | undefined
  readonly #recorder: Recorder
  readonly #stopping = new AbortController()
  readonly #slot: ConnectionSlot
  #state: State = { name: 'idle' }
  #socket: WASocket | undefined
  #auth: AuthState | undefined
  #changes: SharedChanges | undefined
  /** Whether the stored keys belong to a linked phone; unknown until they have been read. */
  #linked: boolean | undefined
  /** Why the keys of a session that is over are still there. */
  #eraseFailure: unknown
  #timer: NodeJS.Timeout | undefined
  #work: Promise<void> = Promise.resolve()
  readonly #numbers = new RegisteredNumbers()
  readonly #waiters = new ChangeWaiters(this.#stopping.signal)
  readonly #background = new PendingTasks((error) => this.#storeFailed(error))

  constructor(user: User, services: SessionServices) {
    this.user = user
    this.#services = services
    this.#slot = new ConnectionSlot(services.slots, this.#stopping.signal)
    this.#groups = new GroupDirectory(services.caches, user.id)
    this.log = services.log.child({ session: user.id })
    this.#recorder = new Recorder(services, user.id, this)
    this.linking = new Linking({
      log: this.log,
      rules: services.linking,
      qrImage: services.qrImage,
      newPage: () => services.newPage(user.id),
      apply: (input) => this.#apply(input),
      record: (events) =>
        this.#background.add(Promise.resolve(events).then((all) => this.#recorder.record(all))),
      recordStanza: (node) => this.#background.add(this.#recorder.recordStanza(node) ?? Promise.resolve()),
    })
    this.outbound = new Outbound(
      {
        ...services,
        userId: user.id,
        log: this.log,
        groups: this.#groups,
        me: () => this.me,
        ready: () => this.ready(),
      },
      this.#stopping.signal,
    )
    this.calls = openSessionCalls(this, services)
  }

  get status(): SessionStatus {
    return statusHere(this.#state, this.#linked === true, this.#auth?.state.creds.me)
  }

  /** Own JIDs with device part, empty before linking; what stanza parsers compare senders with. */
  get me(): { pn: string; lid: string } {
    const me = this.#auth?.state.creds.me
    return { pn: me?.id ?? '', lid: me?.lid ?? '' }
  }

  /** What files are handled with. */
  get media(): MediaTools {
    return this.#services.media
  }

  get running(): boolean {
    return isRunning(this.#state)
  }

  /** Begins connecting; resolves at once. A running session is left as it is. */
  start(): void {
    this.#apply({ type: 'start' })
  }

  /** The socket of an open session. Throws `not_logged_in` before linking and `not_connected` while there is none. */
  socket(): WASocket {
    if (this.#socket && this.#state.name === 'open') return this.#socket
    if (!this.#linked) throw new ApiError('not_logged_in', { text: "the store doesn't contain a device JID" })
    throw new ApiError('not_connected', { text: 'websocket not connected' })
  }

  /** Waits up to ten seconds for a session on its way to open, then gives its socket or throws as `socket()` does. */
  async ready(): Promise<WASocket> {
    const isDecided = () => this.#state.name === 'open' || this.#linked === false || !this.running
    if (!isDecided()) await this.waitFor(isDecided, READY_TIMEOUT_MS)
    return this.socket()
  }

  /** Waits until `condition` holds or the time is over; tells which. */
  waitFor(condition: (status: SessionStatus) => boolean, timeoutMs: number): Promise<boolean> {
    return this.#waiters.until(() => condition(this.status), timeoutMs)
  }

  /** Runs a call of the library on the open socket and turns its failures into ApiErrors. */
  async call<T>(work: (socket: WASocket) => Promise<T>): Promise<T> {
    const socket = await this.ready()
    try {
      return await runInRootContext(forThisRequest(() => work(socket)))
    } catch (error) {
      throw toApiError(error)
    }
  }

  /** The JID for what a caller gave as recipient: by the pairs the session has learnt, in the form WhatsApp knows. */
  async resolve(to: string): Promise<string> {
    const jid = await resolveRecipient(to, async (ids) =>
      (await this.ready()).authState.keys.get('lid-mapping', ids),
    )
    return this.#numbers.find(jid, () => this.ready())
  }

  /** Sends read receipts for messages that others wrote in one chat, and notes that they were read. */
  readMessages(messages: MessageRef[]): Promise<void> {
    return sendReadReceipts(this, messages, this.#services.reads)
  }

  /** Sends one message and resolves when the server acknowledged it. `id` defaults to a new one. */
  async send(message: OutgoingMessage): Promise<Sent> {
    const { sent, outgoing } = await this.outbound.send(message)
    await this.#services.tellSent(this, outgoing, sent)
    return sent
  }

  /** Asks for a code to link by typing it on the phone; needs a connected session without a linked phone. */
  async requestPairingCode(phone: string): Promise<string> {
    if (this.#linked) throw new ApiError('already_logged_in', { text: 'already paired', status: 400 })
    await this.waitFor((status) => status.qr !== '', READY_TIMEOUT_MS)
    if (!this.#socket || this.#state.name !== 'pairing')
      throw new ApiError('not_connected', { text: 'websocket not connected' })
    return askForPairingCode(this.#socket, phone)
  }

  /** Closes the socket without unlinking the phone; resolves when nothing of the session runs any more. */
  async stop({ isLeaving = false } = {}): Promise<void> {
    await this.#end({ type: 'stop', isLeaving })
  }

  /** Closes the session for good and erases its keys; rejects when these could not be erased. */
  async logout(): Promise<void> {
    await this.#end({ type: 'logout' })
    if (this.#eraseFailure !== undefined) throw this.#eraseFailure
  }

  /** Closes the socket at once and writes nothing more: the session may belong to another node now. Never rejects. */
  async lose(): Promise<void> {
    const [ending, socket] = [this.calls?.end(), this.#socket]
    this.#stopping.abort()
    this.#auth?.abandon()
    this.#socket = undefined
    this.#apply({ type: 'leaseLost' })
    await ending
    await socket?.end(undefined).catch((error: unknown) => this.log.warn({ err: error }, 'could not close'))
  }

  /** Resolves when every effect begun so far is done and everything that arrived is stored. */
  async settled(): Promise<void> {
    let seen: Promise<void> | undefined
    while (seen !== this.#work || this.#background.busy) {
      seen = this.#work
      await seen
      await this.#background.settled()
    }
  }

  async #end(input: Input): Promise<void> {
    if (this.calls) await this.calls.end()
    this.#apply(input)
    this.#stopping.abort()
    await this.settled()
  }

  #apply(input: Input): void {
    const before = this.#state
    const { state, effects } = next(before, input, { now: Date.now(), random: Math.random() })
    this.#state = state
    if (before.name !== state.name) {
      const code = 'code' in input ? input.code : undefined
      this.log.info({ from: before.name, to: state.name, input: input.type, code }, 'session state')
      if (!isActive(state) || state.name === 'open' || state.name === 'pairing') this.#slot.free()
      this.#services.stateChanged(this, { before, state, input })
    }
    for (const effect of effects) this.#enqueue(effect)
    this.#waiters.changed()
  }

  #setLinked(linked: boolean): void {
    this.#linked = linked
    this.#waiters.changed()
  }

  // Effects run one after the other, so that a close and the open that follows never overlap.
  #enqueue(effect: Effect): void {
    this.#work = this.#work
      .then(() => this.#run(effect))
      .catch((error: unknown) => {
        if (isLeaseLost(error)) return this.lose()
        if (effect.type === 'eraseKeys') this.#eraseFailure = error
        this.log.error({ err: error, effect: effect.type }, 'session effect failed')
        if (effect.type === 'openSocket') this.#apply({ type: 'closed', code: 500 })
      })
  }

  async #run(effect: Effect): Promise<void> {
    switch (effect.type) {
      case 'requestSlot':
        return this.#slot.request(() => {
          if (this.#state.name !== 'queued') return false
          this.#apply({ type: 'slot' })
          return true
        })
      case 'openSocket':
        return this.#open()
      case 'closeSocket':
        return this.#close()
      case 'eraseKeys':
        this.#eraseFailure = undefined
        await (await this.#openAuth()).erase()
        this.#auth = undefined
        this.#setLinked(false)
        this.#services.caches.forget(this.user.id)
        return
      case 'wait':
        clearTimeout(this.#timer)
        this.#timer = setTimeout(
          () => this.#apply({ type: 'retry' }),
          Math.min(effect.delayMs, 2 ** 31 - 1),
        ).unref()
        return
      case 'refreshVersion':
        return this.#services.refreshVersion()
      case 'alarm':
        this.log.error({ reason: effect.reason }, 'session needs attention')
        return
      case 'emit':
        return this.#recorder.record([sessionEvent(effect.event)])
    }
  }

  async #open(): Promise<void> {
    await this.#close()
    if (!isActive(this.#state)) return
    const network = await this.#services.networkOf(this.user)
    if (isInterrupted((await this.#openAuth()).state.creds)) await this.#run({ type: 'eraseKeys' })
    const auth = await this.#openAuth()
    this.#setLinked(Boolean(auth.state.creds.account))
    if (network.simulated && !this.#linked) auth.state.creds.advSecretKey = PUBLIC_ADV_SECRET
    const socket = runInRootContext(() =>
      openSocket({
        userId: this.user.id,
        auth: auth.state,
        network,
        caches: this.#services.caches,
        makeSignalRepository: auth.makeSignalRepository,
        groupOf: (jid) => this.#groups.use(jid),
        options: this.#services.socketOptions(this.user),
        historyDays: this.user.daysToSyncHistory,
        traced: (details, message) => this.#changes?.hear(details, message),
        log: this.log.child({ part: 'library' }),
      }),
    )
    this.#socket = socket
    holdFramesUntilStored(socket, () => auth.pendingAnswer())
    this.#services.socketOpened(this.user.id, socket)
    this.#groups.watch(socket)
    this.#listen(socket, auth)
  }

  async #openAuth(): Promise<AuthState> {
    if (this.#auth) return this.#auth
    let auth: AuthState | undefined
    const changes = new SharedChanges(
      (events, ids) => this.#background.share(this.#recorder.record(events, ids)),
      () => auth?.state.creds.me?.id ?? '',
    )
    this.#changes = changes
    const onFailed = (error: unknown) => this.#storeFailed(error)
    auth = await this.#services.openAuth(this.user.id, { onFailed, changesTold: () => changes.told() })
    this.#auth = auth
    return auth
  }

  #listen(socket: WASocket, auth: AuthState): void {
    const guard =
      <A>(handler: (argument: A) => void) =>
      (argument: A) => {
        if (this.#socket === socket) runInRootContext(() => handler(argument))
      }
    socket.ev.on('creds.update', () => runInRootContext(() => this.#background.add(auth.saveCreds())))
    socket.ev.on('creds.update', this.#waiters.changed)
    this.linking.watch(socket, guard, browserOf(this.#services.socketOptions(this.user)))
    socket.ev.on(
      'connection.update',
      guard((update) => {
        if (update.connection === 'open') this.#background.add(this.#opened())
        if (update.connection === 'close') this.#closed(update.lastDisconnect?.error)
      }),
    )
    socket.ws.on('CB:ack,class:message', (node: BinaryNode) => this.outbound.acknowledge(node))
    interceptStanzas(socket, {
      record: (node) => this.#recorder.recordStanza(node),
      onFailed: (error) => this.#storeFailed(error),
      background: (work) => this.#background.add(work),
      resend: (receipt) => this.outbound.resend(receipt, { socket, onFailed: auth.fail }),
      noteOrigin: auth.noteOrigin,
      takeCall: (stanza) => this.calls?.take(stanza),
    })
  }

  async #opened(): Promise<void> {
    this.#setLinked(true)
    this.#apply({ type: 'opened' })
    this.calls?.opened()
    await this.#recorder.noteIdentity()
    await this.#recorder.record([sessionOpened(this.#auth?.state.creds)])
  }

  #closed(error: unknown): void {
    this.outbound.abandon()
    this.linking.lost()
    this.#recorder.forgetIdentity()
    this.calls?.closed()
    this.#socket = undefined
    this.#apply(closedInput(error))
    // Nobody could end a call of a session that does not come back, such as one that its phone has unlinked.
    if (this.calls && !this.running && this.#state.name !== 'blocked') this.#background.add(this.calls.end())
  }

  // Going on with keys in memory that are ahead of the disk would corrupt ratchets: drop both and read them again.
  // Closing again what is closed would call off the retry.
  #storeFailed(error: unknown): void {
    if (this.#stopping.signal.aborted) return
    if (isLeaseLost(error)) return void this.lose()
    const auth = this.#auth
    this.#auth = undefined
    // The library goes on for a moment: it must not write beside the store that is opened next.
    auth?.fail(error)
    if (!isActive(this.#state)) return
    this.log.error({ err: error }, 'could not store what arrived; reconnecting')
    this.#enqueue({ type: 'closeSocket' })
    this.#apply({ type: 'closed', code: 428 })
  }

  async #close(): Promise<void> {
    clearTimeout(this.#timer)
    this.outbound.abandon()
    this.linking.close()
    this.calls?.closed()
    const socket = this.#socket
    this.#socket = undefined
    if (socket) {
      socket.ev.flush()
      await socket.end(undefined)
    }
    await this.#auth?.flush()
  }
}
