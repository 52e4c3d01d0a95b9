import type { BinaryNode } from '../../whatsapp/library/engine.ts'
import type { Device } from './account.ts'
import type { Network } from './network.ts'
import { bytes, child, children, node } from './node.ts'

/** What became of a message to a channel: refused with an error code, or published under the channel's numbering. */
interface Outcome {
  refused?: string
  serverId?: number
}

/** Ack errors: only the owner writes in a channel, and only posts that exist have reactions. */
const FORBIDDEN = '403'
const NOT_FOUND = '404'

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
    return { serverId: post.serverId }
  }

  if (!newsletter.isOwner(from.account)) return { refused: FORBIDDEN }
  const plaintext = bytes(child(stanza, 'plaintext')) ?? new Uint8Array()
  const { serverId, timestamp: t } = newsletter.publish({ id, type, plaintext })
  const post = node('message', { id, from: to, type, t, server_id: serverId }, [
    node('plaintext', {}, plaintext),
  ])
  for (const follower of newsletter.followers.keys()) {
    for (const device of follower.devices.values())
      if (device.id !== 0 && device !== from) device.deliver(post)
  }
  return { serverId }
}

/** Counts the posts that a receipt says were looked at. */
export function noteViews(network: Network, from: Device, receipt: BinaryNode): void {
  const newsletter = network.newsletters.find(receipt.attrs.to ?? '')
  for (const item of children(child(receipt, 'list')))
    newsletter?.post(item.attrs.server_id)?.viewers.add(from.account)
}
