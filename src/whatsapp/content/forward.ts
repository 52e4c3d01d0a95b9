import { innermost } from '../../events/unwrap.ts'
import { ApiError } from '../../lib/errors.ts'
import { generateForwardMessageContent, proto } from '../library/engine.ts'
import type { Content } from './content.ts'
import { stanzaNodes } from './stanza-nodes.ts'

/**
 * A message once more, for another chat: marked as forwarded unless it is an own one, without what it quoted. Files are
 * not uploaded again. Throws `invalid_field` for what clients do not forward.
 */
export function forwardContent(message: proto.IMessage, { fromMe }: { fromMe: boolean }): Content {
  if (isViewOnce(message))
    throw new ApiError('invalid_field', { text: 'a message that can be viewed once cannot be forwarded' })
  const content = bareContent(message)
  const forwarded = generateForwardMessageContent({ key: { fromMe }, message: content }, false)
  const nodes = stanzaNodes(forwarded)
  return { message: forwarded, ...(nodes.length > 0 && { nodes }) }
}

/** What a message says, as another one quotes it: without wrappers, secrets and what it quoted itself. */
export function quotableContent(message: proto.IMessage): Record<string, unknown> {
  const content = bareContent(message)
  return Object.fromEntries(
    Object.entries(content).map(([name, part]) => [name, withoutQuote(part as { contextInfo?: unknown })]),
  )
}

function withoutQuote(part: { contextInfo?: unknown }): unknown {
  if (typeof part !== 'object' || part.contextInfo === undefined) return part
  const { contextInfo: _quoted, ...rest } = part
  return rest
}

/** The content alone: keys of the sender and the secret of the message belong to the chat it was in. */
function bareContent(message: proto.IMessage): proto.IMessage {
  const decoded = proto.Message.decode(proto.Message.encode(innermost(message)).finish())
  const { messageContextInfo: _secret, senderKeyDistributionMessage: _key, ...content } = decoded
  return content
}

function isViewOnce(message: proto.IMessage): boolean {
  const { viewOnceMessage, viewOnceMessageV2, viewOnceMessageV2Extension } = message
  const content = innermost(message)
  const once =
    content.imageMessage?.viewOnce ?? content.videoMessage?.viewOnce ?? content.audioMessage?.viewOnce
  return Boolean(viewOnceMessage ?? viewOnceMessageV2 ?? viewOnceMessageV2Extension ?? once)
}
