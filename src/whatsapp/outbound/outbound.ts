import { ApiError } from '../../lib/errors.ts'
import { isBroadcastJid } from '../../lib/jid.ts'
import type { Logger } from '../../lib/process/logger.ts'
import { forThisRequest } from '../../lib/process/request-context.ts'
import type { Contact } from '../../store/contacts.ts'
import type { GroupDirectory } from '../inbound/group-directory.ts'
import type { SharedCaches } from '../library/caches.ts'
import { type BinaryNode, isJidMetaAI, isJidStatusBroadcast, type WASocket } from '../library/engine.ts'
import { toApiError } from '../library/faults.ts'
import { runInRootContext } from '../library/patches/index.ts'
import { withoutDevice } from '../wire/jid.ts'
import type { Me } from '../wire/node.ts'
import { Acks } from './acks.ts'
import type { Audiences } from './audiences.ts'
import { openBotSession } from './bot-session.ts'
import { type OutgoingMessage, relay, type Sent } from './outgoing.ts'
import { answerRetryRequest, type ResendDeps } from './resends.ts'
import { type Pace, SendQueue } from './send-queue.ts'
import type { SentMessages } from './sent-messages.ts'
import { statusViewers } from './status-viewers.ts'

/** What the way out of one session needs. */
export interface OutboundDeps {
  userId: string
  /** The account's own JIDs. */
  me(): Me
  /** The socket of the open session; waits a moment for one on its way, then throws. */
  ready(): Promise<WASocket>
  sent: SentMessages
  audiences: Audiences
  groups: GroupDirectory
  /** Everybody an account knows. */
  contacts(userId: string): Promise<Contact[]>
  caches: SharedCaches
  pace: Pace
  log: Logger
}

/** The way out of one session: the queue and its pace, the acks, and the copies for devices that ask for them. */
export class Outbound {
  readonly #deps: OutboundDeps
  readonly acks: Acks
  readonly #queue: SendQueue

  /** `signal` ends the waiting when the session stops. */
  constructor(deps: OutboundDeps, signal: AbortSignal) {
    this.#deps = deps
    this.acks = new Acks((name) => deps.sent.mark(deps.userId, name, { status: 'sent' }))
    this.#queue = new SendQueue(deps.pace, signal)
  }

  /**
   * Sends one message and resolves when the server acknowledged it; see `relay` for what it throws. A status that does not
   * say whom it is for goes to those whom the account's privacy settings let see it.
   */
  send(message: OutgoingMessage): Promise<Sent> {
    const { ready, me } = this.#deps
    return this.#queue.run(async () => {
      const socket = await ready()
      const way = { ...this.#deps, socket, acks: this.acks, from: withoutDevice(me().pn) }
      return runInRootContext(forThisRequest(async () => relay(way, await this.#prepared(socket, message))))
    })
  }

  /**
   * What the library has to know before it sends to anything but people and groups. Throws `unsupported` for a broadcast
   * list that was made on the phone.
   */
  async #prepared(socket: WASocket, message: OutgoingMessage): Promise<OutgoingMessage> {
    const { contacts, userId, caches } = this.#deps
    const { to, statusJidList } = message
    // WhatsApp takes a message that is for nobody, and its acknowledgement says nothing of that.
    if (isBroadcastJid(to) && !isJidStatusBroadcast(to))
      throw new ApiError('unsupported', {
        text: 'nothing can be sent to a broadcast list: WhatsApp does not tell linked devices who is in it',
      })
    try {
      if (isJidMetaAI(to)) await openBotSession(socket, to, { caches, userId })
      if (!isJidStatusBroadcast(to) || statusJidList) return message
      return { ...message, statusJidList: await statusViewers(socket, () => contacts(userId)) }
    } catch (error) {
      throw toApiError(error)
    }
  }

  /** Takes an `<ack class="message">` stanza. */
  acknowledge(ack: BinaryNode): void {
    this.acks.handle(ack)
  }

  /** Fails all that waits for an ack, because the socket is gone: whether WhatsApp took it is unknown. */
  abandon(): void {
    this.acks.abandon()
  }

  /** Answers a device that asks for another copy of a message; never rejects. */
  resend(receipt: BinaryNode, on: Pick<ResendDeps, 'socket' | 'onFailed'>): Promise<void> {
    return answerRetryRequest({ ...this.#deps, ...on }, receipt)
  }
}
