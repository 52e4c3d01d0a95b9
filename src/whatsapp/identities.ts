import type { Event } from '../events/event.ts'
import type { LidMappings } from './jid.ts'
import { userPart } from './jid.ts'
import { onSameDevice } from './receive/address.ts'

/** The other identity of a person among the phone/LID pairs of a session, without device; '' for groups and strangers. */
export async function otherIdentity(jid: string, mappings: LidMappings): Promise<string> {
  const user = userPart(jid)
  if (jid.endsWith('@s.whatsapp.net')) {
    const { [user]: lid } = await mappings([user])
    return lid ? `${lid}@lid` : ''
  }
  if (!jid.endsWith('@lid')) return ''
  const key = `${user}_reverse`
  const { [key]: phone } = await mappings([key])
  return phone ? `${phone}@s.whatsapp.net` : ''
}

type Sourced = Extract<Event, { senderAlt: string }>

/** Whether an event names only one of a person's identities. */
export function isIncomplete(event: Event): event is Sourced {
  if (!('senderAlt' in event)) return false
  return event.senderAlt === '' || (isToPerson(event) && event.recipientAlt === '')
}

/** Events with both identities of the people in them, as far as the session knows them. */
export function withIdentities(events: Event[], mappings: LidMappings): Promise<Event[]> {
  return Promise.all(events.map((event) => (isIncomplete(event) ? completed(event, mappings) : event)))
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
