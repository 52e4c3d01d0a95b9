import { renderEvent } from '../../delivery/renderer.ts'
import type { WebhookProfile } from '../../delivery/webhook-profiles.ts'
import type { Event } from '../../events/event.ts'
import { contentOf, describeContent } from '../../events/message-kinds.ts'
import { messageOf } from '../../events/unwrap.ts'
import { bare, isPersonJid, isPhoneJid } from '../../lib/jid.ts'
import type { LoggedDelivery } from '../../store/delivery/delivery-log.ts'
import { shortPayloads } from '../../store/delivery/events.ts'
import { findChats } from '../../store/messages/chats.ts'
import { getUser } from '../../store/users/users.ts'
import { loadPeople } from '../conversations/people.ts'
import type { Services } from '../services.ts'

/** A delivery as people read it. */
export interface DescribedDelivery extends LoggedDelivery {
  /** What the receiver calls the event: `Message`, `message.received`; our own name where it has none any more. */
  event: string
  /** What the chat is called; '' where nobody knows. */
  chatName: string
  /** Who did it, by name, else by number; '' for what nobody does, such as a lost connection. */
  person: string
  /** The beginning of what was written; '' for all other events. */
  text: string
}

/** Longer ones, such as a part of the history, are named without a look into them. */
const LONGEST_READ = 64 * 1024
/** Characters of a text that are told. */
const TEXT_LENGTH = 200
/** Texts are cut before anybody looks at their characters. */
const LONGEST_TEXT = 4 * TEXT_LENGTH

/** Says of deliveries what their receivers are told: which event, in which chat, of whom, with which text. */
export async function describeDeliveries(
  services: Services,
  deliveries: LoggedDelivery[],
): Promise<DescribedDelivery[]> {
  const ids = [...new Set(deliveries.map(({ eventId }) => eventId))]
  const payloads = await shortPayloads(services.db, ids, LONGEST_READ)
  const events = new Map<string, Event>()
  // The payload is what the bus stored, and only events are.
  for (const [id, payload] of payloads) events.set(id, JSON.parse(payload) as Event)
  const names = await namesOf(services, deliveries, events)
  const described: DescribedDelivery[] = []
  for (const delivery of deliveries) {
    const event = events.get(delivery.eventId)
    const nameOf = (jid: string) => names.get(`${delivery.userId}/${bare(jid)}`) ?? ''
    described.push({
      ...delivery,
      event: await receiversName(services, delivery, event),
      chatName: nameOf(delivery.chat) || (event && calledIn(event, delivery.chat)) || '',
      person: event ? personIn(event, nameOf) : '',
      text: event ? textIn(event) : '',
    })
  }
  return described
}

/** What the receiver of a delivery calls its event. */
async function receiversName(
  services: Services,
  { target, part, type, userId, createdAt }: LoggedDelivery,
  event: Event | undefined,
): Promise<string> {
  const profile = services.webhooks.find(target)
  // Its name is that of the part, with a number behind it where there are several.
  if (part !== '') return part.replace(/#\d+$/, '')
  if (!profile) return type
  // The type is that of the event.
  const known = profile.typeNames?.[type as Event['type']]
  if (known !== undefined) return known
  return (event && (await renderedName(services, profile, { event, userId, at: createdAt }))) || type
}

async function renderedName(
  { db, secrets, config, log }: Services,
  profile: WebhookProfile,
  { event, userId, at }: { event: Event; userId: string; at: number },
): Promise<string | undefined> {
  const user = await getUser(db, secrets, userId)
  if (!user) return undefined
  try {
    return (await renderEvent(profile.renderers, event, { user, timeZone: config.timeZone, at }))?.name
  } catch (error) {
    // The attempt has failed with it as well, and its log says so.
    log.debug({ err: error, user: userId }, 'an event could not be named')
    return undefined
  }
}

/** What the people and groups of these deliveries are called, by `<user id>/<JID>`. */
async function namesOf(
  services: Services,
  deliveries: LoggedDelivery[],
  events: ReadonlyMap<string, Event>,
): Promise<Map<string, string>> {
  const { db, secrets } = services
  const jids = new Map<string, Set<string>>()
  for (const { userId, chat, eventId } of deliveries) {
    const event = events.get(eventId)
    const known = jids.get(userId) ?? new Set()
    jids.set(userId, known)
    for (const jid of [chat, ...(event ? identitiesIn(event) : [])]) if (jid !== '') known.add(bare(jid))
  }
  const names = new Map<string, string>()
  for (const [userId, known] of jids) {
    const user = await getUser(db, secrets, userId)
    if (!user) continue
    const people = await loadPeople({ user, services }, [...known])
    for (const jid of known) names.set(`${userId}/${jid}`, people.nameOf(jid))
    const groups = [...known].filter((jid) => !isPersonJid(jid))
    for (const { chat, name } of await findChats(db, userId, groups)) names.set(`${userId}/${chat}`, name)
  }
  return names
}

/** The JIDs of whoever an event is about, the one it is named by first. */
function identitiesIn(event: Event): string[] {
  const named = 'sender' in event && event.sender ? event.sender : whoIn(event)
  const alt =
    'senderAlt' in event && typeof event.senderAlt === 'string' ? event.senderAlt : event.aliases?.[named]
  return [named, alt ?? ''].filter((jid) => jid !== '')
}

function whoIn(event: Event): string {
  if ('from' in event) return event.from
  if ('peer' in event && event.peer !== undefined) return event.peer
  return 'jid' in event ? event.jid : ''
}

function personIn(event: Event, nameOf: (jid: string) => string): string {
  const jids = identitiesIn(event)
  const name = jids.map(nameOf).find((known) => known !== '')
  if (name) return name
  if ('pushName' in event && event.pushName) return beginning(event.pushName)
  const jid = jids.find(isPhoneJid) ?? jids[0] ?? ''
  return isPhoneJid(jid) ? `+${bare(jid).split('@')[0]}` : bare(jid)
}

/** What an event itself says a chat is called. */
function calledIn(event: Event, chat: string): string {
  if (event.type === 'group.joined') return beginning(event.group.name.name)
  if (event.type === 'group.changed') return beginning(event.name?.name ?? '')
  const isOthers = event.type === 'message' && !event.fromMe && isPersonJid(chat)
  return isOthers ? beginning(event.pushName) : ''
}

function textIn(event: Event): string {
  if (event.type !== 'message' && event.type !== 'message.sent') return ''
  const found = contentOf(messageOf(event))
  return found ? beginning(describeContent(found)) : ''
}

function beginning(text: string): string {
  const characters = [...text.slice(0, LONGEST_TEXT)]
  return characters.length > TEXT_LENGTH
    ? `${characters.slice(0, TEXT_LENGTH).join('')}…`
    : characters.join('')
}
