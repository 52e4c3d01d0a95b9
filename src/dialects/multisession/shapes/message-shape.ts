import { z } from 'zod'
import { contentOf, describeContent } from '../../../events/message-kinds.ts'
import { messageOf } from '../../../events/unwrap.ts'
import type { ChatMessage } from '../../../operations/messages/stored-messages.ts'

/** A stored message as the lists show it. */
export const messageShape = z
  .object({
    message_id: z.string(),
    from: z.string().describe('JID of who wrote it'),
    type: z.string().describe('text, image, video, audio, document, sticker, location, contact, poll, …'),
    text: z.string().describe('The text, or the caption of a file'),
    timestamp: z.int().describe('Unix seconds'),
    is_from_me: z.boolean(),
  })
  .meta({ title: 'Message' })

/** A message in that shape. */
export function messageFields({ event, editedText }: ChatMessage): z.infer<typeof messageShape> {
  const content = contentOf(messageOf(event))
  return {
    message_id: event.id,
    from: event.sender,
    type: content?.kind ?? 'unknown',
    text: editedText || (content ? describeContent(content) : ''),
    timestamp: event.timestamp,
    is_from_me: event.fromMe,
  }
}
