import { z } from 'zod'
import { type Endpoint, post, reply } from '../../../http/endpoint/endpoint.ts'
import { bool, integer, listUpTo, requiredText, text } from '../../../http/endpoint/fields.ts'
import { ApiError } from '../../../lib/errors.ts'
import { limits } from '../../../lib/limits.ts'
import { editText } from '../../../operations/messages/message-changes.ts'
import { sendContacts, sendLocation, sendPoll, sendText } from '../../../operations/messages/send.ts'
import { sendEvent } from '../../../operations/messages/send-event.ts'
import type { Sent } from '../../../whatsapp/outbound/outgoing.ts'
import { contextInfo, demand, quotedMessage, required } from '../shapes/fields.ts'
import { recipient } from '../shapes/jid.ts'
import { type MessageContext, messageContext, type References } from '../shapes/quote.ts'
import { sent } from '../shapes/replies.ts'

/** The fields that every message has beside its recipient and content. */
export const messageFields = {
  Id: text(limits.messageId).describe('Id for the message; a random one when empty'),
  ContextInfo: contextInfo,
  QuotedMessage: quotedMessage,
}

/** What the operations are told of these fields and the recipient. Throws when one of them cannot be read. */
export function addressed(
  body: References & { Phone: string; Id: string },
  profile: string,
): { to: string; id: string } & MessageContext {
  return { to: recipient(body.Phone, profile), id: body.Id, ...messageContext(body) }
}

/** A number of degrees; like the original it takes 0 for a missing one. */
function degrees(name: string) {
  const sentence = `missing ${name} in Payload`
  return z.number(sentence).refine((value) => value !== 0, sentence)
}

const phone = required('Phone', limits.address).describe('Phone number or JID')

const card = z.object({ Name: text(limits.contactName), Vcard: text(limits.vcard) })

/** The cards of a list, or the one beside it. Throws `missing_field` for a card without name or content. */
function cardsOf({ Contacts, ...one }: z.infer<typeof card> & { Contacts: z.infer<typeof card>[] }) {
  const cards = Contacts.length > 0 ? Contacts : [one]
  return cards.map(({ Name, Vcard }) => ({ name: demand(Name, 'Name'), vcard: demand(Vcard, 'Vcard') }))
}

const place = z.object({
  Name: text(limits.placeName),
  Address: text(limits.placeName),
  Latitude: z.number().optional().describe('Degrees, north positive'),
  Longitude: z.number().optional().describe('Degrees, east positive'),
})

/** A place has a name or both coordinates. Throws `missing_field`. */
function placeOf({ Name: name, Address: address, Latitude, Longitude }: z.infer<typeof place>) {
  const missing = (field: string) => new ApiError('missing_field', { text: `missing ${field} in Location` })
  if (name === '' && Latitude === undefined && Longitude === undefined) throw missing('Name')
  if (Longitude === undefined && Latitude !== undefined) throw missing('Longitude')
  if (Latitude === undefined && Longitude !== undefined) throw missing('Latitude')
  return { name, address, latitude: Latitude, longitude: Longitude }
}

