import type { proto } from '../../whatsapp/library/engine.ts'

/** Members that hold another message, so that older clients know that there is something they cannot show (WhatsApp Web). */
const WRAPPERS = [
  'ephemeralMessage',
  'viewOnceMessage',
  'viewOnceMessageV2',
  'viewOnceMessageV2Extension',
  'documentWithCaptionMessage',
  'groupMentionedMessage',
  'botInvokeMessage',
  'botForwardedMessage',
  'associatedChildMessage',
  'lottieStickerMessage',
  'statusMentionMessage',
  'groupStatusMentionMessage',
  'groupStatusMessage',
  'groupStatusMessageV2',
  'pollCreationMessageV4',
  'pollCreationOptionImageMessage',
  'eventCoverImage',
  'limitSharingMessage',
  'questionMessage',
  'questionReplyMessage',
  'spoilerMessage',
  'statusAddYours',
] as const satisfies (keyof proto.IMessage)[]

type Wrapper = (typeof WRAPPERS)[number]

/** The wrapper that a message consists of. */
export function wrapperIn(message: proto.IMessage): Wrapper | undefined {
  return WRAPPERS.find((wrapper) => message[wrapper]?.message)
}

/** What is inside all wrappers. That of an edit is none of them: it says something itself. */
export function unwrapped(message: proto.IMessage): proto.IMessage {
  const wrapper = wrapperIn(message)
  const inner = wrapper && message[wrapper]?.message
  return inner ? unwrapped(inner) : message
}
