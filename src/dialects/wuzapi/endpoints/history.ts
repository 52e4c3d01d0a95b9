import { z } from 'zod'
import type { MessageEvent } from '../../../events/event.ts'
import { type Endpoint, get, post, type ReplyContext, reply } from '../../../http/endpoint/endpoint.ts'
import { textUpTo } from '../../../http/endpoint/fields.ts'
import { ApiError } from '../../../lib/errors.ts'
import { limits } from '../../../lib/limits.ts'
import type { MessageTarget } from '../../../lib/message-ref.ts'
import {
  type AskedMessages,
  chatHistory,
  historyChats,
  requestHistory,
  requestUnavailable,
  requireHistory,
} from '../../../operations/chats/history.ts'
import type { UserScope } from '../../../operations/services.ts'
import { goStringify } from '../../shared/go/stringify.ts'
import { goTimeMs } from '../../shared/go/time.ts'
import { formatJid, parseLibraryJid } from '../../shared/whatsmeow/jid.ts'
import { messageObject } from '../../shared/whatsmeow/message-object.ts'
import { required } from '../shapes/fields.ts'

const DEFAULT_COUNT = 50
/** Go's zero time in unix milliseconds. */
const ZERO_TIME_MS = -62_135_596_800_000
/** What stands for "all chats" in place of a JID. */
const INDEX = 'index'

type Entry = Awaited<ReturnType<typeof chatHistory>>[number]
type Index = Awaited<ReturnType<typeof historyChats>>

const entryShape = z.object({
  chat_jid: z.string(),
  data_json: z.string().describe('The `event` of the webhook as JSON text; empty for what this API sent'),
  id: z.int(),
  media_link: z.string(),
  message_id: z.string(),
  message_type: z.string(),
  quoted_message_id: z.string().optional(),
  sender_jid: z.string().describe('`me` for what this API sent'),
  text_content: z.string(),
  timestamp: z.string(),
  user_id: z.string(),
})

const indexShape = z.record(z.string(), z.array(z.object({ chat_jid: z.string(), last_updated: z.string() })))

const historyReply = reply(
  z.union([z.array(entryShape).nullable(), indexShape]),
  (found: Entry[] | Index, context) => {
    if (!Array.isArray(found)) return { [found.userId]: found.chats.map(chatView) }
    return found.length > 0 ? found.map((entry) => entryView(entry, context)) : null
  },
)

function entryView(entry: Entry, { timeZone }: ReplyContext) {
  return {
    chat_jid: entry.chat,
    data_json: entry.event && eventJson(entry.event, timeZone),
    id: entry.id,
    media_link: entry.mediaLink,
    message_id: entry.messageId,
    message_type: entry.type,
    ...(entry.quotedId && { quoted_message_id: entry.quotedId }),
    sender_jid: entry.sender,
    text_content: entry.text,
    timestamp: goTimeMs(entry.at, ''),
    user_id: entry.userId,
  }
}

function eventJson(stored: string, timeZone: string): string {
  // The text was made from a message event.
  return goStringify(messageObject(JSON.parse(stored) as MessageEvent, timeZone))
}

function chatView({ chat, lastAt }: Index['chats'][number]) {
  return { chat_jid: chat, last_updated: goTimeMs(lastAt, '') }
}

function readHistory(scope: UserScope, request: { chat: string; limit: number }): Promise<Entry[] | Index> {
  return request.chat === INDEX ? historyChats(scope) : chatHistory(scope, request)
}

function historyRequest({ chat_jid: chat = '', limit = '' }: { chat_jid?: string; limit?: string }) {
  if (chat === '') throw new ApiError('missing_field', { text: 'chat_jid is required' })
  if (chat === INDEX || limit === '') return { chat, limit: DEFAULT_COUNT }
  if (!/^\+?\d{1,9}$/.test(limit)) throw new ApiError('invalid_field', { text: 'invalid limit' })
  return { chat, limit: Number(limit) }
}

const olderQuery = z.object({
  count: z.string().optional().describe('How many messages, 50 by default'),
  chat_jid: textUpTo(limits.address, z.string())
    .optional()
    .describe('Chat to go back in; that of the last message by default'),
  oldest_msg_id: textUpTo(limits.messageId, z.string()).optional().describe('The message to go back from'),
  oldest_msg_from_me: z.string().optional().describe('true when this account wrote it'),
  oldest_msg_timestamp: z.string().optional().describe('When it was written, unix milliseconds'),
})

