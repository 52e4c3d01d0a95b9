import type { ChatChanges } from '../../events/chat-changes.ts'
import { Batcher } from '../../lib/flow/batcher.ts'
import { type MessageName, type MessageNames, nameText, type OfUser } from '../../lib/message-ref.ts'
import type { Logger } from '../../lib/process/logger.ts'
import type { GroupCommit } from '../../store/commit/group-commit.ts'
import { type Database, isDatabaseFault, judgeWrite, lockPresent } from '../../store/database/database.ts'
import { keepResponses, type MessageResponse } from '../../store/messages/message-responses.ts'
import {
  findMessage,
  findSentMessage,
  findSentTo,
  type Progress,
  setMessageStatus,
} from '../../store/messages/messages.ts'
import { addSent } from '../inbound/message-history.ts'
import { responseSent } from '../inbound/message-responses.ts'
import { isJidStatusBroadcast, proto } from '../library/engine.ts'
import type { Audiences } from './audiences.ts'
import { NOT_ON_WHATSAPP } from './refusals.ts'

export interface SentMessage extends MessageName {
  sender: string
  /** The message in protobuf. */
  encoded: Uint8Array
  /** Whom it goes to where that is not the chat itself, an id of `Audiences`. */
  audience?: string
}

/** A message as it was sent. */
export interface SentCopy {
  message: proto.IMessage
  /** Whom it went to, an id of `Audiences`; null in a chat of two, and where that is not known. */
  audience: string | null
}

type Secret = Uint8Array | null | undefined

interface Step {
  status: Progress
  /** Why it failed. */
  failure?: string
  /** Who says so, by all their JIDs; where it is not said counts as told by WhatsApp. */
  reader?: string[]
}

interface Outcome extends OfUser<MessageName>, Step {}

export interface SentMessagesDeps {
  db: Database
  writer: GroupCommit
  audiences: Pick<Audiences, 'includes'>
  changes: Pick<ChatChanges, 'tell'>
  log: Logger
  /** Hears once of each message whether WhatsApp took it. */
  onEnded?: (userId: string, status: 'sent' | 'failed') => void
}

const GATHER_MS = 100
const MOST_AT_ONCE = 500
// The message itself is safe, so there is no hurry.
const RETRY_MS = 2_000

/**
 * The messages accounts have sent: kept before they leave, because retry receipts ask for them days later. What became of them is noted in batches in the background.
 */
export class SentMessages {
  readonly #db: Database
  readonly #writer: GroupCommit
  readonly #audiences: Pick<Audiences, 'includes'>
  readonly #changes: Pick<ChatChanges, 'tell'>
  readonly #log: Logger
  readonly #onEnded: SentMessagesDeps['onEnded']
  readonly #outcomes: Batcher<Outcome>

