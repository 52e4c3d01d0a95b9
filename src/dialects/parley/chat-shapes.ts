import { z } from 'zod'
import type { ChatView } from '../../operations/conversations/chat-views.ts'
import type { MessageView } from '../../operations/conversations/message-views.ts'

const instant = z.int().describe('Unix milliseconds')

/** A message as the console shows it. */
export const message = z.object({
  id: z.string(),
  chat: z.string().describe('JID; of a person by phone number where it is known, like all others here'),
  at: instant,
  fromMe: z.boolean(),
  sender: z.string(),
  senderName: z
    .string()
    .describe('What the account calls the sender; empty for itself and where no name is known'),
  kind: z
    .string()
    .describe(
      'text, image, video, audio, document, sticker, location, contact, poll, event, call, ...; unknown',
    ),
  text: z.string().describe('Text, caption, or what it is in words; as it was edited last'),
  edited: z.boolean(),
  deleted: z.boolean().describe('Nothing of it is shown'),
  forwarded: z.boolean(),
  mentions: z
    .array(z.object({ tag: z.string(), name: z.string() }))
    .describe('Names of people, by what stands in the text behind the `@`'),
  quoted: z
    .object({
      id: z.string(),
      sender: z.string(),
      senderName: z.string(),
      fromMe: z.boolean(),
      kind: z.string(),
      text: z.string().describe('Its beginning'),
    })
    .optional(),
  reactions: z
    .array(z.object({ emoji: z.string(), sender: z.string(), senderName: z.string(), fromMe: z.boolean() }))
    .describe('The newest 100; in a list of chats none'),
  media: z
    .object({
      kind: z.enum(['image', 'video', 'audio', 'voice', 'document', 'sticker']),
      mimetype: z.string(),
      fileName: z.string().optional(),
      bytes: z.number().optional(),
      seconds: z.number().optional(),
      width: z.number().optional(),
      height: z.number().optional(),
      thumbnail: z.string().optional().describe('A small JPEG, as a data URL'),
      available: z.boolean().describe('Whether the file can be asked for'),
    })
    .optional()
    .describe('What its sender says about the file'),
  poll: z
    .object({
      question: z.string(),
      selectable: z.number().describe('How many options one voter may choose; 0 = any number'),
      options: z.array(
        z.object({
          name: z.string(),
          votes: z.int(),
          voters: z.array(z.string()).describe('Names or numbers of the first 50 others'),
          chosen: z.boolean().describe('By the account itself'),
        }),
      ),
    })
    .optional(),
  location: z.object({ latitude: z.number(), longitude: z.number(), name: z.string().optional() }).optional(),
  contact: z.object({ name: z.string(), phones: z.array(z.string()) }).optional(),
  call: z
    .object({
      outcome: z.string().describe('answered, missed, rejected, ...'),
      seconds: z.number().optional(),
    })
    .optional(),
  state: z
    .object({
      status: z.enum(['accepted', 'sent', 'delivered', 'read', 'played', 'failed']),
      reason: z.string().optional(),
      sentAt: instant.optional(),
      deliveredAt: instant.optional(),
      readAt: instant.optional(),
      failedAt: instant.optional(),
    })
    .optional()
    .describe('Of messages that this server has sent'),
})

/** A chat as the console lists it. */
export const chat = z.object({
  chat: z.string().describe('JID; of a person by phone number where it is known'),
  kind: z.enum(['person', 'group', 'channel', 'status', 'broadcast']),
  name: z.string().describe('Empty where none is known'),
  phone: z.string().optional().describe('With +, where it is known'),
  unread: z
    .int()
    .describe(
      'Messages of others since it was read or answered, 1000 at most; 1 at least where it is marked',
    ),
  markedUnread: z.boolean(),
  pinned: z.boolean(),
  muted: z.boolean(),
  archived: z.boolean(),
  lastAt: instant.describe('When its newest message was written, unix milliseconds; 0 where there is none'),
  last: message
    .optional()
    .describe('Its newest message, with the beginning of its text and without its picture'),
})

/** A message in the words of the shape. */
export function messageShape({
  isEdited,
  isDeleted,
  isForwarded,
  poll,
  ...view
}: MessageView): z.infer<typeof message> {
  return {
    ...view,
    edited: isEdited,
    deleted: isDeleted,
    forwarded: isForwarded,
    ...(poll && {
      poll: { ...poll, options: poll.options.map(({ isOwn, ...option }) => ({ ...option, chosen: isOwn })) },
    }),
  }
}

/** A chat in the words of the shape. */
export function chatShape({
  isMarkedUnread,
  isPinned,
  isMuted,
  isArchived,
  last,
  ...view
}: ChatView): z.infer<typeof chat> {
  return {
    ...view,
    markedUnread: isMarkedUnread,
    pinned: isPinned,
    muted: isMuted,
    archived: isArchived,
    ...(last && { last: messageShape(last) }),
  }
}
