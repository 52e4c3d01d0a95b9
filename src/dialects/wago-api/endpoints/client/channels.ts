import { z } from 'zod'
import type { JsonObject } from '../../../../events/event-parts.ts'
import { type Endpoint, get, post } from '../../../../http/endpoint/endpoint.ts'
import { text } from '../../../../http/endpoint/fields.ts'
import { limits } from '../../../../lib/limits.ts'
import {
  createNewsletter,
  followedNewsletters,
  joinNewsletter,
  leaveNewsletter,
  newsletterInfo,
} from '../../../../operations/channels/newsletters.ts'
import { channelCode, channelFields, channelShape } from '../../shapes/channel-shape.ts'
import { channel, required } from '../../shapes/fields.ts'
import { done, result } from '../../shapes/replies.ts'

const named = z.object({ channelId: channel('channelId').describe('JID of the channel: `…@newsletter`') })

const oneChannel = result(channelShape, channelFields)

export const clientChannelEndpoints: Endpoint[] = [
  get('/client/getChannels/{id}', {
    summary: 'List the channels the account follows',
    run: followedNewsletters,
    reply: result(z.array(channelShape), (channels: JsonObject[]) => channels.map(channelFields)),
  }),

  post('/client/createChannel/{id}', {
    summary: 'Create a channel',
    body: z.object({
      title: required('title', limits.channelName),
      options: z.object({ description: text(limits.channelDescription) }).prefault({}),
    }),
    run: createNewsletter,
    input: ({ body }) => ({
      name: body.title,
      description: body.options.description,
      picture: new Uint8Array(),
    }),
    reply: oneChannel,
  }),

  post('/client/subscribeToChannel/{id}', {
    summary: 'Follow a channel',
    body: named,
    run: joinNewsletter,
    input: ({ body }) => body.channelId,
    reply: done,
  }),

  post('/client/unsubscribeFromChannel/{id}', {
    summary: 'Stop following a channel',
    body: named,
    run: leaveNewsletter,
    input: ({ body }) => body.channelId,
    reply: done,
  }),

  post('/client/getChannelByInviteCode/{id}', {
    summary: 'Describe a channel that a link leads to',
    body: z.object({
      inviteCode: required('inviteCode', limits.url).describe('The code, or the whole link'),
    }),
    power: 'read',
    run: newsletterInfo,
    input: ({ body }) => ({ type: 'INVITE' as const, key: channelCode(body.inviteCode) }),
    reply: oneChannel,
  }),
]
