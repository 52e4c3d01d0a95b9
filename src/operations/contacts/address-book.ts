import { type Contact, findContacts, listContacts, type Page } from '../../store/contacts.ts'
import { chatAliases } from '../../whatsapp/inbound/chat-aliases.ts'
import type { LiveSession } from '../../whatsapp/session/session.ts'
import { changeShared } from '../chats/chats.ts'
import type { UserScope } from '../services.ts'

/** Everybody the session knows by name. Throws `no_session`: the names belong to the linked account. */
export async function knownContacts({ user, services }: UserScope, page?: Page): Promise<Contact[]> {
  services.sessions.live(user.id)
  return listContacts(services.db, user.id, page)
}

/** Somebody for the account's address book. */
export interface NewContact {
  /** JID of the person. */
  jid: string
  fullName: string
  /** '' to leave it out. */
  firstName: string
  /** Also save it in the address book of the phone itself. */
  onPhone: boolean
}

/** Puts somebody into the account's address book, or renames somebody there, on all devices of the account. */
export function saveContact(session: LiveSession, contact: NewContact): Promise<void> {
  const { jid, fullName, firstName, onPhone: saveOnPrimaryAddressbook } = contact
  return changeShared(session, (socket) =>
    socket.addOrEditContact(jid, { fullName, ...(firstName && { firstName }), saveOnPrimaryAddressbook }),
  )
}

/** Takes somebody out of the account's address book, on all devices of the account. */
export function removeContact(session: LiveSession, jid: string): Promise<void> {
  return changeShared(session, (socket) => socket.removeContact(jid))
}

/** What the session knows of a person; `isKnown` says whether there is anything. */
export interface FoundContact extends Contact {
  isKnown: boolean
}

/**
 * What the session knows of a person by name, whichever of its two addresses the names came under. Throws `no_session`.
 */
export async function findContact({ user, services }: UserScope, jid: string): Promise<FoundContact> {
  services.sessions.live(user.id)
  const { db, secrets } = services
  const aliases = await chatAliases(db, secrets, user.id, jid)
  const found = await findContacts(db, user.id, aliases)
  const inOrder = aliases.flatMap((alias) => found.filter((contact) => contact.jid === alias))
  const first = (name: 'firstName' | 'fullName' | 'pushName' | 'businessName') =>
    inOrder.find((contact) => contact[name] !== '')?.[name] ?? ''
  return {
    jid,
    isKnown: found.length > 0,
    firstName: first('firstName'),
    fullName: first('fullName'),
    pushName: first('pushName'),
    businessName: first('businessName'),
  }
}

/** What to call somebody: the name in the address book, else the one WhatsApp has verified or the person's own; '' = none. */
export function displayName({ fullName, firstName, businessName, pushName }: Omit<Contact, 'jid'>): string {
  return fullName || firstName || businessName || pushName
}
