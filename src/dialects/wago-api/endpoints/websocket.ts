import type { EventStream } from '../../../http/endpoint/dialect.ts'
import { asSession } from '../auth.ts'
import { encodeEvent, renderedEvent } from '../events/events.ts'
import { isTold } from '../events/webhook.ts'

/** The events of one session as they happen, in the envelope of the webhooks. */
export const eventStream: EventStream = {
  kind: 'events',
  path: '/ws/{id}',
  summary: 'WebSocket that tells the events of a session as they happen',
  security: 'key',
  authenticate: asSession,
  keyHeader: 'X-Api-Key',
  isOn: ({ enableWebsocket }) => enableWebsocket,
  frame: (event, { user, config }) => {
    const rendered = renderedEvent(event)
    if (!rendered || !isTold(config, rendered.name)) return undefined
    return encodeEvent(rendered, { user, format: 'json' }).body
  },
}
