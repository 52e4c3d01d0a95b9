import type { BinaryNode, proto } from '../library/engine.ts'
import type { Content } from './content.ts'
import { type ContextInput, contextInfo } from './context.ts'
import type { LocationContent } from './location.ts'

/** Something that happens at a time, which people answer whether they come. */
export interface EventContent extends ContextInput {
  name: string
  description?: string
  /** Unix seconds. */
  startsAt: number
  endsAt?: number
  place?: Partial<Pick<LocationContent, 'name' | 'address' | 'latitude' | 'longitude'>>
  /** Where it is joined: a call link of WhatsApp's, or any other address. */
  joinLink?: string
  /** Whether who comes may bring others. */
  extraGuestsAllowed?: boolean
}

/** What the stanza of an event says beside its content. */
export const EVENT_NODE: BinaryNode = { tag: 'meta', attrs: { event_type: 'creation' } }

/** Links of WhatsApp's own calls; an event with one is a call that is planned. */
const CALL_LINK = /^https:\/\/call\.whatsapp\.com\//i

/**
 * An event. Answers are encrypted with the secret that every message gets when it is sent, as votes in polls are. A place
 * without coordinates is one that only has a name.
 */
export function eventContent({ place, joinLink, ...event }: EventContent): Content {
  const { name, description, startsAt, endsAt, extraGuestsAllowed = false, ...context } = event
  return {
    message: {
      eventMessage: {
        name,
        ...(description && { description }),
        startTime: startsAt,
        ...(endsAt && { endTime: endsAt }),
        ...(place && { location: placeOf(place) }),
        ...(joinLink && { joinLink, isScheduleCall: CALL_LINK.test(joinLink) }),
        extraGuestsAllowed,
        isCanceled: false,
        ...contextInfo(context),
      },
    },
    nodes: [EVENT_NODE],
  }
}

function placeOf({ name, address, latitude, longitude }: NonNullable<EventContent['place']>) {
  const hasCoordinates = latitude !== undefined && longitude !== undefined
  const place: proto.Message.ILocationMessage = {
    ...(hasCoordinates && { degreesLatitude: latitude, degreesLongitude: longitude }),
    ...(name && { name }),
    ...(address && { address }),
  }
  return place
}
