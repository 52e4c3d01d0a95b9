import type { MessageEvent } from '../../events/event.ts'

/** The facts of a message that only some stanzas state, as they are for one that states none of them. */
export const plainMessage = {
  broadcastListOwner: '',
  broadcastRecipients: null,
  category: '',
  edit: '',
  bot: { editType: '', editTargetId: '', editSenderTimestampMs: 0 },
  meta: {
    targetId: '',
    targetSender: '',
    targetChat: '',
    deprecatedLidSession: null,
    threadMessageId: '',
    threadMessageSender: '',
  },
  isNewsletterStatus: false,
  verifiedName: null,
  retryCount: 0,
  newsletter: null,
  unavailableRequestId: '',
} satisfies Partial<MessageEvent>
