import { isChannelJid } from '../../lib/jid.ts'
import type { BinaryNode } from '../library/engine.ts'
import { child } from '../wire/node.ts'
import type { InboundStep, StepDeps } from './pipeline.ts'

/** `edit` of a post that its channel has taken back. */
const REVOKED = '8'

/**
 * A post that was taken back holds nothing, and there is nothing to tell of it. The library would take it for a message
 * that it cannot read, and ask the phone for another copy.
 */
export function acknowledgeEmptyPosts({ acknowledge }: StepDeps): InboundStep {
  return (stanza, next) => (isEmptyPost(stanza) ? acknowledge(stanza) : next(stanza))
}

/**
 * The status of a channel comes in a stanza of its own, which the library does not know: it is stored as the post it is
 * otherwise. Those of others are encrypted and come as messages; whatever else comes is acknowledged, lest it come again.
 */
export function takeChannelStatus(stanza: BinaryNode, { acknowledge, noteOrigin }: StepDeps): Promise<void> {
  if (isChannelJid(stanza.attrs.from ?? '')) {
    noteOrigin({ ...stanza, tag: 'message', attrs: { ...stanza.attrs, is_status: 'true' } })
  }
  return acknowledge(stanza)
}

function isEmptyPost(stanza: BinaryNode): boolean {
  if (!isChannelJid(stanza.attrs.from ?? '') || stanza.attrs.edit !== REVOKED) return false
  return !(child(stanza, 'plaintext')?.content instanceof Uint8Array)
}
