import { z } from 'zod'
import type { JsonObject } from '../../../events/event-parts.ts'
import { type Endpoint, get, post, reply } from '../../../http/endpoint/endpoint.ts'
import { bool, bytes, text } from '../../../http/endpoint/fields.ts'
import { ApiError } from '../../../lib/errors.ts'
import { isChannelJid } from '../../../lib/jid.ts'
import { limits } from '../../../lib/limits.ts'
import {
  createNewsletter,
  followedNewsletters,
  joinNewsletter,
  leaveNewsletter,
  muteNewsletter,
  type NewsletterKey,
  newsletterInfo,
} from '../../../operations/channels/newsletters.ts'
import { newsletterMetadata } from '../../shared/whatsmeow/newsletter-metadata.ts'
import { newsletterShape } from '../../shared/whatsmeow/newsletter-shape.ts'
import { required } from '../shapes/fields.ts'
import { parseJid } from '../shapes/jid.ts'
import { done } from '../shapes/replies.ts'

const named = z.object({ NewsletterJID: text(limits.address).describe('JID of the channel: `…@newsletter`') })
const byId = z.object({ id: text(limits.address).describe('JID of the channel, or its part before the @') })

const oneNewsletter = reply(newsletterShape, (newsletter: JsonObject) => newsletterMetadata(newsletter))
const acknowledged = reply<void>(z.object({ ok: z.boolean() }), () => ({ ok: true }))

function requireNewsletter(text: string, profile: string, sentence: string): string {
  const jid = parseJid(text, profile)
  if (jid === undefined || !isChannelJid(jid)) throw new ApiError('invalid_jid', { text: sentence })
  return jid
}

const namedNewsletter = (body: z.infer<typeof named>, profile: string) =>
  requireNewsletter(body.NewsletterJID, profile, 'could not parse NewsletterJID')

const newsletterById = (id: string, profile: string) =>
  requireNewsletter(id.includes('@') ? id : `${id}@newsletter`, profile, 'could not parse newsletter id')

/** A channel's JID, or the code or link that invites to it. */
function keyOf({ id, invite }: { id: string; invite: string }, profile: string): NewsletterKey {
  if (id !== '') return { type: 'JID', key: newsletterById(id, profile) }
  if (invite === '') throw new ApiError('missing_field', { text: 'missing id or invite parameter' })
  return { type: 'INVITE', key: invite.replace(/^https:\/\/(www\.)?whatsapp\.com\/channel\//, '') }
}

/** The bytes of `data:image/…;base64,…`; none when there is no picture. */
function pictureOf(picture: string): Uint8Array {
  const decoded = bytes().safeParse(picture.replace(/^data:image\/[^,]*;base64,/, ''))
  if (decoded.success) return decoded.data
  throw new ApiError('invalid_field', { text: 'could not decode base64 encoded Picture from payload' })
}

export const newsletterEndpoints: Endpoint[] = [
  get('/newsletter/list', {
    summary: 'List the channels the account follows',
    run: followedNewsletters,
    reply: reply(z.object({ Newsletter: z.array(newsletterShape) }), (newsletters: JsonObject[]) => ({
      Newsletter: newsletters.map(newsletterMetadata),
    })),
  }),

  post('/newsletter/join', {
    summary: 'Follow a channel',
    body: named,
    run: joinNewsletter,
    input: ({ body }, { profile }) => namedNewsletter(body, profile),
    reply: done('Newsletter joined successfully'),
  }),

  post('/newsletter/leave', {
    summary: 'Stop following a channel',
    body: named,
    run: leaveNewsletter,
    input: ({ body }, { profile }) => namedNewsletter(body, profile),
    reply: done('Newsletter left successfully'),
  }),

  post('/newsletter/mute', {
    summary: 'Turn the notifications of a channel off or on',
    body: named.extend({ Mute: bool() }),
    run: muteNewsletter,
    input: ({ body }, { profile }) => ({ jid: namedNewsletter(body, profile), mute: body.Mute }),
    reply: done('Newsletter mute status changed successfully'),
  }),

  post('/newsletter/create', {
    summary: 'Create a channel',
    body: z.object({
      Name: required('Name', limits.channelName),
      Description: text(limits.channelDescription),
      Picture: text(limits.picture).describe('A JPEG as a data URL'),
    }),
    run: createNewsletter,
    input: ({ body }) => ({
      name: body.Name,
      description: body.Description,
      picture: pictureOf(body.Picture),
    }),
    reply: oneNewsletter,
  }),

  get('/newsletter/info', {
    summary: 'Describe a channel, followed or not',
    query: byId.extend({ invite: text(limits.url).describe('Code or link that invites to the channel') }),
    run: newsletterInfo,
    input: ({ query }, { profile }) => keyOf(query, profile),
    reply: oneNewsletter,
  }),

  post('/newsletter/follow', {
    summary: 'Follow a channel',
    body: byId,
    run: joinNewsletter,
    input: ({ body }, { profile }) => newsletterById(body.id, profile),
    reply: acknowledged,
  }),

  post('/newsletter/unfollow', {
    summary: 'Stop following a channel',
    body: byId,
    run: leaveNewsletter,
    input: ({ body }, { profile }) => newsletterById(body.id, profile),
    reply: acknowledged,
  }),
]
