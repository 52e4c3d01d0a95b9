import type { HistorySyncEvent } from '../../events/event.ts'
import { proto } from '../engine.ts'
import { protoJson } from './proto-json.ts'

/** The event of one decoded history blob. Both arguments must be decoded messages, not literals. */
export function historySyncEvents(
  history: proto.HistorySync,
  notification: proto.Message.HistorySyncNotification,
): HistorySyncEvent[] {
  return [
    {
      type: 'history.sync',
      history: protoJson(proto.HistorySync, history),
      notification: protoJson(proto.Message.HistorySyncNotification, notification),
    },
  ]
}
