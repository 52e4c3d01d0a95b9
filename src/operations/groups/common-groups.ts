import type { GroupParticipant } from '../../events/event-parts.ts'
import { sameUser } from '../../lib/jid.ts'
import type { LiveSession } from '../../whatsapp/session/session.ts'
import { joinedGroups } from './groups.ts'

/** JIDs of the groups that both the account and a person are in. WhatsApp has no query for it: the members are compared. */
export async function commonGroups(session: LiveSession, person: string): Promise<string[]> {
  const groups = await joinedGroups(session)
  return groups
    .filter(({ participants }) => participants.some((participant) => isPerson(participant, person)))
    .map(({ jid }) => jid)
}

function isPerson({ jid, phoneNumber, lid }: GroupParticipant, person: string): boolean {
  return sameUser(jid, person) || sameUser(phoneNumber, person) || sameUser(lid, person)
}
