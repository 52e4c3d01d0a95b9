import type { RenderContext, Rendered } from '../../../delivery/renderer.ts'
import type { MessageEvent, ReceiptEvent, UndecryptableEvent } from '../../../events/event.ts'
import { unwrapMessage } from '../../../events/unwrap.ts'
import { goProto } from '../go/proto.ts'
import { goTime, goTimeMs } from '../go/time.ts'
import { mediaExtras, mediaReference } from './media-extras.ts'
import { messageInfo, messageSource } from './message-info.ts'
import { postmap } from './postmap.ts'

/** `Message`: what `messageObject` says, and beside it the file and the vote. */
export function message(event: MessageEvent, { user, timeZone, media }: RenderContext): Rendered {
  const { message } = unwrapMessage(event.raw)
  return postmap('Message', messageObject(event, timeZone), {
    ...mediaExtras(mediaReference(message), media, { messageId: event.id, user }),
    ...(event.pollVote && {
      pollVote: {
        pollCreationMsgID: event.pollVote.pollId,
        selectedHashesB64: event.pollVote.selectedHashes,
        selectedOptions: event.pollVote.selectedOptions,
      },
    }),
  })
}

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

/** `UndecryptableMessage`. */
export function undecryptable(event: UndecryptableEvent, { timeZone }: RenderContext): Rendered {
  return postmap('UndecryptableMessage', {
    Info: messageInfo(event, null, timeZone),
    IsUnavailable: event.isUnavailable,
    UnavailableType: event.unavailableType,
    DecryptFailMode: event.decryptFailMode,
  })
}

/** The kinds of receipts wuzapi tells about, and what it calls them. */
const RECEIPT_STATES = new Map([
  ['', 'Delivered'],
  ['read', 'Read'],
  ['read-self', 'ReadSelf'],
])

/** `ReadReceipt`, also for deliveries; nothing for the other kinds. */
export function receipt(event: ReceiptEvent, { timeZone }: RenderContext): Rendered | undefined {
  const state = RECEIPT_STATES.get(event.kind)
  if (!state) return undefined
  return postmap(
    'ReadReceipt',
    {
      ...messageSource(event),
      MessageIDs: event.messageIds,
      Timestamp: goTime(event.timestamp, timeZone),
      Type: event.kind,
      MessageSender: event.messageSender,
    },
    { state },
  )
}
