import { LinkPreviews } from '../../media/link-preview.ts'
import { type ContactContent, contactContent } from '../../whatsapp/content/contact.ts'
import type { Content } from '../../whatsapp/content/content.ts'
import type { ContextInput } from '../../whatsapp/content/context.ts'
import { type ListContent, listContent } from '../../whatsapp/content/list.ts'
import { type LocationContent, locationContent } from '../../whatsapp/content/location.ts'
import { type PollContent, pollContent } from '../../whatsapp/content/poll.ts'
import { textContent } from '../../whatsapp/content/text.ts'
import type { Sent } from '../../whatsapp/outbound/outgoing.ts'
import type { LiveSession } from '../../whatsapp/session/session.ts'

/** What every message has besides its content. */
export interface Addressed extends ContextInput {
  /** Phone number or JID. */
  to: string
  /** WhatsApp message id; a new one when empty. Sending the same id again is the same message. */
  id?: string
}

export interface TextMessage extends Addressed {
  text: string
  /** Look up what the first link in the text leads to; without an answer the text goes out alone. */
  linkPreview?: boolean
}

// One for all sessions: what a page says does not depend on who asks.
const previews = new LinkPreviews()

/** Sends a text; resolves when the server has acknowledged the message. */
export async function sendText(session: LiveSession, message: TextMessage): Promise<Sent> {
  const { to, id, linkPreview, ...content } = message
  // Whom it goes to is settled first: nobody waits seconds for a page to learn that there is nobody.
  const recipient = await session.resolve(to)
  const preview = linkPreview ? await previews.find(content.text) : undefined
  return session.send({ to: recipient, id, message: textContent({ ...content, preview }) })
}

export type LocationMessage = Addressed & LocationContent

/** Sends a place on the map. */
export function sendLocation(session: LiveSession, { to, id, ...place }: LocationMessage): Promise<Sent> {
  return deliver(session, { to, id }, locationContent(place))
}

export type ContactMessage = Addressed & ContactContent

/** Sends a contact card. */
export function sendContact(session: LiveSession, { to, id, ...card }: ContactMessage): Promise<Sent> {
  return deliver(session, { to, id }, contactContent(card))
}

export type PollMessage = Addressed & PollContent

/** Sends a poll; votes arrive as `message` events that name the chosen options. */
export function sendPoll(session: LiveSession, { to, id, ...poll }: PollMessage): Promise<Sent> {
  return deliver(session, { to, id }, pollContent(poll))
}

export type ListMessage = Addressed & ListContent

/** Sends a text with a list to choose one row from. */
export function sendList(session: LiveSession, { to, id, ...list }: ListMessage): Promise<Sent> {
  return deliver(session, { to, id }, listContent(list))
}

/** Resolves the recipient and sends. */
export async function deliver(
  session: LiveSession,
  { to, id }: Pick<Addressed, 'to' | 'id'>,
  content: Content,
): Promise<Sent> {
  return session.send({ to: await session.resolve(to), id, ...content })
}
