import { type BinaryNode, normalizeMessageContent, proto } from '../../whatsapp/library/engine.ts'
import type { Device } from './account.ts'
import type { Network } from './network.ts'
import type { Newsletter, Post, PostContent } from './newsletter.ts'
import { type Attributes, bytes, child, children, node, unixSeconds } from './node.ts'

/** What became of a message to a channel: refused with an error code, or published under the channel's numbering. */
interface Outcome {
  refused?: string
  serverId?: number
}

/** Ack errors: only the owner writes in a channel, and only posts that exist are changed or have reactions. */
const FORBIDDEN = '403'
const NOT_FOUND = '404'
const WRONG_FORM = '479'

/** `edit` of a post that is changed or taken back; its `id` is that of the post (whatsmeow 2026-09-21, WhatsApp Web). */
const EDIT = '3'
const REVOKE = '8'

/** Publishes a post for the companions of all who follow, changes or empties one, or counts a reaction. Phones show no channels here. */
export function takeNewsletterMessage(network: Network, from: Device, stanza: BinaryNode): Outcome {
  const newsletter = network.newsletters.find(stanza.attrs.to ?? '')
  if (!newsletter) return { refused: NOT_FOUND }
  const reaction = child(stanza, 'reaction')
  if (reaction) return takeReaction({ network, from, newsletter }, stanza, reaction)
  if (!newsletter.isOwner(from.account)) return { refused: FORBIDDEN }

  const post = takePost(network, newsletter, stanza)
  if ('refused' in post) return post
  tellFollowers({ newsletter, from }, (extra) =>
    node('message', { from: newsletter.jid, ...postAttributes(post), ...extra }, postContent(post)),
  )
  return { serverId: post.serverId }
}

/** A status of a channel: a top-level `<status>`, in the clear, acknowledged like a message (WhatsApp Web). */
export function relayNewsletterStatus(network: Network, from: Device, stanza: BinaryNode): void {
  const { id = '', to = '' } = stanza.attrs
  const newsletter = network.newsletters.find(to)
  const ack = { class: 'status', id, from: to, t: unixSeconds() }
  const refused = statusRefusal(network, { newsletter, from }, stanza)
  if (!newsletter || refused) {
    from.deliver(node('ack', { ...ack, error: refused }))
    return
  }
  const status = newsletter.publishStatus({ id, ...contentOf(stanza) })
  from.deliver(node('ack', { ...ack, server_id: status.serverId }))
  tellFollowers({ newsletter, from }, (extra) =>
    node('status', { from: newsletter.jid, ...postAttributes(status), ...extra }, postContent(status)),
  )
}

function statusRefusal(
  network: Network,
  { newsletter, from }: { newsletter: Newsletter | undefined; from: Device },
  stanza: BinaryNode,
): string | undefined {
  if (!newsletter) return NOT_FOUND
  if (!newsletter.isOwner(from.account)) return FORBIDDEN
  return isWellFormed(network, stanza) ? undefined : WRONG_FORM
}

function takePost(network: Network, newsletter: Newsletter, stanza: BinaryNode): Post | { refused: string } {
  const { id = '', edit } = stanza.attrs
  if (edit === undefined) {
    if (!isWellFormed(network, stanza)) return { refused: WRONG_FORM }
    return newsletter.publish({ id, ...contentOf(stanza) })
  }
  // Those of chats (1 = edit, 7 = revoke) mean nothing here.
  if (edit !== EDIT && edit !== REVOKE) return { refused: WRONG_FORM }
  const post = newsletter.posts.find((other) => other.id === id)
  if (!post || post.change?.kind === 'revoked') return { refused: NOT_FOUND }
  if (edit === REVOKE) {
    Object.assign(post, { type: 'text', mediatype: undefined, plaintext: new Uint8Array() })
    post.change = { kind: 'revoked', at: unixSeconds() }
  } else {
    if (!isWellFormed(network, stanza)) return { refused: WRONG_FORM }
    Object.assign(post, contentOf(stanza))
    post.change = { kind: 'edited', atMs: Date.now() }
  }
  post.changedAt = unixSeconds()
  return post
}

function takeReaction(
  { network, from, newsletter }: { network: Network; from: Device; newsletter: Newsletter },
  { attrs }: BinaryNode,
  reaction: BinaryNode,
): Outcome {
  const post = newsletter.post(attrs.server_id)
  if (!post) return { refused: NOT_FOUND }
  const { code } = reaction.attrs
  if (code) post.reactions.set(from.account, code)
  else post.reactions.delete(from.account)
  changed(network, newsletter, post)
  return { serverId: post.serverId }
}

