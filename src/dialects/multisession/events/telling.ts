import type { Event, EventOf, EventType } from '../../../events/event.ts'
import { bare } from '../../../lib/jid.ts'
import type { User } from '../../../store/users/users.ts'
import type { EventName, TEST } from './names.ts'

/** One thing that is told of an event; `data` gets the IANA name of the zone that instants are written in, '' = UTC. */
export interface Telling {
  name: EventName | typeof TEST
  data(timeZone: string): object
}

/** Event type -> what is told of it, in this order; null for events that nothing is told of. Total. */
export type Tellings = {
  [T in EventType]: ((event: EventOf<T>, user: User) => readonly Telling[]) | null
}

/** A thing that is told, with its members. */
export function tell(name: Telling['name'], data: (timeZone: string) => object): Telling {
  return { name, data }
}

/** The same with members that are no instants. */
export function tellFacts(name: Telling['name'], data: object): Telling {
  return { name, data: () => data }
}

/** The number of the account that is linked, or was linked last; '' before. */
export function numberOf(user: Pick<User, 'jid' | 'lastJid'>): string {
  return digitsOf(user.jid || user.lastJid)
}

/** The part of a JID before its device and its server. */
export function digitsOf(jid: string): string {
  return bare(jid).split('@')[0] ?? ''
}

/** Whether an event means the account itself, by its number or by an identity known to be that number's. */
export function isOwn({ aliases = {} }: Pick<Event, 'aliases'>, jid: string, user: User): boolean {
  const own = numberOf(user)
  return own !== '' && [jid, aliases[jid] ?? ''].some((one) => bare(one) === `${own}@s.whatsapp.net`)
}
