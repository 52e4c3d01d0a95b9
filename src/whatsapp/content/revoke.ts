import { proto } from '../library/engine.ts'
import type { Content } from './content.ts'

/** Deletes a message for everyone: an own one, or in a group as its admin anybody's. */
export function revokeContent(key: proto.IMessageKey): Content {
  return {
    message: { protocolMessage: { type: proto.Message.ProtocolMessage.Type.REVOKE, key } },
    attributes: { edit: key.fromMe ? '7' : '8' },
  }
}
