import { ApiError } from '../../lib/errors.ts'
import { type ContactsContent, contactsContent } from '../../whatsapp/content/contact.ts'
import type { Content } from '../../whatsapp/content/content.ts'
import { type ListContent, listContent } from '../../whatsapp/content/list.ts'
import { type LocationContent, locationContent } from '../../whatsapp/content/location.ts'
import { type PollContent, pollContent } from '../../whatsapp/content/poll.ts'
import { textContent } from '../../whatsapp/content/text.ts'
import type { Sent } from '../../whatsapp/outbound/outgoing.ts'
import type { LiveSession } from '../../whatsapp/session/session.ts'
import { type Addressed, addressed } from './addressed.ts'
import { picturesOf } from './link-picture.ts'

export interface TextMessage extends Addressed {
  text: string
  /** Look up what the first link in the text leads to; without an answer the text goes out alone. */
  linkPreview?: boolean
}

/** Sends a text; resolves when the server has acknowledged the message. */
export async function sendText(session: LiveSession, message: TextMessage): Promise<Sent> {
  // Whom it goes to is settled first: nobody waits seconds for a page to learn that there is nobody.
  const { to, id, linkPreview, ...content } = await addressed(session, message)
  const found = linkPreview ? await session.media.previews.find(content.text) : undefined
  const preview = found && { ...found, ...(await picturesOf(session, to, found)) }
  return session.send({ to, id, message: textContent({ ...content, preview }) })
}

export type LocationMessage = Addressed & LocationContent

/** Sends a place on the map. */
export function sendLocation(session: LiveSession, message: LocationMessage): Promise<Sent> {
  return deliver(session, message, locationContent)
}

export type ContactsMessage = Addressed & ContactsContent

/** Sends contact cards in one message. Throws `missing_field` without a card. */
export async function sendContacts(session: LiveSession, message: ContactsMessage): Promise<Sent> {
  if (message.cards.length === 0) throw new ApiError('missing_field', { text: 'there is no contact to send' })
  return deliver(session, message, contactsContent)
}

export type PollMessage = Addressed & PollContent

/** Sends a poll; votes arrive as `message` events that name the chosen options. */
export function sendPoll(session: LiveSession, message: PollMessage): Promise<Sent> {
  return deliver(session, message, pollContent)
}

export type ListMessage = Addressed & ListContent

/** Sends a text with a list to choose one row from. */
export function sendList(session: LiveSession, message: ListMessage): Promise<Sent> {
  return deliver(session, message, listContent)
}

/** Finds out whom a message goes to and whom it mentions, and sends what `build` makes of the rest. */
export async function deliver<Message extends Addressed>(
  session: LiveSession,
  message: Message,
  build: (content: Omit<Message, 'to' | 'id'>) => Content,
): Promise<Sent> {
  const { to, id, ...content } = await addressed(session, message)
  return session.send({ to, id, ...build(content) })
}
