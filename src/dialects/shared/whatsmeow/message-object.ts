import type { MessageEvent } from '../../../events/event.ts'
import { unwrapMessage } from '../../../events/unwrap.ts'
import { goProto } from '../go/proto.ts'
import { goTime, goTimeMs } from '../go/time.ts'
import { messageInfo } from './message-info.ts'

/** The stanza's facts, the unwrapped message, how it was wrapped, and the message as it came. */
export function messageObject(event: MessageEvent, timeZone: string): object {
  const unwrapped = unwrapMessage(event.raw)
  const raw = goProto(unwrapped.raw)
  const content = event.decrypted ?? (unwrapped.message === unwrapped.raw ? undefined : unwrapped.message)
  return {
    Info: messageInfo(event, event.deviceSent, timeZone),
    Message: content ? goProto(content) : raw,
    IsEphemeral: unwrapped.isEphemeral,
    IsViewOnce: unwrapped.isViewOnce,
    IsViewOnceV2: unwrapped.isViewOnceV2,
    IsViewOnceV2Extension: unwrapped.isViewOnceV2Extension,
    IsDocumentWithCaption: unwrapped.isDocumentWithCaption,
    IsLottieSticker: unwrapped.isLottieSticker,
    IsBotInvoke: unwrapped.isBotInvoke,
    IsEdit: unwrapped.isEdit,
    SourceWebMsg: event.sourceWebMessage && goProto(event.sourceWebMessage),
    UnavailableRequestID: event.unavailableRequestId,
    RetryCount: event.retryCount,
    NewsletterMeta: event.newsletter && {
      EditTS: goTimeMs(event.newsletter.editedAtMs, timeZone),
      OriginalTS: goTime(event.newsletter.originalAt, timeZone),
    },
    RawMessage: raw,
  }
}
