import type { Event } from '../../events/event.ts'
import { bare, isLidJid, onSameDevice, unhosted } from '../../lib/jid.ts'
import { ownMember } from '../../lib/own-member.ts'
import type { LidMappings } from '../wire/jid.ts'
import { userPart } from '../wire/jid.ts'

/** The other identity of a person among the phone/LID pairs of a session, without device; '' for groups and strangers. */
export async function otherIdentity(jid: string, mappings: LidMappings): Promise<string> {
  const person = unhosted(jid)
  if (!isPerson(person)) return ''
  const name = pairName(person)
  return aliasOf(person, ownMember(await mappings([name]), name))
}

/**
 * The JIDs without device under which a session knows a chat, the given one first. A person's other identity counts only
 * where both say so of each other: numbers change hands, and what was sent to the one must not reach the other.
 */
export async function namesOf(jid: string, mappings: LidMappings): Promise<string[]> {
  const chat = bare(unhosted(jid))
  const other = await otherIdentity(chat, mappings)
  return other && (await otherIdentity(other, mappings)) === chat ? [chat, other] : [chat]
}

// What comes from outside becomes the name of a stored key: it must look like one.
const PERSON = /^\d+(?:[_:]\d+)*@(?:lid|s\.whatsapp\.net)$/

function isPerson(jid: string): boolean {
  return PERSON.test(jid)
}

/** Under which name the library keeps the other identity of a person. */
function pairName(jid: string): string {
  return isLidJid(jid) ? `${userPart(jid)}_reverse` : userPart(jid)
}

type Sourced = Extract<Event, { senderAlt: string }>

/** Whether an event names only one of a person's identities. */
export function isIncomplete(event: Event): boolean {
  return isHalf(event) || peopleIn(event).length > 0
}

/** Events with both identities of the people in them, as far as the session knows them. */
export async function withIdentities(events: Event[], mappings: LidMappings): Promise<Event[]> {
  const aliases = await aliasesOf(new Set(events.flatMap(peopleIn)), mappings)
  return Promise.all(
    events.map((event) => (isHalf(event) ? completed(event, mappings) : withAliases(event, aliases))),
  )
}

function isHalf(event: Event): event is Sourced {
  if (!('senderAlt' in event)) return false
  return event.senderAlt === '' || (isToPerson(event) && event.recipientAlt === '')
}

async function completed(event: Sourced, mappings: LidMappings): Promise<Event> {
  const { sender, chat } = event
  const senderAlt = event.senderAlt || onSameDevice(await otherIdentity(sender, mappings), sender)
  const recipientAlt = event.recipientAlt || (isToPerson(event) ? await otherIdentity(chat, mappings) : '')
  return { ...event, senderAlt, recipientAlt }
}

function isToPerson({ fromMe, isGroup }: Sourced): boolean {
  return fromMe && !isGroup
}

/** The people an event names where it has no member for their other identity. */
function peopleIn(event: Event): string[] {
  return named(event).filter(isPerson)
}

function named(event: Event): string[] {
  switch (event.type) {
    case 'presence':
      return [event.from]
    case 'contact.picture':
      return [event.jid, event.author]
    case 'contact.about':
    case 'contact.identity':
      return [event.jid]
    case 'account.blocklist':
      return event.changes.map(({ jid }) => jid)
    case 'group.changed':
      return [event.join, event.leave, event.promote, event.demote].flatMap((members) => members ?? [])
    case 'appstate.change':
      return event.index
    default:
      return []
  }
}

/** The other identities of these people, asked for together: a first synchronisation names thousands. */
async function aliasesOf(people: Set<string>, mappings: LidMappings): Promise<Map<string, string>> {
  if (people.size === 0) return new Map()
  const known = await mappings([...people].map(pairName))
  return new Map(
    [...people].flatMap((jid): [string, string][] => {
      const alias = aliasOf(jid, ownMember(known, pairName(jid)))
      return alias ? [[jid, alias]] : []
    }),
  )
}

/** The other identity of a person, whose user part is given; '' without it. */
function aliasOf(jid: string, user: string | undefined): string {
  if (!user) return ''
  return isLidJid(jid) ? `${user}@s.whatsapp.net` : `${user}@lid`
}

function withAliases(event: Event, aliases: Map<string, string>): Event {
  const own = peopleIn(event).flatMap((jid): [string, string][] => {
    const alias = aliases.get(jid)
    return alias === undefined ? [] : [[jid, alias]]
  })
  return own.length === 0 ? event : { ...event, aliases: Object.fromEntries(own) }
}
