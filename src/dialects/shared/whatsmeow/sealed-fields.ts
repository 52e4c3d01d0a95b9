import type { MessageEvent } from '../../../events/event.ts'

/**
 * What whatsmeow's events have no place for: the answer to an event, which is in no member of a message once it is
 * opened, and that a sealed message stayed closed, so that nobody takes it for an empty one.
 */
export function sealedFields({ eventResponse, sealed }: MessageEvent): object {
  return {
    ...(eventResponse && {
      eventResponse: {
        eventCreationMsgID: eventResponse.eventId,
        response: eventResponse.response,
        extraGuestCount: eventResponse.extraGuests,
        timestampMs: eventResponse.timestampMs,
      },
    }),
    ...(sealed?.isOpen === false && { sealed: { kind: sealed.kind, targetMsgID: sealed.targetId } }),
  }
}
