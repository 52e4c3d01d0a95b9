import { z } from 'zod'
import type { JsonObject } from '../../../events/event-parts.ts'
import { type Endpoint, post, reply } from '../../../http/endpoint/endpoint.ts'
import { integer, textUpTo } from '../../../http/endpoint/fields.ts'
import { limits } from '../../../lib/limits.ts'
import {
  type ChannelPost,
  fetchPosts,
  reactToPost,
  viewPosts,
} from '../../../operations/channels/newsletter-posts.ts'
import {
  deleteNewsletter,
  existingNewsletter,
  muteNewsletter,
} from '../../../operations/channels/newsletters.ts'
import { sendContent } from '../../../operations/messages/send-content.ts'
import { channelFields, channelShape } from '../shapes/channel-shape.ts'
import { contentFields, contentOf, fileFailures, messageOptions, upTo } from '../shapes/content.ts'
import { channel } from '../shapes/fields.ts'
import { messageShape } from '../shapes/message-shape.ts'
import { done, sent } from '../shapes/replies.ts'

const named = z.object({ chatId: channel('chatId') })

const postShape = z.object({
  serverId: z.int().describe("The channel's own number of the post"),
  views: z.int(),
  reactions: z.record(z.string(), z.int()).describe('Emoji -> how many'),
  body: z.string(),
  type: z.string(),
  timestamp: z.int().describe('Unix seconds'),
})

function postFields({ serverId, views, reactions, timestamp, event }: ChannelPost) {
  const { body = '', type = 'unknown' } = messageShape(event) ?? {}
  return { serverId, views, reactions: reactions ?? {}, body, type, timestamp }
}

export const channelEndpoints: Endpoint[] = [
  post('/channel/getClassInfo/{id}', {
    summary: 'Describe a channel',
    body: named,
    power: 'read',
    run: existingNewsletter,
    input: ({ body }) => body.chatId,
    reply: reply(z.object({ channel: channelShape }), (found: JsonObject) => ({
      channel: channelFields(found),
    })),
  }),

  post('/channel/sendMessage/{id}', {
    summary: 'Post to an own channel',
    needs: 'stored',
    body: named.extend(contentFields),
    run: sendContent,
    repeatable: 'message',
    input: ({ body }) => ({ to: body.chatId, ...messageOptions(body), content: contentOf(body) }),
    reply: sent,
    failure: fileFailures,
  }),

  post('/channel/fetchMessages/{id}', {
    summary: 'Read the posts of a channel',
    body: named.extend({
      searchOptions: z.object({ limit: upTo(100, 50) }).prefault({}),
      before: integer().describe('Only posts before the one with this number'),
    }),
    power: 'read',
    run: fetchPosts,
    input: ({ body }) => ({ jid: body.chatId, count: body.searchOptions.limit, before: body.before }),
    reply: reply(z.object({ messages: z.array(postShape) }), (posts: ChannelPost[]) => ({
      messages: posts.map(postFields),
    })),
  }),

  post('/channel/sendSeen/{id}', {
    summary: 'Count posts of a channel as viewed',
    body: named.extend({
      messageServerIds: z.array(z.int()).default([]).describe('The newest posts when absent'),
    }),
    power: 'send',
    run: viewPosts,
    input: ({ body }) => ({ jid: body.chatId, serverIds: body.messageServerIds }),
    reply: done,
  }),

  post('/channel/sendReaction/{id}', {
    summary: 'React to a post of a channel',
    body: named.extend({
      messageServerId: z.int('messageServerId is required'),
      reaction: textUpTo(limits.reaction, z.string('reaction is required')).describe(
        'An emoji; empty takes the reaction back',
      ),
    }),
    power: 'send',
    run: reactToPost,
    input: ({ body }) => ({ jid: body.chatId, serverId: body.messageServerId, emoji: body.reaction }),
    reply: done,
  }),

  post('/channel/mute/{id}', {
    summary: 'Turn the notifications of a channel off',
    body: named,
    run: muteNewsletter,
    input: ({ body }) => ({ jid: body.chatId, mute: true }),
    reply: done,
  }),

  post('/channel/unmute/{id}', {
    summary: 'Turn the notifications of a channel on',
    body: named,
    run: muteNewsletter,
    input: ({ body }) => ({ jid: body.chatId, mute: false }),
    reply: done,
  }),

  post('/channel/deleteChannel/{id}', {
    summary: 'Delete an own channel for everybody',
    body: named,
    run: deleteNewsletter,
    input: ({ body }) => body.chatId,
    reply: done,
  }),
]
