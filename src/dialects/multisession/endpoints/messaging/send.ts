import { z } from 'zod'
import { type Endpoint, post } from '../../../../http/endpoint/endpoint.ts'
import { number, text } from '../../../../http/endpoint/fields.ts'
import { ApiError } from '../../../../lib/errors.ts'
import { limits } from '../../../../lib/limits.ts'
import { writeVcard } from '../../../../lib/text/vcard.ts'
import { sendContact, sendLocation, sendText } from '../../../../operations/messages/send.ts'
import { sendLinkPreview } from '../../../../operations/messages/send-links.ts'
import { chatOf, chatPath } from '../../shapes/chat-address.ts'
import { required } from '../../shapes/fields.ts'
import { sending } from '../../shapes/in-chat.ts'
import { simulation, simulationOf } from '../../shapes/manner-fields.ts'
import { unchecked } from '../../shapes/media-rules.ts'
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

/** A picture in base64; what is none is left out, as in the original. */
function pictureOf(base64: string) {
  const isBase64 = base64 !== '' && base64.length % 4 === 0 && /^[\w+/-]+={0,2}$/.test(base64)
  return isBase64 ? { image: { base64 } } : {}
}

const asText = sending(sendText)
const asLocation = sending(sendLocation)
const asContact = sending(sendContact)
const asLinkPreview = sending(unchecked(sendLinkPreview))

export const sendEndpoints: Endpoint[] = [
  post('/chats/{chat_jid}/messages', {
    summary: 'Send a text',
    needs: 'stored',
    params: chatPath,
    body: z.object({ text: required('text'), ...simulation }),
    run: asText,
    repeatable: 'message',
    input: ({ params, body }) => ({
      to: chatOf(params.chat_jid),
      text: body.text,
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
    summary: 'Send the card of somebody',
    needs: 'stored',
    params: chatPath,
    body: z.object({
      name: required('name', limits.contactName),
      phone: required('phone', limits.address),
    }),
    run: asContact,
    repeatable: 'message',
    input: ({ params, body: { name, phone } }) => ({
      to: chatOf(params.chat_jid),
      name,
      vcard: writeVcard({ name, number: phone }),
    }),
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
