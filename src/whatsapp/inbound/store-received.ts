import type { Event, MessageEvent } from '../../events/event.ts'
import type { ProtoJson } from '../../events/event-parts.ts'
import { NO_CONTENT } from '../../events/message-kinds.ts'
import { holdsOnly, innermost } from '../../events/unwrap.ts'
import type { Secrets } from '../../lib/secrets/secrets.ts'
import type { Transaction } from '../../store/database/database.ts'
import { type ChatTimer, keepChatTimers } from '../../store/messages/chat-timers.ts'
import { addPendingHistory } from '../../store/messages/history-syncs.ts'
import type { InboxRow } from '../../store/messages/inbox.ts'
import { keepResponses, type MessageResponse } from '../../store/messages/message-responses.ts'
import { keepReceivedMessages, type StoredMessage } from '../../store/messages/messages.ts'
import { proto } from '../library/engine.ts'
import type { Me } from '../wire/node.ts'
import { timersIn } from './chat-timers.ts'
import { addReceived } from './message-history.ts'
import { isResponse, responsesIn } from './message-responses.ts'
import { withSealedOpened } from './open-sealed.ts'
import { announcedHistory } from './parse/history.ts'
import { sealedIn } from './parse/sealed.ts'

/** A decrypted message and what it means. */
export interface Received {
  row: InboxRow
  events: Event[]
}

export interface ReceivedDeps {
  secrets: Secrets
  /** Who the account is; asked inside the transaction, so it must not use another connection. */
  identity(userId: string, trx: Transaction): Promise<Me>
  /** Called once the announcement of a part of the phone's history is committed. */
  onHistory(): void
}

/** Whether a message stands for itself, so that later ones can refer to it. */
export function isReferable(message: ProtoJson): boolean {
  return !holdsOnly(innermost(message), NO_CONTENT)
}

/**
 * Stores what belongs to newly received messages, in the transaction that writes their events: the messages later ones
 * refer to, what is said about those, the message history, announced parts of the phone's history. Gives the events as
 * they are to be written, with what is sealed opened.
 */
export async function keepReceived(
  { secrets, identity, onHistory }: ReceivedDeps,
  { trx, received }: { trx: Transaction; received: Received[] },
): Promise<Received[]> {
  await keepReceivedMessages(trx, received.flatMap(toKeep))
  for (const { row, events } of received) {
    const notification = announcedHistory(row.plaintext, events)
    if (!notification) continue
    await addPendingHistory(trx, secrets, {
      userId: row.userId,
      messageId: row.id,
      notification: proto.Message.HistorySyncNotification.encode(notification).finish(),
      dueAt: Date.now(),
    })
    // Of a rollback the inbox hears itself; the announcement then comes again.
    void trx.executionPromise.then(onHistory, () => {})
  }
  const meOf = (userId: string) => () => identity(userId, trx)
  const opened = await withOpened(received, (event, userId) =>
    withSealedOpened(trx, event, { userId, secrets, me: meOf(userId) }),
  )
  await keepReceivedMessages(trx, opened.flatMap(toKeepOpened))
  const messages = opened.map(({ row, events }) => ({
    userId: row.userId,
    events: events.filter(isChatMessage),
  }))
  await addReceived(trx, messages)
  await keepChatTimers(
    trx,
    messages.flatMap(({ userId, events }) => timersIn(userId, events)),
  )
  const responses: MessageResponse[] = []
  for (const { userId, events } of messages)
    responses.push(...(await responsesIn(events, { userId, me: meOf(userId) })))
  await keepResponses(trx, responses)
  return opened
}

/**
 * The messages to be stored with the events of newly received ones, where that is all that belongs to them: nothing is
 * sealed, says something about an earlier message, sets a timer anew or announces history. Undefined otherwise.
 */
export async function plainMessages(
  received: Received[],
  isKnown: (timer: ChatTimer) => Promise<boolean>,
): Promise<StoredMessage[] | undefined> {
  for (const { row, events } of received) {
    if (announcedHistory(row.plaintext, events)) return undefined
    for (const event of events) {
      if (!isChatMessage(event)) continue
      if (sealedIn(event) || isResponse(event)) return undefined
      for (const timer of timersIn(row.userId, [event])) if (!(await isKnown(timer))) return undefined
    }
  }
  return received.flatMap(toKeep)
}

function isChatMessage(event: Event): event is MessageEvent {
  return event.type === 'message' && event.category !== 'peer'
}

function toKeep({ row, events: [event] }: Received): StoredMessage[] {
  // Channel posts can be asked for at any time, and there are many.
  if (!event || !isChatMessage(event) || row.encType === 'plaintext') return []
  if (!isReferable(event.raw)) return []
  return [stored(event, row, event.deviceSent ? ownMessage(row.plaintext) : row.plaintext)]
}

/** What was sealed and stands for itself, as a comment does: in its plain form. */
function toKeepOpened({ row, events: [event] }: Received): StoredMessage[] {
  if (!event || !isChatMessage(event) || !event.decrypted || !isReferable(event.decrypted)) return []
  return [stored(event, row, proto.Message.encode(proto.Message.fromObject(event.decrypted)).finish())]
}

function stored(event: MessageEvent, row: InboxRow, encoded: Uint8Array): StoredMessage {
  return {
    userId: row.userId,
    id: event.id,
    chat: event.chat,
    fromMe: event.fromMe,
    sender: event.sender,
    at: writtenAt(event.timestamp * 1000, row.receivedAt),
    proto: encoded,
    status: 'received',
  }
}

/** WhatsApp tells the second; what part of it has passed when the message arrives keeps conversations in order. */
function writtenAt(secondMs: number, receivedAt: number): number {
  if (secondMs === 0) return receivedAt
  return Math.min(Math.max(receivedAt, secondMs), secondMs + 999)
}

/** What another own device sent, as its recipient sees it. */
function ownMessage(plaintext: Uint8Array): Uint8Array {
  const { deviceSentMessage, messageContextInfo } = proto.Message.decode(plaintext)
  return proto.Message.encode({ messageContextInfo, ...deviceSentMessage?.message }).finish()
}

async function withOpened(
  received: Received[],
  open: (event: MessageEvent, userId: string) => Promise<MessageEvent>,
): Promise<Received[]> {
  const opened: Received[] = []
  for (const { row, events } of received) {
    const complete: Event[] = []
    for (const event of events)
      complete.push(event.type === 'message' ? await open(event, row.userId) : event)
    opened.push({ row, events: complete })
  }
  return opened
}
