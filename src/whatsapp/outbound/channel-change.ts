import { type BinaryNode, isJidNewsletter, proto } from '../library/engine.ts'

const { MESSAGE_EDIT, REVOKE } = proto.Message.ProtocolMessage.Type

/**
 * How a channel is told that a post is changed or taken back: by the post's own id, with the new content as it is, or
 * with none (whatsmeow 2026-09-21, WhatsApp Web). What says so in chats means nothing in channels, and the library sends
 * nothing else. Undefined for all other messages.
 */
export function channelChange(to: string, { protocolMessage }: proto.IMessage): BinaryNode | undefined {
  const id = protocolMessage?.key?.id
  if (!isJidNewsletter(to) || !id) return undefined
  if (protocolMessage.type === REVOKE) return changed({ to, id, edit: '8' })
  if (protocolMessage.type !== MESSAGE_EDIT) return undefined
  return changed({ to, id, edit: '3' }, proto.Message.encode(protocolMessage.editedMessage ?? {}).finish())
}

function changed(attrs: Record<'to' | 'id' | 'edit', string>, content?: Uint8Array): BinaryNode {
  const plaintext = { tag: 'plaintext', attrs: {}, ...(content && { content }) }
  return { tag: 'message', attrs: { ...attrs, type: 'text' }, content: [plaintext] }
}
