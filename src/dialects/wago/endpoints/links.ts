import { z } from 'zod'
import { type Endpoint, post } from '../../../http/endpoint/endpoint.ts'
import { text } from '../../../http/endpoint/fields.ts'
import { limits } from '../../../lib/limits.ts'
import { sendCatalogLink, sendGroupInvite, sendLinkPreview } from '../../../operations/messages/send-links.ts'
import { required, requiredMedia } from '../shapes/fields.ts'
import { addressed, id, phone } from '../shapes/message-fields.ts'
import { sent } from '../shapes/replies.ts'
import { mediaFailures } from './send-media.ts'

const preview = z.object({
  Phone: phone,
  Text: required('Text'),
  MatchedURL: required('MatchedURL', limits.url).describe('The link, as it stands in the text'),
  Title: required('Title', limits.linkTitle),
  Description: text(limits.linkDescription),
  Image: requiredMedia('Image').describe('The picture of the card: data URL or http(s) address'),
  Id: id,
})

/** A text with a card whose words the caller chooses. */
function previewOf(path: string, summary: string, form: 'link' | 'ad'): Endpoint {
  return post(path, {
    summary,
    body: preview,
    run: sendLinkPreview,
    repeatable: 'message',
    input: ({ body }) => ({
      ...addressed(body),
      text: body.Text,
      link: body.MatchedURL,
      title: body.Title,
      description: body.Description,
      image: body.Image,
      form,
    }),
    reply: sent,
    failure: mediaFailures,
  })
}

const linked = z.object({
  Phone: phone,
  Text: required('Text'),
  MatchedText: required('MatchedText', limits.url).describe('The link, as it stands in the text'),
  Title: required('Title', limits.linkTitle).describe('What the card is headed with'),
  Id: id,
})

function linkedOf(body: z.infer<typeof linked>) {
  return { ...addressed(body), text: body.Text, link: body.MatchedText, title: body.Title }
}

export const linkEndpoints: Endpoint[] = [
  previewOf('/send/preview', 'Send a text with a card about a link in it', 'link'),
  previewOf('/send/preview2', 'Send a text with a large card in the form of an advertisement', 'ad'),

  post('/send/groupinvite', {
    summary: 'Send the link that invites to a group, with a card',
    body: linked,
    run: sendGroupInvite,
    repeatable: 'message',
    input: ({ body }) => linkedOf(body),
    reply: sent,
  }),
]

export const catalogLinkEndpoints: Endpoint[] = [
  post('/business/send/catalog', {
    summary: 'Send the link to a catalogue, with a card',
    body: linked,
    run: sendCatalogLink,
    repeatable: 'message',
    input: ({ body }) => linkedOf(body),
    reply: sent,
  }),
]
