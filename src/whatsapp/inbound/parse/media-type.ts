import type { JsonObject, ProtoJson } from '../../../events/event-parts.ts'
import { objectAt, unwrapMessage } from '../../../events/unwrap.ts'

type Label = string | ((content: JsonObject) => string)

// What the senders' own clients write into `mediatype`, by the member that holds the content.
const LABELS: Record<string, Label> = {
  imageMessage: 'image',
  stickerMessage: 'sticker',
  documentMessage: 'document',
  audioMessage: ({ ptt }) => (ptt ? 'ptt' : 'audio'),
  videoMessage: ({ gifPlayback }) => (gifPlayback ? 'gif' : 'video'),
  locationMessage: ({ isLive }) => (isLive ? 'livelocation' : 'location'),
  liveLocationMessage: 'livelocation',
  contactMessage: 'vcard',
  contactsArrayMessage: 'contact_array',
  listMessage: 'list',
  listResponseMessage: 'list_response',
  buttonsResponseMessage: 'buttons_response',
  orderMessage: 'order',
  productMessage: 'product',
  interactiveResponseMessage: 'native_flow_response',
  extendedTextMessage: ({ title }) => (title ? 'url' : ''),
}

/** The `mediatype` a sender gives a message like this; for messages whose stanza is gone. */
export function mediaTypeOf(raw: ProtoJson): string {
  const { message } = unwrapMessage(raw)
  for (const [member, label] of Object.entries(LABELS)) {
    const content = objectAt(message, member)
    if (content) return typeof label === 'string' ? label : label(content)
  }
  return ''
}

/** The stanza's `type` a sender gives a message like this. */
export function stanzaTypeOf(raw: ProtoJson): string {
  const { message } = unwrapMessage(raw)
  if (message.reactionMessage || message.encReactionMessage) return 'reaction'
  if (
    Object.keys(message).some((key) => key.startsWith('pollCreationMessage')) ||
    message.pollUpdateMessage
  ) {
    return 'poll'
  }
  return mediaTypeOf(raw) ? 'media' : 'text'
}
