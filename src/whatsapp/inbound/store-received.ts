import type { Event, MessageEvent } from '../../events/event.ts'
import type { ProtoJson } from '../../events/event-parts.ts'
import { NO_CONTENT } from '../../events/message-kinds.ts'
import { holdsOnly, unwrapMessage } from '../../events/unwrap.ts'
import type { Secrets } from '../../lib/secrets/secrets.ts'
import type { Transaction } from '../../store/database/database.ts'
import { addPendingHistory } from '../../store/messages/history-syncs.ts'
import type { InboxRow } from '../../store/messages/inbox.ts'
import { keepResponses, type MessageResponse } from '../../store/messages/message-responses.ts'
import { keepReceivedMessages, type StoredMessage } from '../../store/messages/messages.ts'
import { proto } from '../library/engine.ts'
import type { Me } from '../wire/node.ts'
import { addReceived } from './message-history.ts'
import { responsesIn } from './message-responses.ts'
import { announcedHistory } from './parse/history.ts'
import { withPollVote } from './poll-votes.ts'

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

/** Messages with nothing else in them are referred to by no later one. */
const UNREFERABLE = new Set([...NO_CONTENT, 'pinInChatMessage'])

/** Whether a message without its wrappers stands for itself, so that later ones can refer to it. */
export function isReferable(message: ProtoJson): boolean {
  return !holdsOnly(message, UNREFERABLE)
}

/**
 * Stores what belongs to newly received messages, in the transaction that writes their events: the messages later ones
 * refer to, what is said about those, the message history, announced parts of the phone's history. Gives the events as
 * they are to be written, with votes opened.
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
  const opened = await withVotes(received, (event, userId) =>
    withPollVote(trx, event, { userId, secrets, me: meOf(userId) }),
  )
  const messages = opened.map(({ row, events }) => ({
    userId: row.userId,
    events: events.filter(isChatMessage),
  }))
  await addReceived(trx, messages)
  const responses: MessageResponse[] = []
  for (const { userId, events } of messages)
    responses.push(...(await responsesIn(events, { userId, me: meOf(userId) })))
  await keepResponses(trx, responses)
  return opened
}

function isChatMessage(event: Event): event is MessageEvent {
  return event.type === 'message' && event.category !== 'peer'
}

function toKeep({ row, events: [event] }: Received): StoredMessage[] {
  // Channel posts can be asked for at any time, and there are many.
  if (!event || !isChatMessage(event) || row.encType === 'plaintext') return []
  const { message } = unwrapMessage(event.raw)
  if (!isReferable(message)) return []
  return [
    {
      userId: row.userId,
      id: event.id,
      chat: event.chat,
      fromMe: event.fromMe,
      sender: event.sender,
      at: writtenAt(event.timestamp * 1000, row.receivedAt),
      proto: event.deviceSent ? ownMessage(row.plaintext) : row.plaintext,
      status: 'received',
    },
  ]
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

async function withVotes(
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
