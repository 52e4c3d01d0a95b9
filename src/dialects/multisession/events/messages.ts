import type {
  EventOf,
  MediaRetryEvent,
  MessageEvent,
  ReceiptEvent,
  UndecryptableEvent,
} from '../../../events/event.ts'
import type { JsonObject } from '../../../events/event-parts.ts'
import { contentOf } from '../../../events/message-kinds.ts'
import { holdsOnly, KEY_EXCHANGE, keyedId, messageOf, objectAt, textAt } from '../../../events/unwrap.ts'
import { STATUS_JID } from '../../../lib/jid.ts'
import { goTime } from '../../shared/go/time.ts'
import { richResponse } from './rich-response.ts'
import { type Telling, tell, tellFacts } from './telling.ts'

/** `ProtocolMessage.Type.REVOKE`, which is not on the wire because it is the first one. */
const REVOKE = 0

/**
 * A message, with all that is in it; of one that takes another back only that, and nothing of one that only hands over the
 * keys of a group, which comes along with another of the same id.
 */
export function messageTellings(event: MessageEvent): Telling[] {
  const message = messageOf(event)
  if (holdsOnly(message, KEY_EXCHANGE)) return []
  const { id, chat, sender, fromMe, timestamp } = event
  const isStatus = chat === STATUS_JID
  const facts = { message_id: id, from: sender, timestamp, is_from_me: fromMe }
  const revoked = revokedId(objectAt(message, 'protocolMessage'))
  if (revoked !== undefined) {
    const deleted = { ...facts, message_id: revoked }
    return [
      tellFacts('message.deleted', { ...deleted, chat, deleted_by: sender }),
      ...(isStatus ? [tellFacts('status.deleted', deleted)] : []),
    ]
  }
  return [
    tellFacts('message.received', { ...facts, chat }),
    ...(isStatus ? [tellFacts('status.posted', facts)] : []),
    ...(event.newsletter
      ? [
          tellFacts('newsletter.message_received', {
            message_id: id,
            chat,
            timestamp,
            is_edit: event.newsletter.editedAtMs > 0,
          }),
        ]
      : []),
    ...contentTellings(event, message),
  ]
}

function revokedId(change: JsonObject | undefined): string | undefined {
  const id = keyedId(change)
  return change && Number(change.type ?? REVOKE) === REVOKE && id !== '' ? id : undefined
}

/** What is told of the content beside the message itself. */
function contentTellings({ id, chat, sender, ...event }: MessageEvent, message: JsonObject): Telling[] {
  const ids = { message_id: id, chat }
  const found = contentOf(message)
  if (found?.file) return [tellFacts('media.received', { ...ids, media_type: found.file })]
  if (found?.kind === 'poll') {
    const { content: poll } = found
    return [
      tellFacts('poll.created', {
        ...ids,
        poll_name: textAt(poll, 'name'),
        options_count: Array.isArray(poll.options) ? poll.options.length : 0,
        selectable_options: Number(poll.selectableOptionsCount ?? 0),
      }),
    ]
  }
  if (found?.kind === 'vote') {
    const vote = { ...ids, timestamp: event.timestamp }
    return [
      tellFacts('poll.vote', vote),
      tellFacts('poll.update', vote),
      ...(event.pollVote
        ? [
            tellFacts('poll.vote_decrypted', {
              ...ids,
              selected_options: event.pollVote.selectedHashes,
            }),
          ]
        : []),
    ]
  }
  const rich = objectAt(message, 'richResponseMessage')
  if (!rich) return []
  const facts = { ...ids, from: sender, timestamp: event.timestamp, is_from_me: event.fromMe }
  return [tellFacts('message.ai_rich_response', { ...facts, ...richResponse(rich) })]
}

/** What became of messages, each told on its own. Whatever is no reading or playing counts as a delivery. */
export function receiptTellings({ messageIds, chat, sender, timestamp, kind }: ReceiptEvent): Telling[] {
  return messageIds.flatMap((id) => {
    const facts = { message_id: id, chat, sender, timestamp }
    if (kind === 'played') return [tellFacts('message.played', facts)]
    if (kind !== 'read') return [tellFacts('message.delivered', facts)]
    return [
      tellFacts('message.read', facts),
      ...(chat === STATUS_JID ? [tellFacts('status.viewed', facts)] : []),
    ]
  })
}

export function undecryptableTellings(event: UndecryptableEvent): Telling[] {
  return [
    tellFacts('message.undecryptable', {
      message_id: event.id,
      from: event.sender,
      chat: event.chat,
      timestamp: event.timestamp,
      is_from_me: event.fromMe,
      is_unavailable: event.isUnavailable,
      unavailable_type: event.unavailableType,
      fail_mode: event.decryptFailMode,
    }),
  ]
}

export function mediaRetryTellings(event: MediaRetryEvent): Telling[] {
  return [
    tell('media.retry', (timeZone) => ({
      message_id: event.messageId,
      chat: event.chat,
      sender: event.sender,
      timestamp: goTime(event.timestamp, timeZone),
      from_me: event.fromMe,
      error: event.errorCode === null ? null : { Code: event.errorCode },
    })),
  ]
}

/** Names of `HistorySync.HistorySyncType`, by number. */
const HISTORY_TYPES = [
  'INITIAL_BOOTSTRAP',
  'INITIAL_STATUS_V3',
  'FULL',
  'RECENT',
  'PUSH_NAME',
  'NON_BLOCKING_DATA',
  'ON_DEMAND',
]

export function historyTellings({ history }: EventOf<'history.sync'>): Telling[] {
  const type = HISTORY_TYPES[Number(history.syncType ?? 0)] ?? 'UNKNOWN'
  const progress = Number(history.progress ?? 0)
  return [
    tellFacts('history.sync', {
      sync_type: type,
      progress,
      conversation_count: Array.isArray(history.conversations) ? history.conversations.length : 0,
    }),
    ...(progress === 100 ? [tellFacts('history.sync_complete', { sync_type: type })] : []),
  ]
}
