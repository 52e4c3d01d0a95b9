import { bare, isLidJid, isPersonJid } from '../../lib/jid.ts'
import { type Contact, findContacts } from '../../store/contacts.ts'
import { otherIdentities } from '../../whatsapp/inbound/chat-aliases.ts'
import { displayName } from '../contacts/address-book.ts'
import type { UserScope } from '../services.ts'

/** Who people are, whichever of their two addresses they are named by. */
export interface People {
  /** The one address somebody is shown by, without device: the phone number where it is known. */
  addressOf(jid: string): string
  /** All addresses of somebody or of a chat, the one it is shown by first. */
  addressesOf(jid: string): string[]
  /** What the account calls somebody; '' where it has no name. */
  nameOf(jid: string): string
}

/** Looks up people by any of their addresses, also without a session. Others, such as groups, are what they are. */
export async function loadPeople(
  { user, services: { db, secrets } }: UserScope,
  jids: string[],
): Promise<People> {
  const people = [...new Set(jids.map(bare))].filter(isPersonJid)
  const others = await otherIdentities(db, secrets, user.id, people)
  // They are asked for by either address afterwards.
  for (const [one, other] of [...others]) if (!others.has(other)) others.set(other, one)
  const contacts = new Map<string, Contact>()
  for (const contact of await findContacts(db, user.id, [...people, ...others.values()]))
    contacts.set(contact.jid, contact)

  function addressesOf(jid: string): string[] {
    const person = bare(jid)
    const other = others.get(person)
    if (other === undefined) return [person]
    return isLidJid(person) ? [other, person] : [person, other]
  }
  return {
    addressesOf,
    addressOf: (jid) => addressesOf(jid)[0] ?? '',
    nameOf: (jid) => nameIn(addressesOf(jid).flatMap((address) => contacts.get(address) ?? [])),
  }
}

/** The best name that is known under any address: one of the address book before one that somebody chose. */
export function nameIn(contacts: Contact[]): string {
  const first = (name: 'firstName' | 'fullName' | 'pushName' | 'businessName') =>
    contacts.find((contact) => contact[name] !== '')?.[name] ?? ''
  return displayName({
    fullName: first('fullName'),
    firstName: first('firstName'),
    businessName: first('businessName'),
    pushName: first('pushName'),
  })
}

/** The account itself, without device; '' before one was linked, and where the session does not know its LID. */
export function ownAddresses({ user, services }: UserScope): { pn: string; lid: string } {
  const me = services.sessions.find(user.id)?.me
  return { pn: bare(me?.pn || user.jid || user.lastJid), lid: bare(me?.lid) }
}
