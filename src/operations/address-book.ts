import { type Contact, listContacts } from '../store/contacts.ts'
import type { UserScope } from './services.ts'

/** Everybody the session knows by name. Throws `no_session`: the names belong to the linked account. */
export async function knownContacts({ user, services }: UserScope): Promise<Contact[]> {
  services.sessions.live(user.id)
  return listContacts(services.db, user.id)
}
