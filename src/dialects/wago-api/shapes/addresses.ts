import type { Event } from '../../../events/event.ts'
import type { Source } from '../../../events/event-parts.ts'
import { bare, isLidJid, isPhoneJid } from '../../../lib/jid.ts'
import { ownMember } from '../../../lib/own-member.ts'

/** A person by phone number where it is known, as the document writes people; `alt` is the other of the two addresses. */
export function personOf(jid: string, alt = ''): string {
  return bare(isLidJid(jid) && isPhoneJid(alt) ? alt : jid)
}

/** The same for somebody whom an event names without the other address. */
export function personIn({ aliases }: Pick<Event, 'aliases'>, jid: string): string {
  return personOf(jid, aliases && ownMember(aliases, jid))
}

/** The chat of a message or receipt: that of a person by phone number where it is known. */
export function chatOf({ chat, sender, senderAlt, recipientAlt, fromMe }: Source): string {
  if (!isLidJid(chat)) return chat
  const isSenders = bare(sender) === chat
  return personOf(chat, fromMe && !isSenders ? recipientAlt : senderAlt)
}
