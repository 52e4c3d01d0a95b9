import { z } from 'zod'
import { type Endpoint, post } from '../../../http/endpoint/endpoint.ts'
import { requestOlder } from '../../../operations/chats/history.ts'
import { upTo } from '../shapes/content.ts'
import { chat } from '../shapes/fields.ts'
import { done } from '../shapes/replies.ts'

/** Messages the phone sends at once. */
const MAX_OLDER = 50

/** The endpoint that asks for older messages; the dialect has it at two paths. */
export function syncHistory(path: string): Endpoint {
  return post(path, {
    summary: 'Ask the phone for what was said before the oldest known message; it comes as history_sync',
    needs: 'stored',
    body: z.object({ chatId: chat('chatId'), count: upTo(MAX_OLDER) }),
    run: requestOlder,
    input: ({ body }) => ({ chat: body.chatId, count: body.count }),
    reply: done,
  })
}
