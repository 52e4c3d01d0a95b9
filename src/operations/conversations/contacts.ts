import { bare, isPersonJid } from '../../lib/jid.ts'
import { type Contact, listContacts } from '../../store/contacts.ts'
import { otherIdentities, phonesOf } from '../../whatsapp/inbound/chat-aliases.ts'
import type { UserScope } from '../services.ts'
import { cursorOf, positionIn } from './cursor.ts'
import { cut } from './message-parts.ts'
import { nameIn } from './people.ts'
import { folded, numberIn } from './search.ts'

/** A person whom an account knows, once for both addresses. */
export interface Person {
  /** By phone number where it is known. */
  jid: string
  lid?: string
  /** With `+`; absent where it is not known. */
  phone?: string
  /** The best one there is, `''` for none. */
  name: string
  /** What the person calls itself. */
  pushName: string
  /** What WhatsApp has verified. */
  businessName?: string
}

/** Which people are wanted. */
export interface PeopleQuery {
  /** A name or a number. */
  search?: string
  limit: number
  before?: string
}

/** People by name; those without one at the end. */
export interface PeoplePage {
  people: Person[]
  next?: string
}

/** An account knows fewer people, unless somebody wants this to be slow. */
const MOST = 20_000

/** The people whom an account knows by name, whether its session is open or not. Throws `invalid_field`. */
export async function listPeople(scope: UserScope, query: PeopleQuery): Promise<PeoplePage> {
  const { user, services } = scope
  const from = positionIn(query.before)?.at ?? 0
  const contacts = await listContacts(services.db, user.id, { limit: MOST, offset: 0 })
  const merged = [...(await byPerson(scope, contacts)).entries()].map(([jid, known]) => ({
    jid,
    known,
    name: nameIn(known),
  }))
  const wanted = query.search?.trim() ? merged.filter(matcher(query.search)) : merged
  const sorted = wanted
    .map((one) => ({ ...one, key: folded(one.name) }))
    .sort(
      (one, other) =>
        Number(one.key === '') - Number(other.key === '') ||
        compare(one.key, other.key) ||
        compare(one.jid, other.jid),
    )
  const page = sorted.slice(from, from + query.limit)
  const others = await otherIdentities(
    services.db,
    services.secrets,
    user.id,
    page.map(({ jid }) => jid),
  )
  const end = from + page.length
  return {
    people: page.map(({ jid, known, name }) => describe(jid, { known, name, lid: others.get(jid) })),
    ...(end < sorted.length && { next: cursorOf({ at: end, id: '' }) }),
  }
}

async function byPerson({ user, services }: UserScope, contacts: Contact[]): Promise<Map<string, Contact[]>> {
  const { db, secrets } = services
  const people = contacts.filter(({ jid }) => isPersonJid(jid))
  const phones = await phonesOf(
    db,
    secrets,
    user.id,
    people.map(({ jid }) => jid),
  )
  const merged = new Map<string, Contact[]>()
  for (const contact of people) {
    const jid = phones.get(bare(contact.jid)) ?? bare(contact.jid)
    merged.set(jid, [...(merged.get(jid) ?? []), contact])
  }
  return merged
}

function describe(
  jid: string,
  { known, name, lid }: { known: Contact[]; name: string; lid: string | undefined },
): Person {
  const number = /^(\d+)@s\.whatsapp\.net$/.exec(jid)?.[1]
  const first = (field: 'pushName' | 'businessName') => known.find((one) => one[field] !== '')?.[field] ?? ''
  const businessName = first('businessName')
  return {
    jid,
    ...(number && lid && { lid }),
    ...(!number && { lid: jid }),
    ...(number && { phone: `+${number}` }),
    name: cut(name),
    pushName: cut(first('pushName')),
    ...(businessName !== '' && { businessName: cut(businessName) }),
  }
}

function matcher(search: string): (one: { jid: string; known: Contact[] }) => boolean {
  const needle = folded(search.trim())
  const number = numberIn(search)
  return ({ jid, known }) =>
    (number !== '' && jid.split('@')[0]?.includes(number) === true) ||
    known.some(({ fullName, firstName, pushName, businessName }) =>
      [fullName, firstName, pushName, businessName].some((name) => folded(name).includes(needle)),
    )
}

function compare(one: string, other: string): number {
  if (one === other) return 0
  return one < other ? -1 : 1
}
