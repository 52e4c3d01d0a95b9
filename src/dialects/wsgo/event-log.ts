import { z } from 'zod'
import { type Endpoint, get, reply } from '../../http/endpoint/endpoint.ts'
import { type LogEntry, recentLog } from '../../operations/deliveries/event-log.ts'
import type { UserScope } from '../../operations/services.ts'
import { connectionTypes, connectionWord, isIncoming, messageData } from './events.ts'
import { instant } from './fields.ts'

/** How many events the original keeps. */
const LIMIT = 500

function lastEvents(scope: UserScope): Promise<LogEntry[]> {
  return recentLog(scope, { types: connectionTypes, limit: LIMIT })
}

function row({ at, event }: LogEntry) {
  const timestamp = instant(Math.floor(at / 1000))
  if (event.type === 'message')
    return isIncoming(event) ? [{ event: 'message', timestamp, data: messageData(event) }] : []
  const word = connectionWord(event.type)
  return word === undefined ? [] : [{ event: word, timestamp, data: {} }]
}

export const eventLogEndpoints: Endpoint[] = [
  get('/api/events', {
    summary: 'Last 500 events, oldest first: messages, connections, disconnections',
    needs: 'stored',
    run: lastEvents,
    reply: reply(
      z.array(
        z.object({
          event: z.string().meta({ enum: ['message', 'connected', 'disconnected'] }),
          timestamp: z.string().describe('RFC 3339, UTC'),
          data: z.record(z.string(), z.unknown()).describe('As in the webhook'),
        }),
      ),
      (entries: LogEntry[]) => entries.flatMap(row),
    ),
  }),
]
