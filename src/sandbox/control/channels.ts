import { z } from 'zod'
import { proto } from '../../whatsapp/library/engine.ts'
import { contentShape } from '../content/words.ts'
import { tellReachOutLock } from '../iq/limits.ts'
import {
  type ChannelDesk,
  createChannel,
  editPost,
  postChannelStatus,
  postToChannel,
  revokePost,
} from '../peer/channel-author.ts'
import { IN_WORDS } from '../world/json-form.ts'
import type { Network } from '../world/network.ts'
import type { Newsletter, Post } from '../world/newsletter.ts'
import { type ControlCall, ControlError, type ControlRoute, get, phoneOf, post } from './route.ts'

const newChannel = z.object({
  name: z.string(),
  description: z.string().optional(),
  /** JPEG as base64. */
  picture: z.string().optional(),
})

const content = z.object(contentShape).partial()

const reachOutLock = z.object({
  active: z.boolean().default(true),
  /** Unix seconds; in an hour by default. */
  endsAt: z.int().optional(),
  /** By WhatsApp's names. */
  reason: z.string().default('RESTRICT_ALL_COMPANIONS'),
})

/** What contacts do with channels of their own, a look at channels, and what the service tells of an account's standing. */
export const channelRoutes: ControlRoute[] = [
  post('/sandbox/contacts/:phone/channels', newChannel, async ({ network, params, body }) => {
    const newsletter = await createChannel(network, phoneOf(network, params.phone ?? ''), body)
    return { jid: newsletter.jid, invite: newsletter.invite }
  }),
  get('/sandbox/channels/:jid', ({ network, params }) => {
    const newsletter = channelOf(network, params.jid)
    const { jid, name, description, invite, picture, followers, posts, statuses } = newsletter
    return {
      jid,
      name,
      description,
      invite,
      picture: picture?.id ?? null,
      followers: Object.fromEntries([...followers].map(([{ phone }, follower]) => [phone, follower])),
      posts: posts.map(shownPost),
      statuses: statuses.map(shownPost),
    }
  }),
  post('/sandbox/channels/:jid/posts', content, async (call) =>
    written(await postToChannel(deskOf(call), call.body)),
  ),
  post('/sandbox/channels/:jid/statuses', content, async (call) =>
    written(await postChannelStatus(deskOf(call), call.body)),
  ),
  post('/sandbox/channels/:jid/posts/:serverId/edit', content, async (call) => {
    const desk = deskOf(call)
    const edited = postOf(desk.newsletter, call.params.serverId)
    await editPost(desk, edited, call.body)
    return written(edited)
  }),
  post('/sandbox/channels/:jid/posts/:serverId/revoke', z.object({}), (call) => {
    const desk = deskOf(call)
    const revoked = postOf(desk.newsletter, call.params.serverId)
    revokePost(desk, revoked)
    return written(revoked)
  }),
  post('/sandbox/contacts/:phone/reach-out-lock', reachOutLock, ({ network, params, body }) => {
    const { account } = phoneOf(network, params.phone ?? '')
    const { active, reason, endsAt = Math.floor(Date.now() / 1000) + 3600 } = body
    account.limits = { ...account.limits, reachOut: active ? { endsAt, reason } : undefined }
    tellReachOutLock(network, account)
    return {}
  }),
]

function channelOf(network: Network, jid = ''): Newsletter {
  const newsletter = network.newsletters.find(jid)
  if (!newsletter) throw new ControlError(404, `there is no channel ${jid}`)
  return newsletter
}

function deskOf({ network, params }: Pick<ControlCall<unknown>, 'network' | 'params'>): ChannelDesk {
  const newsletter = channelOf(network, params.jid)
  return { network, newsletter, phone: phoneOf(network, newsletter.owner?.phone ?? '') }
}

function postOf(newsletter: Newsletter, serverId: string | undefined): Post {
  const found = newsletter.post(serverId)
  if (!found) throw new ControlError(404, `the channel has no post ${serverId}`)
  return found
}

function written({ id, serverId, timestamp }: Post) {
  return { id, serverId, timestamp }
}

function shownPost(shown: Post) {
  const { type, mediatype, change, plaintext, viewers, reactions } = shown
  return {
    ...written(shown),
    type,
    mediatype,
    change: change?.kind ?? null,
    message: plaintext.length > 0 ? proto.Message.toObject(proto.Message.decode(plaintext), IN_WORDS) : null,
    views: viewers.size,
    reactions: Object.fromEntries([...reactions].map(([{ phone }, emoji]) => [phone, emoji])),
  }
}
