import type { Event, HistorySyncEvent } from '../../../events/event.ts'
import { objectAt } from '../../../events/unwrap.ts'
import { proto } from '../../library/engine.ts'
import { protoJson } from '../../wire/proto-json.ts'

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

/**
 * What a message says about a part of the phone's history that can be fetched; `plaintext` and `events` are the same
 * message. Only an own device may say so: anybody else could invent conversations.
 */
export function announcedHistory(
  plaintext: Uint8Array,
  [event]: Event[],
): proto.Message.IHistorySyncNotification | undefined {
  if (event?.type !== 'message' || !event.fromMe) return undefined
  if (!objectAt(objectAt(event.raw, 'protocolMessage'), 'historySyncNotification')) return undefined
  return proto.Message.decode(plaintext).protocolMessage?.historySyncNotification ?? undefined
}
