import { z } from 'zod'
import { type Endpoint, post, reply } from '../../../http/endpoint/endpoint.ts'
import { bool, listUpTo, requiredText, text } from '../../../http/endpoint/fields.ts'
import { limits } from '../../../lib/limits.ts'
import { editText } from '../../../operations/messages/message-changes.ts'
import { sendContact, sendLocation, sendPoll, sendText } from '../../../operations/messages/send.ts'
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
    summary: 'Send a contact card',
    body: z.object({
      Phone: phone,
      Name: required('Name', limits.contactName).describe('The name shown on the card'),
      Vcard: required('Vcard', limits.vcard).describe('The card, vCard 3.0'),
      ...messageFields,
    }),
    run: sendContact,
    repeatable: 'message',
    input: ({ body }, { profile }) => ({
      ...addressed(body, profile),
      name: body.Name,
      vcard: body.Vcard,
    }),
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
