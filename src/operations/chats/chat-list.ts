import type { GroupDetails, JsonObject } from '../../events/event-parts.ts'
import { serverOf } from '../../lib/jid.ts'
import { findContacts } from '../../store/contacts.ts'
import { latestOfChat, listPersonalChats } from '../../store/messages/messages.ts'
import { chatAliases, phonesOf } from '../../whatsapp/inbound/chat-aliases.ts'
import { newsletterInfo } from '../channels/newsletters.ts'
import { displayName, findContact } from '../contacts/address-book.ts'
import { groupInfo, joinedGroups } from '../groups/groups.ts'
import type { UserScope } from '../services.ts'

/** A chat with one person, as far as this server has seen it. */
export interface PersonalChat {
  /** JID of the person. */
  jid: string
  /** What the account calls that person, '' when it has no name for it. */
  name: string
  /** When the newest message that is kept was written, unix seconds; 0 = none is. */
  lastMessageAt: number
}

/** A chat and what it consists of; a channel in WhatsApp's own description. */
export type Chat =
  | { kind: 'group'; group: GroupDetails }
  | { kind: 'channel'; channel: JsonObject }
  | { kind: 'person'; person: PersonalChat }

/** One chat of the account. Groups and channels are asked for, a person's chat is what is stored here. Throws `no_session`. */
export async function findChat(scope: UserScope, jid: string): Promise<Chat> {
  const { user, services } = scope
  const session = services.sessions.live(user.id)
  switch (serverOf(jid)) {
    case 'g.us':
      return { kind: 'group', group: await groupInfo(session, jid) }
    case 'newsletter':
      return { kind: 'channel', channel: await newsletterInfo(session, { type: 'JID', key: jid }) }
    default:
      return { kind: 'person', person: await personalChat(scope, jid) }
  }
}

/** The chat with one person. Throws `no_session`. */
export async function personalChat(scope: UserScope, jid: string): Promise<PersonalChat> {
  const { db, secrets } = scope.services
  const contact = await findContact(scope, jid)
  const chats = await chatAliases(db, secrets, scope.user.id, jid)
  const latest = await latestOfChat(db, scope.user.id, chats)
  return { jid, name: displayName(contact), lastMessageAt: seconds(latest) }
}

/** Which chats are wanted. */
export interface ChatListRequest {
  /** Also the chats with people, which are known here only; else nothing but groups. */
  withPeople: boolean
  /** At most so many of either kind. */
  limit: number
}

/** The groups the account is in and, if wanted, the people it has exchanged messages with, the latest first. */
export async function listChats(
  { user, services }: UserScope,
  { withPeople, limit }: ChatListRequest,
): Promise<Chat[]> {
  const groups = await joinedGroups(services.sessions.live(user.id))
  const chats: Chat[] = groups.slice(0, limit).map((group) => ({ kind: 'group', group }))
  if (!withPeople) return chats

  return [...chats, ...(await personalChats({ user, services }, limit))]
}

/** By phone number where it is known, for the same person's messages may have come under a LID as well. */
async function personalChats({ user, services }: UserScope, limit: number): Promise<Chat[]> {
  const { db, secrets } = services
  // A person has at most two addresses.
  const active = await listPersonalChats(db, user.id, limit * 2)
  const jids = active.map(({ chat }) => chat)
  const phones = await phonesOf(db, secrets, user.id, jids)
  const contacts = await findContacts(db, user.id, jids)
  const names = new Map(contacts.map((contact) => [contact.jid, displayName(contact)]))

  const people = new Map<string, PersonalChat>()
  for (const { chat, lastAt } of active) {
    const jid = phones.get(chat) ?? chat
    // The chats come with the latest first.
    const { name, lastMessageAt } = people.get(jid) ?? { name: '', lastMessageAt: seconds(lastAt) }
    people.set(jid, { jid, name: name || (names.get(chat) ?? ''), lastMessageAt })
  }
  return [...people.values()].slice(0, limit).map((person) => ({ kind: 'person', person }))
}

function seconds(ms: number): number {
  return Math.floor(ms / 1000)
}