/** Values that cannot be read count as absent. */
function olderMessages(query: z.infer<typeof olderQuery>) {
  const count = wholeNumber(query.count)
  return {
    count: count !== undefined && count > 0 ? count : DEFAULT_COUNT,
    chat: query.chat_jid ? jidOrNothing(query.chat_jid) : undefined,
    id: query.oldest_msg_id || undefined,
    fromMe: goBool(query.oldest_msg_from_me),
    at: wholeNumber(query.oldest_msg_timestamp),
  }
}

function wholeNumber(text = ''): number | undefined {
  return /^[+-]?\d{1,15}$/.test(text) ? Number(text) : undefined
}

/** Go's `strconv.ParseBool`. */
function goBool(text = ''): boolean | undefined {
  if (['1', 't', 'T', 'TRUE', 'true', 'True'].includes(text)) return true
  return ['0', 'f', 'F', 'FALSE', 'false', 'False'].includes(text) ? false : undefined
}

function jidOrNothing(text: string): string | undefined {
  try {
    return formatJid(parseLibraryJid(text))
  } catch {
    return undefined
  }
}

function unreadable({ chat, sender, id }: { chat: string; sender: string; id: string }): MessageTarget {
  return { chat: jidOf(chat, 'Chat'), author: jidOf(sender, 'Sender'), id }
}

function jidOf(text: string, field: string): string {
  const jid = jidOrNothing(text)
  if (jid === undefined) throw new ApiError('invalid_jid', { text: `invalid ${field} JID format` })
  return jid
}

/** Stands in the chapter on sessions. */
export const historyRequestEndpoints: Endpoint[] = [
  get('/session/history', {
    summary: 'Ask the phone for older messages; they come as HistorySync',
    needs: 'stored',
    query: olderQuery,
    power: 'full',
    run: requestHistory,
    input: ({ query }) => olderMessages(query),
    reply: reply(
      z.object({
        chat_jid: z.string(),
        count: z.int(),
        details: z.string(),
        oldest_msg_from_me: z.boolean(),
        oldest_msg_id: z.string(),
        oldest_msg_timestamp: z.int(),
        timestamp: z.int(),
      }),
      (asked: AskedMessages) => ({
        chat_jid: asked.chat,
        count: asked.count,
        details: 'History sync request Sent',
        oldest_msg_from_me: asked.fromMe,
        oldest_msg_id: asked.id,
        oldest_msg_timestamp: asked.at ?? ZERO_TIME_MS,
        timestamp: asked.timestamp,
      }),
    ),
    failure: 'Failed to request history sync.',
  }),
]

/** Stand in the chapter on chats. */
export const historyEndpoints: Endpoint[] = [
  get('/chat/history', {
    summary: 'Messages kept of a chat, newest first, or the list of chats',
    needs: 'stored',
    before: requireHistory,
    query: z.object({
      chat_jid: textUpTo(limits.address, z.string())
        .optional()
        .describe('JID of the chat, or `index` for the list of your chats'),
      limit: z.string().optional().describe('How many messages, 50 by default'),
    }),
    run: readHistory,
    input: ({ query }) => historyRequest(query),
    reply: historyReply,
    failure: 'failed to get message history: %s',
  }),

  post('/chat/request-unavailable-message', {
    summary: 'Ask the phone for its copy of a message that could not be read here',
    body: z.object({
      chat: required('Chat', limits.address),
      sender: required('Sender', limits.address),
      id: required('ID', limits.messageId),
    }),
    run: requestUnavailable,
    input: ({ body }) => unreadable(body),
    reply: reply(
      z.object({
        chat: z.string(),
        message: z.string(),
        message_id: z.string(),
        request_id: z.string(),
        sender: z.string(),
        success: z.boolean(),
        timestamp: z.int(),
      }),
      ({
        chat,
        author: sender,
        id,
        requestId,
        timestamp,
      }: Awaited<ReturnType<typeof requestUnavailable>>) => ({
        chat,
        message: 'Unavailable message request sent successfully',
        message_id: id,
        request_id: requestId,
        sender,
        success: true,
        timestamp,
      }),
    ),
    failure: 'failed to send unavailable message request: %s',
  }),
]
