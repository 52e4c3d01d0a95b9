import { proto } from '../library/engine.ts'
import type { Content } from './content.ts'

const { PIN_FOR_ALL, UNPIN_FOR_ALL } = proto.Message.PinInChatMessage.Type

/** Shows a message at the top of its chat, for everybody in it, for `durationSeconds`; 0 takes it down. */
export function pinContent(key: proto.IMessageKey, durationSeconds: number): Content {
  return {
    message: {
      pinInChatMessage: {
        key,
        type: durationSeconds > 0 ? PIN_FOR_ALL : UNPIN_FOR_ALL,
        senderTimestampMs: Date.now(),
      },
      messageContextInfo: { messageAddOnDurationInSecs: durationSeconds },
    },
    attributes: { edit: '2' },
  }
}
