import type { Event } from '../../../events/event.ts'
import type { Logger } from '../../../lib/process/logger.ts'
import { equalSecrets } from '../../../lib/secrets/timing-safe-equal.ts'
import type { BinaryNode, SocketConfig, WASocket } from '../../library/engine.ts'
import type { Input } from '../machine.ts'
import { CodeRotation, type ShownCode } from './code-rotation.ts'
import { watchPairing } from './pairing.ts'
import type { PasskeyCeremony, PasskeyFailure, PasskeyView } from './passkey-ceremony.ts'
import { passkeyConfirmation, passkeyFailed, passkeyRequest } from './passkey-events.ts'
import type { LinkingRules } from './rules.ts'
import { watchPasskey } from './watch-passkey.ts'

/** What a linking needs of its session. */
export interface LinkingDeps {
  log: Logger
  rules: LinkingRules
  /** A QR text as a PNG data URL. */
  qrImage(text: string): Promise<string>
  /** Makes a key for the page on which the person who is linking goes on. */
  newPage(): string
  apply(input: Input): void
  /** Stores events that nobody waits for. */
  record(events: Event[] | Promise<Event[]>): void
  /** The same with what a stanza means. */
  recordStanza(node: BinaryNode): void
}

/** What is known of a ceremony from outside. */
export interface PendingPasskey extends PasskeyView {
  /** The key of its page. */
  page: string
}

type Guard = <A>(handler: (argument: A) => void) => (argument: A) => void

/** How a session comes to its phone: by a code that is scanned or typed, and by a passkey where WhatsApp demands one. */
export class Linking {
  readonly #deps: LinkingDeps
  #codes: CodeRotation | undefined
  #ceremony: PasskeyCeremony | undefined
  #page = ''
  #failure: PasskeyFailure | undefined

  constructor(deps: LinkingDeps) {
    this.#deps = deps
  }

  /** The ceremony that is under way. */
  get passkey(): PendingPasskey | undefined {
    const ceremony = this.#ceremony
    return ceremony && !ceremony.isOver ? { ...ceremony.view, page: this.#page } : undefined
  }

  /** The ceremony that is under way, to go on with it. */
  get ceremony(): PasskeyCeremony | undefined {
    return this.#ceremony?.isOver ? undefined : this.#ceremony
  }

  /** Why the ceremony that ended last came to nothing; undefined when it did not, or another one has begun. */
  get failure(): PasskeyFailure | undefined {
    return this.#failure
  }

  /** Whether a page belongs to the linking under way, or to the one that ended last. */
  hasPage(page: string): boolean {
    return this.#page !== '' && equalSecrets(page, this.#page)
  }

  /** Listens to a new socket; `guard` keeps what comes late from one that was replaced. */
  watch(socket: WASocket, guard: Guard, browser: SocketConfig['browser']): void {
    const { log, rules, apply, record, recordStanza } = this.#deps
    this.#codes = new CodeRotation(socket, {
      browser,
      rules,
      onCode: guard((shown) => this.#show(shown)),
      log,
    })
    watchPairing(socket, {
      onPaired: guard((node) => {
        this.#ceremony?.succeed()
        this.close()
        recordStanza(node)
        apply({ type: 'paired' })
      }),
      onFailed: guard((events) => {
        this.close()
        record(events)
        apply({ type: 'pairFailed' })
      }),
    })
    const inTurn = {
      required: guard((view: PasskeyView) => this.#required(view)),
      stage: guard(({ stage }: PasskeyView) => apply({ type: 'passkey', stage })),
      code: guard(([view, isAutomatic]: [PasskeyView, boolean]) =>
        record(passkeyConfirmation(view, isAutomatic)),
      ),
      failed: guard(([failure, isContinuation]: [PasskeyFailure, boolean]) =>
        this.#failed(failure, isContinuation),
      ),
      begun: guard((ceremony: PasskeyCeremony) => {
        this.#codes?.stop()
        this.#ceremony = ceremony
        this.#page = this.#deps.newPage()
        this.#failure = undefined
      }),
    }
    watchPasskey(socket, {
      rules,
      log,
      hooks: {
        onBegun: inTurn.begun,
        onRequired: inTurn.required,
        onStage: inTurn.stage,
        onCode: (view, isAutomatic) => inTurn.code([view, isAutomatic]),
        onFailed: (failure, isContinuation) => inTurn.failed([failure, isContinuation]),
      },
    })
  }

  /** The connection is gone: what was begun on it is over. */
  lost(): void {
    this.#codes?.stop()
    this.#ceremony?.fail('connection_lost')
  }

  /** Ends everything without a word. */
  close(): void {
    this.#codes?.stop()
    this.#ceremony?.close()
    this.#ceremony = undefined
  }

  #show(shown: ShownCode): void {
    const { apply, record, qrImage } = this.#deps
    const { text, codes } = shown
    apply({ type: 'qr', text })
    const told = async (): Promise<Event[]> => [
      { type: 'session.qr', code: text, image: await qrImage(text), ...(codes && { codes }) },
    ]
    record(told())
  }

  #required(view: PasskeyView): void {
    this.#deps.apply({ type: 'passkey', stage: view.stage })
    this.#deps.record(passkeyRequest(view, this.#page))
  }

  #failed(failure: PasskeyFailure, isContinuation: boolean): void {
    const { log, apply, record } = this.#deps
    log.info({ failure }, 'a linking with a passkey failed')
    this.close()
    this.#failure = failure
    record(passkeyFailed(failure, isContinuation))
    apply({ type: 'passkeyFailed' })
  }
}
