import { z } from 'zod'
import { proto } from '../../whatsapp/library/engine.ts'
import { unwrapped } from '../world/wrappers.ts'
import { editOf, SECRET_TYPES, secretMessage } from './text-words.ts'
import { earlier, ownEarlier, word } from './word.ts'

const { EventResponseType } = proto.Message.EventResponseMessage
const ANSWERS = {
  going: EventResponseType.GOING,
  not_going: EventResponseType.NOT_GOING,
  maybe: EventResponseType.MAYBE,
}

const event = z.object({
  name: z.string(),
  description: z.string().optional(),
  /** Unix seconds, as `end`. */
  start: z.int(),
  end: z.int().optional(),
  location: z.object({ latitude: z.number(), longitude: z.number(), name: z.string().optional() }).optional(),
  /** The link of a call. */
  joinLink: z.string().optional(),
  canceled: z.boolean().optional(),
  /** Whether people may bring others. */
  guests: z.boolean().optional(),
  /** Seconds before the start at which phones remind people. */
  reminder: z.int().optional(),
})

/** Events, answers to them, and invitations. */
export const eventWords = {
  event: word(event, (given) => ({ eventMessage: eventMessage(given) })),
  /** Other particulars of an own event; what is not named stays. */
  eventEdit: word(event.partial().extend({ id: z.string() }), ({ id, ...changes }, context) => {
    const before = eventOf(ownEarlier(context, id).message, id)
    const changed = { ...before, ...withoutUndefined(eventMessage(changes)) }
    const protocolMessage = editOf(context.keyOf(id), { eventMessage: changed })
    const plain = proto.Message.encode({ protocolMessage }).finish()
    return secretMessage(context.seal(id, 'Event Edit', plain), SECRET_TYPES.eventEdit)
  }),
  rsvp: word(
    z.object({
      id: z.string(),
      answer: z.enum(['going', 'not_going', 'maybe']),
      /** How many people come along. */
      guests: z.int().nonnegative().optional(),
    }),
    ({ id, answer, guests }, context) => {
      eventOf(earlier(context, id).message, id)
      const plain = proto.Message.EventResponseMessage.encode({
        response: ANSWERS[answer],
        timestampMs: Date.now(),
        extraGuestCount: guests,
      }).finish()
      const { key, encPayload, encIv } = context.seal(id, 'Event Response', plain)
      return { encEventResponseMessage: { eventCreationMessageKey: key, encPayload, encIv } }
    },
  ),
  /** Tells somebody outside of the chat of an event. */
  eventInvite: word(
    z.object({
      id: z.string(),
      title: z.string(),
      start: z.int(),
      end: z.int().optional(),
      caption: z.string().optional(),
      callLink: z.string().optional(),
      canceled: z.boolean().optional(),
    }),
    ({ id, title, start, end, caption, callLink, canceled }) => ({
      eventInviteMessage: {
        eventId: id,
        eventTitle: title,
        startTime: start,
        endTime: end,
        caption,
        callLink,
        isCanceled: canceled,
      },
    }),
  ),
}

function eventMessage(given: Partial<z.infer<typeof event>>): proto.Message.IEventMessage {
  const { name, description, start, end, location, joinLink, canceled, guests, reminder } = given
  return {
    name,
    description,
    startTime: start,
    endTime: end,
    location: location && {
      degreesLatitude: location.latitude,
      degreesLongitude: location.longitude,
      name: location.name,
    },
    joinLink,
    isCanceled: canceled,
    extraGuestsAllowed: guests,
    isScheduleCall: joinLink === undefined ? undefined : true,
    hasReminder: reminder === undefined ? undefined : true,
    reminderOffsetSec: reminder,
  }
}

function eventOf(message: proto.IMessage, id: string): proto.Message.IEventMessage {
  const found = unwrapped(message).eventMessage
  if (!found) throw new Error(`message ${id} is no event`)
  return found
}

function withoutUndefined<T extends object>(value: T): Partial<T> {
  // Object.fromEntries forgets the type; the members are those of the value.
  return Object.fromEntries(Object.entries(value).filter(([, one]) => one !== undefined)) as Partial<T>
}
