import { z } from 'zod'
import { type Endpoint, post } from '../../../../http/endpoint/endpoint.ts'
import { integer } from '../../../../http/endpoint/fields.ts'
import { type AskedMessages, requestHistory } from '../../../../operations/chats/history.ts'
import { answer } from '../../envelope.ts'

/** How many messages are asked for when the request does not say. */
const DEFAULT_COUNT = 25
/** More than any phone sends at once. */
const LARGEST_COUNT = 10_000

export const historyEndpoints: Endpoint[] = [
  post('/history/sync', {
    summary: 'Ask the phone for messages before the last one received; they come as history.sync',
    needs: 'stored',
    undecodable: 'Failed to parse body request',
    body: z.object({ count: integer().refine((count) => count <= LARGEST_COUNT, 'count is too large') }),
    run: requestHistory,
    input: ({ body }) => ({ count: body.count > 0 ? body.count : DEFAULT_COUNT }),
    reply: answer(
      'History sync requested',
      z.object({ count: z.int(), note: z.string(), requested: z.boolean() }),
      ({ count, id }: AskedMessages) => ({
        count,
        note:
          id === ''
            ? 'No message is known to go back from, so the phone may not answer.'
            : 'What the phone sends comes as the event history.sync.',
        requested: true,
      }),
    ),
  }),
]
