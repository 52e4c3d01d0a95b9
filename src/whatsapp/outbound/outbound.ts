import { isMe } from '../../lib/jid.ts'
import type { Logger } from '../../lib/process/logger.ts'
import { forThisRequest } from '../../lib/process/request-context.ts'
import type { Contact } from '../../store/contacts.ts'
import type { Database } from '../../store/database/database.ts'
import { keepChatTimers } from '../../store/messages/chat-timers.ts'
import { timerSent } from '../inbound/chat-timers.ts'
import type { GroupDirectory } from '../inbound/group-directory.ts'
import type { SharedCaches } from '../library/caches.ts'
import type { BinaryNode, WASocket } from '../library/engine.ts'
import { runInRootContext } from '../library/patches/index.ts'
import { withoutDevice } from '../wire/jid.ts'
import type { Me } from '../wire/node.ts'
import { Acks } from './acks.ts'
import type { Audiences } from './audiences.ts'
import { type OutgoingMessage, relay, type Sent } from './outgoing.ts'
import { prepared } from './prepared.ts'
import { answerRetryRequest, type ResendDeps } from './resends.ts'
import { type Pace, SendQueue } from './send-queue.ts'
import type { SentMessages } from './sent-messages.ts'

/** What the way out of one session needs. */
export interface OutboundDeps {
  userId: string
  db: Database
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
   * Sends one message and resolves when the server acknowledged it; see `prepared` and `relay` for what they throw. Gives
   * the message as it went out, too: what it refers to is looked up, and a status that does not say whom it is for goes to
   * those whom the account's privacy settings let see it.
   */
  async send(message: OutgoingMessage): Promise<{ sent: Sent; outgoing: OutgoingMessage }> {
    const { ready, me } = this.#deps
    let asSent = message
    const sent = await this.#queue.run({
      chat: message.to,
      prepare: async () => {
        const socket = await ready()
        return inCleanContext(() => prepared(this.#deps, socket, message))
      },
      write: async ({ outgoing, address }) => {
        asSent = outgoing
        const socket = await ready()
        const way = { ...this.#deps, socket, acks: this.acks, from: withoutDevice(me().pn) }
        return inCleanContext(() => relay(way, outgoing, address))
      },
    })
    await this.#noteTimer(asSent, sent)
    return { sent, outgoing: asSent }
  }

  /** Remembers the timer that a message has set for its chat. */
  async #noteTimer({ message }: OutgoingMessage, { to, timestamp }: Sent): Promise<void> {
    const { db, userId, log } = this.#deps
    const timer = timerSent(message, { userId, chat: to, at: timestamp })
    // The message has left: whoever sent it must not be told that it failed.
    await (timer && keepChatTimers(db, [timer]))?.catch((error: unknown) =>
      log.warn({ err: error }, 'could not note the timer of a chat'),
    )
  }

  /** Everybody in a group but the account itself, JIDs as the group has them. Rejects like the library where WhatsApp does not tell. */
  async othersIn(group: string): Promise<string[]> {
    const { participants = [] } = (await this.#deps.groups.get(group)) ?? {}
    return participants.map(({ id }) => withoutDevice(id)).filter((jid) => !isMe(jid, this.#deps.me()))
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

/** Runs what speaks through the library outside of its transactions, on behalf of the same request. */
function inCleanContext<Result>(work: () => Promise<Result>): Promise<Result> {
  return runInRootContext(forThisRequest(work))
}
