import { z } from 'zod'
import type { JsonObject } from '../../../events/event-parts.ts'
import { type Endpoint, get, post, reply } from '../../../http/endpoint/endpoint.ts'
import { text } from '../../../http/endpoint/fields.ts'
import { limits } from '../../../lib/limits.ts'
import { type ChannelPost, fetchPosts } from '../../../operations/channels/newsletter-posts.ts'
import {
  createNewsletter,
  followedNewsletters,
  inviteCodeIn,
  joinNewsletter,
  type NewsletterKey,
  newsletterInfo,
} from '../../../operations/channels/newsletters.ts'
import { newsletterMetadata } from '../../shared/whatsmeow/newsletter-metadata.ts'
import { newsletterPost, newsletterPostShape } from '../../shared/whatsmeow/newsletter-post.ts'
import { newsletterShape } from '../../shared/whatsmeow/newsletter-shape.ts'
import { channel, required } from '../shapes/fields.ts'
import { done } from '../shapes/replies.ts'

const DEFAULT_COUNT = 50
const MAX_COUNT = 300

const one = reply(newsletterShape, (found: JsonObject) => newsletterMetadata(found))
const byJid = z.object({ Jid: channel('Jid').describe('JID of the channel: `…@newsletter`') })

export const newsletterEndpoints: Endpoint[] = [
  post('/newsletter/create', {
    summary: 'Create a channel',
    body: z.object({
      Name: required('Name', limits.channelName),
      Description: text(limits.channelDescription),
    }),
    run: createNewsletter,
    input: ({ body }) => ({
      name: body.Name,
      description: body.Description,
      picture: new Uint8Array(),
    }),
    reply: one,
  }),

  get('/newsletter/list', {
    summary: 'List the channels the account follows',
    run: followedNewsletters,
    reply: reply(z.object({ Newsletter: z.array(newsletterShape) }), (found: JsonObject[]) => ({
      Newsletter: found.map(newsletterMetadata),
    })),
  }),

  post('/newsletter/info', {
    summary: 'Describe a channel, followed or not',
    body: byJid,
    power: 'read',
    run: newsletterInfo,
    input: ({ body }): NewsletterKey => ({ type: 'JID', key: body.Jid }),
    reply: one,
  }),

  post('/newsletter/link', {
    summary: 'Describe the channel that an invitation leads to',
    body: z.object({
      Key: required('Key', limits.url).describe('Code of an invite link, or the whole link'),
    }),
    power: 'read',
    run: newsletterInfo,
    input: ({ body }): NewsletterKey => ({ type: 'INVITE', key: inviteCodeIn(body.Key) }),
    reply: one,
  }),

  post('/newsletter/subscribe', {
    summary: 'Follow a channel',
    body: byJid,
    run: joinNewsletter,
    input: ({ body }) => body.Jid,
    reply: done('Subscribed'),
  }),

  post('/newsletter/messages', {
    summary: 'Read the newest messages of a channel, or those before one of them',
    body: byJid.extend({
      Count: z
        .int()
        .min(0, 'Count must not be negative')
        .max(MAX_COUNT, `Count must be at most ${MAX_COUNT}`)
        .default(0),
      BeforeId: z.int().min(0, 'BeforeId must not be negative').default(0).describe('A `MessageServerID`'),
    }),
    power: 'read',
    run: fetchPosts,
    input: ({ body }) => ({
      jid: body.Jid,
      count: body.Count || DEFAULT_COUNT,
      ...(body.BeforeId > 0 && { before: body.BeforeId }),
    }),
    reply: reply(
      z.object({ Messages: z.array(newsletterPostShape) }),
      (posts: ChannelPost[], { timeZone }) => ({
        Messages: posts.map((post) => newsletterPost(post, timeZone)),
      }),
    ),
  }),
]