export const sendEndpoints: Endpoint[] = [
  post('/chat/send/text', {
    summary: 'Send a text message or a reply',
    body: z.object({
      Phone: phone,
      Body: required('Body'),
      LinkPreview: bool().describe('Show what the first link in the text leads to'),
      ...messageFields,
      QuotedText: text().describe('Text of the message replied to'),
    }),
    run: sendText,
    repeatable: 'message',
    input: ({ body }, { profile }) => ({
      ...addressed(body, profile),
      text: body.Body,
      linkPreview: body.LinkPreview,
    }),
    reply: sent,
    failure: 'error sending message: %s',
  }),

  post('/chat/send/location', {
    summary: 'Send a place on the map',
    body: z.object({
      Phone: phone,
      Latitude: degrees('Latitude').describe('Degrees, north positive'),
      Longitude: degrees('Longitude').describe('Degrees, east positive'),
      Name: text(limits.placeName).describe('Shown under the map'),
      ...messageFields,
    }),
    run: sendLocation,
    repeatable: 'message',
    input: ({ body }, { profile }) => ({
      ...addressed(body, profile),
      latitude: body.Latitude,
      longitude: body.Longitude,
      name: body.Name,
    }),
    reply: sent,
    failure: 'error sending message: %s',
  }),

  post('/chat/send/contact', {
    summary: 'Send a contact card, or several in one message',
    body: z.object({
      Phone: phone,
      Name: text(limits.contactName).describe('The name shown on the card; needed without Contacts'),
      Vcard: text(limits.vcard).describe('The card, vCard 3.0; needed without Contacts'),
      Contacts: listUpTo(limits.contacts, z.array(card)).default([]).describe('Several cards'),
      ...messageFields,
    }),
    run: sendContacts,
    repeatable: 'message',
    input: ({ body }, { profile }) => ({ cards: cardsOf(body), ...addressed(body, profile) }),
    reply: sent,
    failure: 'error sending message: %s',
  }),

  post('/chat/send/poll', {
    summary: 'Send a poll of which one option can be chosen',
    undecodable: 'could not decode payload',
    body: z.object({
      group: requiredText('missing Grouop in payload', limits.address).describe(
        'A group, or anybody else: number or JID',
      ),
      header: requiredText('missing Header in payload', limits.pollQuestion).describe('The question'),
      options: listUpTo(
        limits.pollOptions,
        z
          .array(text(limits.pollOption), 'at least 2 options are required')
          .min(2, 'at least 2 options are required'),
      ).describe('The answers to choose from'),
      Id: messageFields.Id,
    }),
    run: sendPoll,
    repeatable: 'message',
    input: ({ body }, { profile }) => ({
      to: recipient(body.group, profile),
      id: body.Id,
      question: body.header,
      options: body.options,
      selectable: 1,
    }),
    reply: reply(z.object({ Details: z.string(), Id: z.string() }), ({ id }: Sent) => ({
      Details: 'Poll sent successfully',
      Id: id,
    })),
    failure: 'failed to send poll: %s',
  }),

  post('/chat/send/event', {
    summary: 'Send an event that people answer whether they come',
    body: z.object({
      Phone: phone,
      Name: required('Name', limits.eventName),
      Description: text(limits.eventDescription),
      StartTime: z.int('missing StartTime in Payload').describe('Unix seconds'),
      EndTime: integer().describe('Unix seconds; none when 0'),
      Location: place.optional(),
      JoinLink: text(limits.url).describe('Where it is joined: a call link or another address'),
      ExtraGuestsAllowed: bool().describe('Whether who comes may bring others'),
      ...messageFields,
    }),
    run: sendEvent,
    repeatable: 'message',
    input: ({ body }, { profile }) => ({
      ...addressed(body, profile),
      name: body.Name,
      description: body.Description,
      startsAt: body.StartTime,
      endsAt: body.EndTime,
      place: body.Location && placeOf(body.Location),
      joinLink: body.JoinLink,
      extraGuestsAllowed: body.ExtraGuestsAllowed,
    }),
    reply: sent,
    failure: 'error sending message: %s',
  }),

  post('/chat/send/edit', {
    summary: 'Change the text of a message you sent',
    body: z.object({
      Phone: phone,
      Body: required('Body').describe('The new text'),
      Id: text(limits.messageId).describe('Id of the message to change'),
      ContextInfo: contextInfo,
    }),
    run: editText,
    repeatable: 'change',
    input: ({ body }, { profile }) => {
      const chat = recipient(body.Phone, profile)
      const { forwarded: _kept, ...context } = messageContext(body)
      return { chat, ...context, id: demand(body.Id, 'Id'), text: body.Body }
    },
    reply: sent,
    failure: 'error sending edit message: %s',
  }),
]
