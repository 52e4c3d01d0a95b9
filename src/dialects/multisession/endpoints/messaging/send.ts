import { z } from 'zod'
import { type Endpoint, post } from '../../../../http/endpoint/endpoint.ts'
import { listUpTo, number, text } from '../../../../http/endpoint/fields.ts'
import { ApiError } from '../../../../lib/errors.ts'
import { limits } from '../../../../lib/limits.ts'
import { writeVcard } from '../../../../lib/text/vcard.ts'
import { sendContacts, sendLocation, sendText } from '../../../../operations/messages/send.ts'
import { sendLinkPreview } from '../../../../operations/messages/send-links.ts'
import { chatOf, chatPath } from '../../shapes/chat-address.ts'
import { required } from '../../shapes/fields.ts'
import { sending } from '../../shapes/in-chat.ts'
import { simulation, simulationOf } from '../../shapes/manner-fields.ts'
import { unchecked } from '../../shapes/media-rules.ts'
import { mentionFields, mentionsOf } from '../../shapes/mention-fields.ts'
import { sent } from '../../shapes/sent-shape.ts'

const place = z.object({
  latitude: number().describe('-90 to 90'),
  longitude: number().describe('-180 to 180'),
  name: text(limits.placeName),
  address: text(limits.placeName),
})

/** One of them may be absent, which is 0; both being 0 counts as none. */
function placeOf({ latitude, longitude, name, address }: z.infer<typeof place>) {
  if (latitude === 0 && longitude === 0)
    throw new ApiError('missing_field', { text: 'latitude and longitude are required' })
  if (Math.abs(latitude) > 90)
    throw new ApiError('invalid_field', { text: 'Latitude must be between -90 and 90' })
  if (Math.abs(longitude) > 180)
    throw new ApiError('invalid_field', { text: 'Longitude must be between -180 and 180' })
  return { latitude, longitude, name, address }
}

const person = z.object({ name: text(limits.contactName), phone: text(limits.address) })

/** The cards of a list of people, or of the one beside it. Throws `missing_field`. */
function cardsOf({ contacts, ...one }: z.infer<typeof person> & { contacts: z.infer<typeof person>[] }) {
  const people = contacts.length > 0 ? contacts : [one]
  return people.map(({ name, phone }) => {
    if (name.trim() === '') throw new ApiError('missing_field', { text: 'name is required' })
    if (phone.trim() === '') throw new ApiError('missing_field', { text: 'phone is required' })
    return { name, vcard: writeVcard({ name, number: phone }) }
  })
}

/** A picture in base64; what is none is left out, as in the original. */
function pictureOf(base64: string) {
  const isBase64 = base64 !== '' && base64.length % 4 === 0 && /^[\w+/-]+={0,2}$/.test(base64)
  return isBase64 ? { image: { base64 } } : {}
}

const asText = sending(sendText)
const asLocation = sending(sendLocation)
const asContacts = sending(sendContacts)
const asLinkPreview = sending(unchecked(sendLinkPreview))

export const sendEndpoints: Endpoint[] = [
  post('/chats/{chat_jid}/messages', {
    summary: 'Send a text',
    needs: 'stored',
    params: chatPath,
    body: z.object({ text: required('text'), ...mentionFields, ...simulation }),
    run: asText,
    repeatable: 'message',
    input: ({ params, body }) => ({
      to: chatOf(params.chat_jid),
      text: body.text,
      ...mentionsOf(body),
      manner: simulationOf(body),
    }),
    reply: sent('Success send message'),
  }),

  post('/chats/{chat_jid}/locations', {
    summary: 'Send a place on the map',
    needs: 'stored',
    params: chatPath,
    body: place,
    run: asLocation,
    repeatable: 'message',
    input: ({ params, body }) => ({ ...placeOf(body), to: chatOf(params.chat_jid) }),
    reply: sent('Success send location'),
  }),

  post('/chats/{chat_jid}/contacts', {
    summary: 'Send the card of somebody, or of several people in one message',
    needs: 'stored',
    params: chatPath,
    body: z.object({
      name: text(limits.contactName).describe('Needed without contacts'),
      phone: text(limits.address).describe('Needed without contacts'),
      contacts: listUpTo(limits.contacts, z.array(person)).default([]).describe('Several people'),
    }),
    run: asContacts,
    repeatable: 'message',
    input: ({ params, body }) => ({ cards: cardsOf(body), to: chatOf(params.chat_jid) }),
    reply: sent('Success send contact'),
  }),

  post('/chats/{chat_jid}/link-preview', {
    summary: 'Send a text with a card about its link; nothing is looked up',
    needs: 'stored',
    params: chatPath,
    body: z.object({
      text: required('text'),
      url: required('url', limits.url),
      title: text(limits.linkTitle),
      description: text(limits.linkDescription),
      thumbnail: text(limits.picture).describe('Picture of the card in base64'),
    }),
    run: asLinkPreview,
    repeatable: 'message',
    input: ({ params, body }) => ({
      to: chatOf(params.chat_jid),
      text: body.text,
      link: body.url,
      title: body.title,
      description: body.description,
      form: 'card' as const,
      ...pictureOf(body.thumbnail),
    }),
    reply: sent('Success send link preview'),
    failure: { thumbnail: 'thumbnail is no picture' },
  }),
]