  constructor({ db, writer, audiences, changes, log, onEnded }: SentMessagesDeps) {
    this.#db = db
    this.#writer = writer
    this.#audiences = audiences
    this.#changes = changes
    this.#log = log
    this.#onEnded = onEnded
    this.#outcomes = new Batcher({
      write: (outcomes) => this.#write(outcomes),
      judge: judgeWrite,
      maxSize: MOST_AT_ONCE,
      onLost: (outcomes, error) => {
        log.warn({ err: error }, 'could not note what became of sent messages')
        if (isDatabaseFault(error)) this.#again(outcomes)
      },
    })
  }

  /**
   * Stores a message that is about to leave. The writer keeps the order: once a ratchet that was written after this
   * call is committed, so is the message.
   */
  async keep(userId: string, { encoded, ...sent }: SentMessage): Promise<void> {
    const row = { ...sent, userId, fromMe: true, at: Date.now(), proto: encoded, status: 'pending' }
    await this.#writer.writeAlong({ sent: [row] })
    this.#changes.tell(userId, [{ kind: 'message', chat: sent.chat, id: sent.id, isNew: true }])
  }

  /** Tries once more to store a message that has left without being stored. */
  async keepAgain(userId: string, message: SentMessage): Promise<void> {
    // Whoever sent it must not be told that it failed; what is lost is the answer to a retry receipt.
    await this.keep(userId, message).catch((error: unknown) =>
      this.#log.warn({ err: error }, 'could not keep a message that was sent'),
    )
  }

  /** The message with this id in a chat, for a device that asks for it again. */
  async find(userId: string, name: MessageNames): Promise<SentCopy | undefined> {
    const stored = await findSentMessage(this.#db, { userId, ...name })
    return stored && { message: proto.Message.decode(stored.proto), audience: stored.audience ?? null }
  }

  /** The secret of the message that was sent to this chat under this id before, if one was. */
  async secretOf(userId: string, { id, chat }: MessageName): Promise<Secret> {
    const stored = await findMessage(this.#db, { userId, id, chats: [chat] })
    return stored?.fromMe ? proto.Message.decode(stored.proto).messageContextInfo?.messageSecret : undefined
  }

  /** Stores what an acknowledged message says about an earlier one: a reaction, a new text, a deletion. */
  async keepResponse(
    message: proto.IMessage,
    sent: Pick<MessageResponse, 'userId' | 'chat' | 'sender' | 'at'>,
  ): Promise<void> {
    const response = responseSent(message, sent)
    // The message has left: whoever sent it must not be told that it failed.
    if (!response) return
    const { userId, chat, targetId: id } = response
    await keepResponses(this.#db, [response]).then(
      () => this.#changes.tell(userId, [{ kind: 'message', chat, id }]),
      (error: unknown) => this.#log.warn({ err: error }, 'could not note what was said about a message'),
    )
  }

  /**
   * Notes what became of a message, and why it failed; written within a moment, nobody waits for it. What a `reader`
   * says counts for messages that went to them.
   */
  mark(userId: string, { id, chats }: MessageNames, step: Step): void {
    if (step.status === 'sent' || step.status === 'failed') this.#onEnded?.(userId, step.status)
    for (const chat of chats) this.#outcomes.put({ userId, id, chat, ...step }, GATHER_MS)
  }

  /** Writes what is gathered; resolves when it is stored. */
  flush(): Promise<void> {
    return this.#outcomes.idle()
  }

  // How far a message got only grows, so it does not matter what was noted meanwhile.
  #again(outcomes: Outcome[]): void {
    setTimeout(() => {
      for (const outcome of outcomes) this.#outcomes.put(outcome)
    }, RETRY_MS).unref()
  }

  async #write(outcomes: Outcome[]): Promise<void> {
    const believed = await this.#believed(outcomes)
    await this.#db.transaction(async (trx) => {
      const users = believed.map(({ userId }) => userId)
      // Before their messages, as whoever deletes them; what was deleted is passed over.
      await lockPresent(trx, { table: 'users', column: 'id' }, users)
      for (const [first, ...others] of alike(believed)) {
        const { status, failure } = first
        await setMessageStatus(trx, [first, ...others], { status, failure, at: Date.now() })
        // What WhatsApp took is part of the chat, also when nobody can receive it.
        if (status !== 'failed' || failure === NOT_ON_WHATSAPP) await addSent(trx, [first, ...others])
      }
    })
    for (const { userId, chat, id } of believed) this.#changes.tell(userId, [{ kind: 'message', chat, id }])
  }

  /** Without what is said about messages by people they did not go to. */
  async #believed(outcomes: Outcome[]): Promise<Outcome[]> {
    const told = outcomes.filter(({ reader }) => reader)
    if (told.length === 0) return outcomes
    const sent = await findSentTo(this.#db, told)
    const audiences = new Map(sent.map((one) => [nameText(one), one.audience]))
    const isBelieved = async (outcome: Outcome) => {
      const { userId, chat, reader } = outcome
      if (!reader) return true
      const audience = audiences.get(nameText(outcome))
      if (audience) return this.#audiences.includes(userId, audience, reader)
      // A group message from before audiences were written down. Who reads a status that names no viewers, and who only
      // guesses its id, look the same.
      return !isJidStatusBroadcast(chat)
    }
    const believed: Outcome[] = []
    for (const outcome of outcomes) if (await isBelieved(outcome)) believed.push(outcome)
    return believed
  }
}

/** Those that can be written in one statement, together. */
function alike(outcomes: Outcome[]): Iterable<[Outcome, ...Outcome[]]> {
  const groups = new Map<string, [Outcome, ...Outcome[]]>()
  for (const outcome of outcomes) {
    const name = `${outcome.status}/${outcome.failure ?? ''}`
    const group = groups.get(name)
    if (group) group.push(outcome)
    else groups.set(name, [outcome])
  }
  return groups.values()
}
