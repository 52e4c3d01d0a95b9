import { z } from 'zod'
import { type Endpoint, post } from '../../../http/endpoint/endpoint.ts'
import { bool, listUpTo, text, textUpTo } from '../../../http/endpoint/fields.ts'
import { ApiError } from '../../../lib/errors.ts'
import { limits } from '../../../lib/limits.ts'
import { writeVcard } from '../../../lib/text/vcard.ts'
import { sendContacts, sendLocation, sendPoll, sendText } from '../../../operations/messages/send.ts'
import { missing, required } from '../shapes/fields.ts'
import { addressed, messageFields, phone } from '../shapes/message-fields.ts'
import { sent } from '../shapes/replies.ts'

const card = z.object({
  FullName: required('FullName', limits.contactName),
  Phone: required('Phone', limits.address),
  Organization: text(limits.contactName),
})

/** The cards of a list, or the one beside it. Throws `missing_field` without a card. */
function cardsOf({ Vcard, Vcards }: { Vcard?: z.infer<typeof card>; Vcards: z.infer<typeof card>[] }) {
  const cards = Vcards.length === 0 && Vcard ? [Vcard] : Vcards
  if (cards.length === 0) throw new ApiError('missing_field', { text: missing('Vcard') })
  return cards.map(({ FullName: name, Phone: number, Organization: organization }) => ({
    name,
    vcard: writeVcard({ name, number, organization }),
  }))
}

/** Numbers count as the text they are written with. */
const option = z.union([textUpTo(limits.pollOption, z.string().min(1)), z.number().transform(String)])

const poll = z.object({
  Phone: phone,
  Question: required('Question', limits.pollQuestion),
  MaxAnswer: z
    .int(missing('MaxAnswer'))
    .min(0, 'MaxAnswer must not be negative')
    .describe('How many options may be chosen; 0 for any number'),
  Options: listUpTo(
    limits.pollOptions,
    z.array(option, missing('Options')).min(2, 'at least 2 options are required'),
  ),
  ...messageFields,
})

function pollOf(body: z.infer<typeof poll>) {
  const { Question: question, MaxAnswer: selectable, Options: options } = body
  if (selectable > options.length)
    throw new ApiError('invalid_field', { text: 'MaxAnswer must not be more than there are options' })
  return { ...addressed(body), question, options, selectable }
}

export const sendEndpoints: Endpoint[] = [
  post('/send/text', {
    summary: 'Send a text message or a reply',
    body: z.object({
      Phone: phone,
      Body: required('Body'),
      ...messageFields,
      Forward: bool().describe('Show it as forwarded'),
    }),
    run: sendText,
    repeatable: 'message',
    input: ({ body }) => ({ ...addressed(body), text: body.Body }),
    reply: sent,
  }),

  post('/send/poll', {
    summary: 'Send a poll',
    body: poll,
    run: sendPoll,
    repeatable: 'message',
    input: ({ body }) => pollOf(body),
    reply: sent,
  }),

  post('/send/location', {
    summary: 'Send a place on the map',
    body: z.object({
      Phone: phone,
      Name: text(limits.placeName).describe('Shown under the map'),
      Latitude: z
        .number(missing('Latitude'))
        .min(-90, 'Latitude is out of range')
        .max(90, 'Latitude is out of range'),
      Longitude: z
        .number(missing('Longitude'))
        .min(-180, 'Longitude is out of range')
        .max(180, 'Longitude is out of range'),
      ...messageFields,
    }),
    run: sendLocation,
    repeatable: 'message',
    input: ({ body }) => ({
      ...addressed(body),
      latitude: body.Latitude,
      longitude: body.Longitude,
      name: body.Name,
    }),
    reply: sent,
  }),

  post('/send/contact', {
    summary: 'Send the card of somebody, or of several people in one message',
    body: z.object({
      Phone: phone,
      Vcard: card.optional().describe('Needed without Vcards'),
      Vcards: listUpTo(limits.contacts, z.array(card)).default([]).describe('Several cards'),
      ...messageFields,
    }),
    run: sendContacts,
    repeatable: 'message',
    input: ({ body }) => ({ cards: cardsOf(body), ...addressed(body) }),
    reply: sent,
  }),
]
