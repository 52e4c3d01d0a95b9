import { normalizeMessageContent, proto } from '../library/engine.ts'

/** Members of a message that are no content, or have no place for a context. */
const WITHOUT_CONTEXT = new Set([
  'messageContextInfo',
  'senderKeyDistributionMessage',
  'reactionMessage',
  'encReactionMessage',
  'protocolMessage',
  'pinInChatMessage',
  'keepInChatMessage',
  'pollUpdateMessage',
])

/** The part of a message that has a `contextInfo`, or has a place for one; undefined where there is none. */
export function referringPart(
  message: proto.IMessage,
): { contextInfo?: proto.IContextInfo | null } | undefined {
  const content = normalizeMessageContent(message) ?? message
  const [part] = Object.entries(content)
    .filter(([name, value]) => !WITHOUT_CONTEXT.has(name) && typeof value === 'object' && value !== null)
    .map(([, value]) => value)
  // Every member that is left is a message of its own.
  return part as { contextInfo?: proto.IContextInfo | null } | undefined
}

/** A message of its own, to be changed: whoever sends one to many makes it once. */
export function copyOf(message: proto.IMessage): proto.IMessage {
  return proto.Message.decode(proto.Message.encode(message).finish())
}
