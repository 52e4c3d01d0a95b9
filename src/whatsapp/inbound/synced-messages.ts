import { contentOf, type MessageKind } from '../../events/message-kinds.ts'
import type { Transaction } from '../../store/database/database.ts'
import { keepReceivedMessages, type StoredMessage } from '../../store/messages/messages.ts'
import { proto } from '../library/engine.ts'
import type { Me } from '../wire/node.ts'
import { webMessageEvent } from './parse/web-message.ts'

const MINUTE_MS = 60_000
/** People may change what they wrote for a quarter of an hour. */
const EDITABLE_MS = 15 * MINUTE_MS
/** People vote and answer for as long as they like; older questions would soon be removed again. */
const ANSWERABLE_MS = 14 * 24 * 60 * MINUTE_MS

/** What is answered with its secret for longer than it can be changed. */
const ANSWERABLE: readonly MessageKind[] = ['poll', 'event']

/**
 * Stores those messages of a phone's history that sealed ones may still be about: without their secret, edits, votes and
 * answers that come right after the linking could not be opened. The phone tells the secret beside the message.
 */
export async function keepSynced(
  trx: Transaction,
  userId: string,
  history: proto.HistorySync,
  me: Me,
): Promise<void> {
  const now = Date.now()
  const kept = history.conversations.flatMap(({ messages }) =>
    (messages ?? []).flatMap(({ message }) => (message ? toKeep(message, { userId, me, now }) : [])),
  )
  if (kept.length > 0) await keepReceivedMessages(trx, kept)
}

function toKeep(
  given: proto.IWebMessageInfo,
  { userId, me, now }: { userId: string; me: Me; now: number },
): StoredMessage[] {
  const { message, messageSecret, messageTimestamp } = given
  const secret = messageSecret?.length ? messageSecret : message?.messageContextInfo?.messageSecret
  const at = Number(messageTimestamp ?? 0) * 1000
  if (!message || !secret?.length || at < now - ANSWERABLE_MS) return []
  const event = webMessageEvent(proto.WebMessageInfo.create(given), me)
  const kind = event && contentOf(event.raw)?.kind
  if (!kind || (at < now - EDITABLE_MS && !ANSWERABLE.includes(kind))) return []
  const messageContextInfo = { ...message.messageContextInfo, messageSecret: secret }
  return [
    {
      userId,
      id: event.id,
      chat: event.chat,
      fromMe: event.fromMe,
      sender: event.sender,
      at,
      proto: proto.Message.encode({ ...message, messageContextInfo }).finish(),
      status: 'received',
    },
  ]
}
