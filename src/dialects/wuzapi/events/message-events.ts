import type { RenderContext, Rendered } from '../../../delivery/renderer.ts'
import type { MessageEvent, UndecryptableEvent } from '../../../events/event.ts'
import { postmap } from '../../shared/go/postmap.ts'
import { mediaReference } from '../../shared/whatsmeow/message-file.ts'
import { messageInfo } from '../../shared/whatsmeow/message-info.ts'
import { messageObject } from '../../shared/whatsmeow/message-object.ts'
import { sealedFields } from '../../shared/whatsmeow/sealed-fields.ts'
import { mediaExtras } from './media-extras.ts'

/** `Message`: what `messageObject` says, and beside it the file, the vote, the answer to an event, what could not be opened. */
export function message(event: MessageEvent, { user, timeZone, media }: RenderContext): Rendered {
  return postmap('Message', messageObject(event, timeZone), {
    ...mediaExtras(mediaReference(event), media, { messageId: event.id, user }),
    ...(event.pollVote && {
      pollVote: {
        pollCreationMsgID: event.pollVote.pollId,
        selectedHashesB64: event.pollVote.selectedHashes,
        selectedOptions: event.pollVote.selectedOptions,
      },
    }),
    ...sealedFields(event),
  })
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
