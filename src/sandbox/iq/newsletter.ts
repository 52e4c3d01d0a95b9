import type { BinaryNode } from '../../whatsapp/library/engine.ts'
import type { Newsletter } from '../world/newsletter.ts'
import { countNodes, postAttributes, postContent } from '../world/newsletter-relay.ts'
import { node, unixSeconds } from '../world/node.ts'
import { type Query, type QueryFamily, refusals } from './query.ts'

/** `newsletter`: the posts of channels. What else there is to ask about channels is asked by GraphQL. */
export const newsletters: Record<string, QueryFamily> = {
  newsletter({ network, from, request, what }: Query) {
    const newsletter = network.newsletters.find(what.attrs.jid ?? request.attrs.to ?? '')
    if (!newsletter) throw refusals.notFound()
    switch (what.tag) {
      case 'live_updates':
        newsletter.liveReaders.set(from, unixSeconds() + LIVE_SECONDS)
        return [node('live_updates', { duration: LIVE_SECONDS })]
      case 'message_updates':
        return [node('message_updates', {}, [posts(newsletter, what)])]
      case 'messages':
        return [posts(newsletter, what)]
      default:
        return [node(what.tag)]
    }
  },
}

/** How long whoever asks for it is told of new counts. */
const LIVE_SECONDS = 300

function posts(newsletter: Newsletter, wanted: BinaryNode): BinaryNode {
  return node('messages', { jid: newsletter.jid, t: unixSeconds() }, listed(newsletter, wanted))
}

/** The newest posts, those before or after one, or those that changed since an instant; oldest first. */
function listed({ posts }: Newsletter, { attrs }: BinaryNode): BinaryNode[] {
  const before = Number(attrs.before ?? Number.POSITIVE_INFINITY)
  const after = Number(attrs.after ?? 0)
  const since = Number(attrs.since ?? 0)
  return posts
    .filter(({ serverId, changedAt }) => serverId < before && serverId > after && changedAt >= since)
    .slice(-Number(attrs.count ?? 50))
    .map((post) => node('message', postAttributes(post), [...postContent(post), ...countNodes(post)]))
}
