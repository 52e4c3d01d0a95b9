import { z } from 'zod'
import { type Endpoint, post, reply } from '../../../http/endpoint/endpoint.ts'
import { bool, integer, optional } from '../../../http/endpoint/fields.ts'
import { ApiError } from '../../../lib/errors.ts'
import { limits } from '../../../lib/limits.ts'
import {
  archiveChat,
  type ChatArchive,
  type ChatMute,
  deleteChat,
  muteChat,
} from '../../../operations/chats/chats.ts'
import { parseLibraryJid, withoutDevice } from '../../shared/whatsmeow/jid.ts'
import { required } from '../shapes/fields.ts'

const jid = required('jid', limits.address).describe('JID of the chat')

// What the original mutes for when no time is given.
const EIGHT_HOURS = 8 * 60 * 60

/** A JID as the library reads it; a bare number, with which the original reaches no chat, is a phone number. */
export function chatJid(given: string, sentence: string): string {
  if (/^\d+$/.test(given)) return `${given}@s.whatsapp.net`
  try {
    return withoutDevice(parseLibraryJid(given))
  } catch (cause) {
    throw new ApiError('invalid_jid', { text: sentence }, { cause })
  }
}

function chatOf(body: { jid: string }): string {
  return chatJid(body.jid, 'invalid Chat JID format')
}

/** The answer of these endpoints: a sentence and once more that it worked. */
function confirmed<Result>(sentence: (result: Result) => string) {
  return reply(z.object({ message: z.string(), success: z.literal(true) }), (result: Result) => ({
    message: sentence(result),
    success: true,
  }))
}

export const chatStateEndpoints: Endpoint[] = [
  post('/chat/archive', {
    summary: 'Archive a chat or bring it back',
    body: z.object({ jid, archive: bool().describe('false brings it back') }),
    run: archiveChat,
    input: ({ body }) => ({ chat: chatOf(body), archived: body.archive }),
    reply: confirmed(({ archived }: ChatArchive) => (archived ? 'Chat archived' : 'Chat unarchived')),
    failure: 'failed to archive chat: %s',
  }),

  post('/chat/mute', {
    summary: 'Silence a chat or let it be heard again',
    body: z.object({
      jid,
      mute: bool().describe('false lets it be heard again'),
      duration_seconds: optional(integer()).describe('Eight hours when absent'),
    }),
    run: muteChat,
    input: ({ body }) => ({
      chat: chatOf(body),
      durationSeconds: body.mute ? body.duration_seconds || EIGHT_HOURS : 0,
    }),
    reply: confirmed(({ durationSeconds }: ChatMute) =>
      durationSeconds > 0 ? 'Chat muted' : 'Chat unmuted',
    ),
    failure: 'failed to mute chat: %s',
  }),

  post('/chat/delete-all', {
    summary: 'Remove a chat with all its messages, on your own devices',
    body: z.object({ jid, delete_media: bool().describe('Also delete its files from the phone') }),
    run: deleteChat,
    input: ({ body }) => ({ chat: chatOf(body), deleteMedia: body.delete_media }),
    reply: confirmed(() => 'Chat deleted'),
    failure: 'failed to delete chat: %s',
  }),
]
