import { z } from 'zod'
import { type Endpoint, get, post } from '../../../../http/endpoint/endpoint.ts'
import { integer, listUpTo, requiredText, text } from '../../../../http/endpoint/fields.ts'
import { ApiError } from '../../../../lib/errors.ts'
import { limits } from '../../../../lib/limits.ts'
import {
  type ChannelPost,
  fetchPosts,
  fetchPostUpdates,
  type PostReaction,
  type PostViews,
  reactToPost,
  viewPosts,
  watchPosts,
} from '../../../../operations/channels/newsletter-posts.ts'
import { existingNewsletter } from '../../../../operations/channels/newsletters.ts'
import type { LiveSession } from '../../../../whatsapp/session/session.ts'
import { newsletterPost, newsletterPostShape } from '../../../shared/whatsmeow/newsletter-post.ts'
import { answer, done } from '../../envelope.ts'
import { channel } from '../../shapes/addresses.ts'
import { asked } from '../../shapes/asked.ts'
import { numberOr } from '../../shapes/query-values.ts'

const DEFAULT_POSTS = 50
const DEFAULT_UPDATES = 100
const MAX_COUNT = 300
const NO_ID = 'message_server_id is required'
const NO_IDS = 'message_server_ids is required'

const named = z.object({ jid: channel })
const serverId = integer()
  .refine((id) => id > 0, NO_ID)
  .meta({ description: "The channel's own number of the post", example: 101 })

/** WhatsApp takes receipts for channels that do not exist. */
async function viewExisting(session: LiveSession, views: PostViews): Promise<void> {
  await existingNewsletter(session, views.jid)
  await viewPosts(session, views)
}

async function noComments(session: LiveSession, _comment: PostReaction): Promise<never> {
  await session.ready()
  throw new ApiError('unsupported', {
    text: 'WhatsApp has no comments in newsletters; a post of the owner would be all that came of it',
  })
}

export const postEndpoints: Endpoint[] = [
  get('/newsletters/{jid}/messages', {
    summary: 'List the newest posts of a channel, or those before one of them',
    needs: 'stored',
    params: named,
    query: z.object({
      count: numberOr(DEFAULT_POSTS, { min: 1, max: MAX_COUNT }),
      before: numberOr(0, { max: Number.MAX_SAFE_INTEGER }).describe('A `server_id`'),
    }),
    run: asked(fetchPosts),
    input: ({ params, query }) => ({
      jid: params.jid,
      count: query.count,
      ...(query.before > 0 && { before: query.before }),
    }),
    reply: answer(
      'Success get newsletter messages',
      z.array(
        z.object({ server_id: z.int(), views: z.int(), reactions: z.record(z.string(), z.int()).nullable() }),
      ),
      (posts: ChannelPost[]) =>
        posts.map(({ serverId: id, views, reactions }) => ({ server_id: id, views, reactions })),
    ),
  }),

  get('/newsletters/{jid}/updates', {
    summary: 'List the posts of a channel that are new or have other counts',
    needs: 'stored',
    params: named,
    query: z.object({
      count: numberOr(DEFAULT_UPDATES, { min: 1, max: MAX_COUNT }),
      since: numberOr(0, { max: Number.MAX_SAFE_INTEGER }).describe('Unix seconds'),
    }),
    run: asked(fetchPostUpdates),
    input: ({ params, query }) => ({ jid: params.jid, count: query.count, since: query.since }),
    reply: answer(
      'Success get newsletter message updates',
      z.array(newsletterPostShape),
      (posts: Awaited<ReturnType<typeof fetchPostUpdates>>) => posts.map((one) => newsletterPost(one, '')),
    ),
  }),

  post('/newsletters/{jid}/reaction', {
    summary: 'React to a post; an empty emoji takes the reaction back',
    needs: 'stored',
    params: named,
    body: z.object({ message_server_id: serverId, emoji: text(limits.reaction) }),
    power: 'send',
    run: asked(reactToPost),
    input: ({ params, body }) => ({
      jid: params.jid,
      serverId: body.message_server_id,
      emoji: body.emoji,
    }),
    reply: done('Success react to newsletter message'),
  }),

  post('/newsletters/{jid}/viewed', {
    summary: 'Count posts as viewed',
    needs: 'stored',
    params: named,
    body: z.object({
      message_server_ids: listUpTo(limits.list, z.array(z.int().min(1, NO_IDS), NO_IDS).min(1, NO_IDS)),
    }),
    power: 'send',
    run: asked(viewExisting, { 404: 'newsletter not found' }),
    input: ({ params, body }) => ({ jid: params.jid, serverIds: body.message_server_ids }),
    reply: done('Success mark newsletter messages as viewed'),
  }),

  post('/newsletters/{jid}/live', {
    summary: 'Ask to be told of new counts, for some minutes',
    needs: 'stored',
    params: named,
    run: asked(watchPosts),
    input: ({ params }) => params.jid,
    reply: done('Success subscribe to newsletter live updates'),
  }),

  post('/newsletters/{jid}/comments', {
    summary: 'Not possible: WhatsApp has no comments in channels',
    needs: 'stored',
    params: named,
    body: z.object({
      message_server_id: serverId,
      comment: requiredText('comment is required').refine(
        (comment) => comment.trim() !== '',
        'comment cannot be empty',
      ),
    }),
    run: asked(noComments),
    input: ({ params, body }) => ({
      jid: params.jid,
      serverId: body.message_server_id,
      emoji: body.comment,
    }),
    reply: done('Success send newsletter comment'),
  }),
]
