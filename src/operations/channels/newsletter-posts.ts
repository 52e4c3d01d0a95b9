import type { MessageEvent } from '../../events/event.ts'
import { type NewsletterPost, newsletterPost } from '../../whatsapp/inbound/parse/newsletters.ts'
import type { BinaryNode } from '../../whatsapp/library/engine.ts'
import { refusedByAck } from '../../whatsapp/outbound/acks.ts'
import type { LiveSession } from '../../whatsapp/session/session.ts'
import { child, childrenOf } from '../../whatsapp/wire/node.ts'
import { plainMessage } from '../../whatsapp/wire/plain-message.ts'
import { answered, ask, element } from '../ask.ts'

/** A post of a channel with its counts, and as the message it is. */
export interface ChannelPost extends NewsletterPost {
  event: MessageEvent
}

/** Which posts of a channel are wanted: the newest, or those before one of them. */
export interface PostsRequest {
  /** JID of the channel. */
  jid: string
  count: number
  /** The channel's own number of a post. */
  before?: number
}

/** Posts of a channel, followed or not, in the order WhatsApp tells of them. */
export async function fetchPosts(
  session: LiveSession,
  { jid, count, before }: PostsRequest,
): Promise<ChannelPost[]> {
  const attrs = { type: 'jid', jid, count: String(count), ...(before && { before: String(before) }) }
  const answer = await ask(session, { xmlns: 'newsletter', type: 'get' }, element('messages', attrs))
  return childrenOf(answered(answer, 'messages'), 'message').map((node) => {
    const post = newsletterPost(node)
    return { ...post, event: postEvent(jid, post) }
  })
}

/** Which changed posts of a channel are wanted. */
export interface UpdatesRequest {
  /** JID of the channel. */
  jid: string
  count: number
  /** Unix seconds; 0 = from the beginning. */
  since: number
}

/** Posts of a channel that are new or have other counts since an instant. */
export async function fetchPostUpdates(
  session: LiveSession,
  { jid, count, since }: UpdatesRequest,
): Promise<NewsletterPost[]> {
  const wanted = element('message_updates', { count: String(count), since: String(since) })
  const answer = await ask(session, { xmlns: 'newsletter', type: 'get', to: jid }, wanted)
  const updates = answered(answer, 'message_updates')
  return childrenOf(child(updates, 'messages') ?? updates, 'message').map(newsletterPost)
}

/** Asks to be told of new counts of a channel's posts; resolves with for how many seconds that is done. */
export async function watchPosts(session: LiveSession, jid: string): Promise<number> {
  const answer = await ask(session, { xmlns: 'newsletter', type: 'set', to: jid }, element('live_updates'))
  return Number(answered(answer, 'live_updates').attrs.duration ?? 0)
}

function postEvent(
  jid: string,
  { id, serverId, stanzaType, timestamp, message }: NewsletterPost,
): MessageEvent {
  return {
    ...plainMessage,
    type: 'message',
    id,
    chat: jid,
    sender: jid,
    fromMe: false,
    isGroup: false,
    addressingMode: '',
    senderAlt: '',
    recipientAlt: '',
    serverId,
    stanzaType,
    pushName: '',
    timestamp,
    multicast: false,
    mediaType: '',
    raw: message ?? {},
    deviceSent: null,
    sourceWebMessage: null,
  }
}

/** Posts of a channel that were looked at. */
export interface PostViews {
  /** JID of the channel. */
  jid: string
  /** The channel's own numbers of them; the newest posts when empty. */
  serverIds: number[]
}

// As many as one answer of WhatsApp has at most.
const NEWEST = 50

/** Counts posts as viewed by the account. */
export async function viewPosts(session: LiveSession, { jid, serverIds }: PostViews): Promise<void> {
  const viewed =
    serverIds.length > 0
      ? serverIds
      : (await fetchPosts(session, { jid, count: NEWEST })).map(({ serverId }) => serverId)
  if (viewed.length === 0) return
  const items = viewed.map((serverId) => element('item', { server_id: String(serverId) }))
  await acknowledged(session, element('receipt', { to: jid, type: 'view' }, [element('list', {}, items)]))
}

/** An emoji on a post. */
export interface PostReaction {
  /** JID of the channel. */
  jid: string
  /** The channel's own number of the post. */
  serverId: number
  /** '' takes the reaction back. */
  emoji: string
}

/** Reacts to a post of a channel. */
export async function reactToPost(
  session: LiveSession,
  { jid, serverId, emoji }: PostReaction,
): Promise<void> {
  // The library's own call takes a refusal for an acknowledgement.
  const attrs = { to: jid, type: 'reaction', server_id: String(serverId), ...(!emoji && { edit: '7' }) }
  const reaction = element('reaction', emoji ? { code: emoji } : {})
  await acknowledged(session, element('message', attrs, [reaction]))
}

async function acknowledged(session: LiveSession, stanza: BinaryNode): Promise<void> {
  const ack = await session.call((socket) => socket.query(stanza))
  const { error } = ack.attrs
  if (error) throw refusedByAck(error)
}
