import { findContacts } from '../../store/contacts.ts'
import { chatAliases } from '../../whatsapp/inbound/chat-aliases.ts'
import { displayName } from '../contacts/address-book.ts'
import type { UserScope } from '../services.ts'
import { type ListedCall, listCalls, listLiveCalls, showCall } from './call-list.ts'

/** A call, and what the account calls the other side; '' where it has no name for it. */
export interface NamedCall extends ListedCall {
  name: string
}

/** The calls of the last days, newest first, or those that go on; see `listCalls`. Throws `no_session`. */
export async function listNamedCalls(
  scope: UserScope,
  { isLive }: { isLive: boolean },
): Promise<NamedCall[]> {
  return withNames(scope, isLive ? listLiveCalls(scope) : await listCalls(scope))
}

/** One of them. Throws `no_session` and `not_found`. */
export async function showNamedCall(scope: UserScope, id: string): Promise<NamedCall> {
  return nameCall(scope, await showCall(scope, id))
}

/** Adds the name to a call. */
export async function nameCall(scope: UserScope, call: ListedCall): Promise<NamedCall> {
  const [named = { ...call, name: '' }] = await withNames(scope, [call])
  return named
}

async function withNames({ user, services }: UserScope, calls: ListedCall[]): Promise<NamedCall[]> {
  const { db, secrets } = services
  const aliases = new Map<string, string[]>()
  for (const peer of new Set(calls.map(({ peer }) => peer)))
    aliases.set(peer, await chatAliases(db, secrets, user.id, peer))
  const contacts = await findContacts(db, user.id, [...aliases.values()].flat())
  const names = new Map(contacts.map((contact) => [contact.jid, displayName(contact)]))
  return calls.map((call) => ({
    ...call,
    // Names come under either of a person's addresses.
    name: (aliases.get(call.peer) ?? []).map((jid) => names.get(jid)).find(Boolean) ?? '',
  }))
}
