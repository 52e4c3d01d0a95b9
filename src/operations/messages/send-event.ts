import { ApiError } from '../../lib/errors.ts'
import { isGroupJid, isPersonJid } from '../../lib/jid.ts'
import { isHttpUrl } from '../../lib/text/http-url.ts'
import { type EventContent, eventContent } from '../../whatsapp/content/event.ts'
import type { Sent } from '../../whatsapp/outbound/outgoing.ts'
import type { LiveSession } from '../../whatsapp/session/session.ts'
import type { Addressed } from './addressed.ts'
import { deliver } from './send.ts'

export type EventMessage = Addressed & EventContent

/** The year 10000: what is larger was meant as milliseconds. */
const LATEST = 253_402_300_800

/**
 * Sends an event to a person or a group. Throws `invalid_field` for another recipient, for instants that are no unix seconds,
 * for an end before the start, and for a link that is no http(s) address.
 */
export async function sendEvent(session: LiveSession, message: EventMessage): Promise<Sent> {
  const { startsAt, endsAt, place, joinLink } = message
  check(isInstant(startsAt), 'the start of an event is an instant in unix seconds')
  check(
    hasNone(endsAt) || (isInstant(endsAt) && endsAt > startsAt),
    'an event ends after its start, in unix seconds',
  )
  check(!joinLink || isHttpUrl(joinLink), 'the link of an event is an http(s) address')
  check(Math.abs(place?.latitude ?? 0) <= 90, 'a latitude is between -90 and 90 degrees')
  check(Math.abs(place?.longitude ?? 0) <= 180, 'a longitude is between -180 and 180 degrees')
  const to = await session.resolve(message.to)
  check(isGroupJid(to) || isPersonJid(to), 'an event is sent to a person or a group')
  return deliver(session, message, eventContent)
}

/** Clients say 0 for an event without an end. */
function hasNone(endsAt: number | undefined): endsAt is 0 | undefined {
  return endsAt === undefined || endsAt === 0
}

function isInstant(seconds: number): boolean {
  return Number.isSafeInteger(seconds) && seconds > 0 && seconds < LATEST
}

function check(isRight: boolean, text: string): void {
  if (!isRight) throw new ApiError('invalid_field', { text })
}
