import type { CallEvent } from '../../../events/event.ts'
import type { CallFacts } from '../../../events/event-parts.ts'
import { bare, canonical, serverOf } from '../../../lib/jid.ts'
import type { BinaryNode } from '../../library/engine.ts'
import { withoutCallSecrets } from '../../wire/call-secrets.ts'
import { children, numberAttr, xmlNode } from '../../wire/node.ts'

/**
 * The event of a `<call>`: its only child names the step. Stanzas without one, or with several, are unknown to clients:
 * such an event holds the stanza itself.
 */
export function callEvents(node: BinaryNode): CallEvent[] {
  const [only, ...others] = children(node)
  const step = only && others.length === 0 ? only : node
  const facts = callFacts(node, step)
  const chat = facts.group || bare(facts.from)
  const remote = { remotePlatform: node.attrs.platform ?? '', remoteVersion: node.attrs.version ?? '' }
  switch (step.tag) {
    case 'offer':
      return [{ type: 'call.offer', chat, ...facts, ...remote }]
    case 'accept':
      return [{ type: 'call.accept', chat, ...facts, ...remote }]
    case 'terminate':
      return [{ type: 'call.terminate', chat, ...facts, reason: step.attrs.reason ?? '' }]
    case 'offer_notice':
      return [
        {
          type: 'call.offer.notice',
          chat,
          ...facts,
          media: step.attrs.media ?? '',
          callType: step.attrs.type ?? '',
        },
      ]
    case 'relaylatency':
      return [{ type: 'call.relay', chat, ...facts }]
    default:
      return [{ type: 'call.other', chat, ...facts }]
  }
}

function callFacts(node: BinaryNode, step: BinaryNode): CallFacts {
  const creator = canonical(step.attrs['call-creator'])
  const alt = serverOf(creator) === 'lid' ? step.attrs.caller_pn : step.attrs.caller_lid
  return {
    from: canonical(node.attrs.from),
    timestamp: numberAttr(node, 't'),
    creator,
    creatorAlt: canonical(alt),
    callId: step.attrs['call-id'] ?? '',
    group: canonical(step.attrs['group-jid']),
    data: xmlNode(withoutCallSecrets(step)),
  }
}
