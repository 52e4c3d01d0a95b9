import { type BinaryNode, proto } from '../../whatsapp/library/engine.ts'
import type { Device } from './account.ts'
import type { Network } from './network.ts'
import type { Newsletter, Post } from './newsletter.ts'
import { bytes, child, children, node, unixSeconds } from './node.ts'

/** What became of a message to a channel: refused with an error code, or published under the channel's numbering. */
interface Outcome {
  refused?: string
  serverId?: number
}

/** Ack errors: only the owner writes in a channel, and only posts that exist have reactions. */
const FORBIDDEN = '403'
const NOT_FOUND = '404'
const WRONG_FORM = '479'

/** Publishes a post for the companions of all who follow, or counts a reaction. Phones show no channels here. */
export function takeNewsletterMessage(network: Network, from: Device, stanza: BinaryNode): Outcome {
  const { id = '', to = '', type = 'text', server_id: reactedTo } = stanza.attrs
  const newsletter = network.newsletters.find(to)
  if (!newsletter) return { refused: NOT_FOUND }

  const reaction = child(stanza, 'reaction')
  if (reaction) {
    const post = newsletter.post(reactedTo)
    if (!post) return { refused: NOT_FOUND }
    const { code } = reaction.attrs
    if (code) post.reactions.set(from.account, code)
    else post.reactions.delete(from.account)
    changed(network, newsletter, post)
    return { serverId: post.serverId }
  }

  if (!newsletter.isOwner(from.account)) return { refused: FORBIDDEN }
  const content = child(stanza, 'plaintext')
  const plaintext = bytes(content) ?? new Uint8Array()
  if (!isWellFormed(network, stanza, plaintext)) return { refused: WRONG_FORM }
  const { serverId, timestamp: t } = newsletter.publish({ id, type, plaintext })
  const post = node('message', { id, from: to, type, t, server_id: serverId }, [
    node('plaintext', { mediatype: content?.attrs.mediatype }, plaintext),
  ])
  for (const follower of newsletter.followers.keys()) {
    for (const device of follower.devices.values())
      if (device.id !== 0 && device !== from) device.deliver(post)
  }
  return { serverId }
}

/** A file must have been uploaded for channels, and its post must name the upload, its kind, and no key. */
function isWellFormed({ media }: Network, stanza: BinaryNode, plaintext: Uint8Array): boolean {
  const { imageMessage, videoMessage, audioMessage, documentMessage, stickerMessage } =
    proto.Message.decode(plaintext)
  const file = imageMessage ?? videoMessage ?? audioMessage ?? documentMessage ?? stickerMessage
  if (!file) return stanza.attrs.media_id === undefined
  const { media_id: handle = '', type } = stanza.attrs
  const kind = child(stanza, 'plaintext')?.attrs.mediatype
  return type === 'media' && Boolean(kind) && media.handles.has(handle) && !file.mediaKey?.length
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