/** To the companions of all who follow, but not back to the author's; another device of the author learns whose it is. */
function tellFollowers(
  { newsletter, from }: { newsletter: Newsletter; from: Device },
  stanzaWith: (extra: { is_sender?: string }) => BinaryNode,
): void {
  const stanza = stanzaWith({})
  const own = stanzaWith({ is_sender: 'true' })
  for (const follower of newsletter.followers.keys()) {
    for (const device of follower.devices.values())
      if (device.id !== 0 && device !== from) device.deliver(follower === from.account ? own : stanza)
  }
}

function contentOf(stanza: BinaryNode): PostContent {
  const content = child(stanza, 'plaintext')
  return {
    type: stanza.attrs.type ?? 'text',
    mediatype: content?.attrs.mediatype,
    plaintext: bytes(content) ?? new Uint8Array(),
  }
}

/** What lists and relays say about a post; the time of a changed one is that of the change. */
export function postAttributes({ id, type, serverId, timestamp, change }: Post): Attributes {
  const attrs = { id, type, server_id: serverId }
  if (!change) return { ...attrs, t: timestamp }
  if (change.kind === 'revoked') return { ...attrs, t: change.at, edit: REVOKE }
  return { ...attrs, t: Math.floor(change.atMs / 1000), edit: EDIT }
}

/** What a post holds, and when it was written if it is not the first version: nothing is left of a revoked one. */
export function postContent({ plaintext, mediatype, timestamp, change }: Post): BinaryNode[] {
  const content = plaintext.length > 0 ? plaintext : undefined
  const parts = [node('plaintext', { mediatype }, content)]
  if (!change) return parts
  const editedAt = change.kind === 'edited' ? change.atMs : undefined
  return [node('meta', { msg_edit_t: editedAt, original_msg_t: timestamp }), ...parts]
}

/** A post is a message; its file must have been uploaded for channels, and it must name the upload, its kind, and no key. */
function isWellFormed({ media }: Network, stanza: BinaryNode): boolean {
  const { type, mediatype: kind, plaintext } = contentOf(stanza)
  const message = readMessage(plaintext)
  if (!message) return false
  const { imageMessage, videoMessage, audioMessage, documentMessage, stickerMessage } =
    normalizeMessageContent(message) ?? message
  const file = imageMessage ?? videoMessage ?? audioMessage ?? documentMessage ?? stickerMessage
  if (!file) return stanza.attrs.media_id === undefined
  const { media_id: handle = '' } = stanza.attrs
  return type === 'media' && Boolean(kind) && media.handles.has(handle) && !file.mediaKey?.length
}

function readMessage(encoded: Uint8Array): proto.IMessage | undefined {
  try {
    return proto.Message.decode(encoded)
  } catch {
    // No protobuf.
    return undefined
  }
}

/** Counts the posts that a receipt says were looked at. */
export function noteViews(network: Network, from: Device, receipt: BinaryNode): void {
  const newsletter = network.newsletters.find(receipt.attrs.to ?? '')
  for (const item of children(child(receipt, 'list'))) {
    const post = newsletter?.post(item.attrs.server_id)
    if (!newsletter || !post || post.viewers.has(from.account)) continue
    post.viewers.add(from.account)
    changed(network, newsletter, post)
  }
}

/** Notes that a post has other counts, and tells whoever asked to be told. */
function changed(network: Network, newsletter: Newsletter, post: Post): void {
  post.changedAt = unixSeconds()
  const listening = [...newsletter.liveReaders].filter(([, until]) => until > unixSeconds())
  const counts = node('message', { server_id: post.serverId }, countNodes(post))
  network.notifyDevices(
    listening.map(([device]) => device),
    { from: newsletter.jid, type: 'newsletter' },
    [node('live_updates', {}, [node('messages', { jid: newsletter.jid, t: unixSeconds() }, [counts])])],
  )
}

/** The counts of a post as lists and updates show them. */
export function countNodes({ viewers, reactions }: Post): BinaryNode[] {
  const counts = new Map<string, number>()
  for (const code of reactions.values()) counts.set(code, (counts.get(code) ?? 0) + 1)
  const shown = [...counts].map(([code, count]) => node('reaction', { code, count }))
  return [node('views_count', { count: viewers.size }), node('reactions', {}, shown)]
}
