import { ownMember } from '../../lib/own-member.ts'
import type { Secrets } from '../../lib/secrets/secrets.ts'
import type { Queryable } from '../../store/database/database.ts'
import { readKeys } from '../../store/keys/auth.ts'
import { keyFromText } from '../keys/key-text.ts'
import { jidDecode } from '../library/engine.ts'
import type { LidMappings } from '../wire/jid.ts'

/**
 * The JIDs under which an account knows a chat, the given one first: a person has a phone number and a LID, and
 * messages come under either. The session need not be open.
 */
export async function chatAliases(
  db: Queryable,
  secrets: Secrets,
  userId: string,
  chat: string,
): Promise<string[]> {
  const jid = jidDecode(chat)
  const other = jid && ownMember(OTHER, jid.server)
  if (!other) return [chat]
  const id = other.keyOf(jid.user)
  const known = (await readKeys(db, secrets, { userId, kind: 'lid-mapping', ids: [id] })).get(id)
  return known ? [chat, `${keyFromText('lid-mapping', known)}@${other.server}`] : [chat]
}

/** The phone-number JIDs of those of these people, by LID without device, whose numbers an account has learnt. */
export async function phonesOf(
  db: Queryable,
  secrets: Secrets,
  userId: string,
  jids: string[],
): Promise<Map<string, string>> {
  const lids = new Map<string, string>()
  for (const jid of jids) {
    const decoded = jidDecode(jid)
    if (decoded?.server === 'lid') lids.set(`${decoded.user}_reverse`, `${decoded.user}@lid`)
  }
  const known = await readKeys(db, secrets, { userId, kind: 'lid-mapping', ids: [...lids.keys()] })
  return new Map(
    [...known].map(([id, text]) => [
      lids.get(id) ?? '',
      `${keyFromText('lid-mapping', text)}@s.whatsapp.net`,
    ]),
  )
}

/** The other identities of these people, by JID without device, that an account has learnt: numbers of LIDs and LIDs of numbers. */
export async function otherIdentities(
  db: Queryable,
  secrets: Secrets,
  userId: string,
  jids: string[],
): Promise<Map<string, string>> {
  const asked = new Map<string, { jid: string; server: string }>()
  for (const jid of jids) {
    const decoded = jidDecode(jid)
    const other = decoded && ownMember(OTHER, decoded.server)
    if (other)
      asked.set(other.keyOf(decoded.user), { jid: `${decoded.user}@${decoded.server}`, server: other.server })
  }
  const known = await readKeys(db, secrets, { userId, kind: 'lid-mapping', ids: [...asked.keys()] })
  return new Map(
    [...known].flatMap(([id, text]) => {
      const { jid, server } = asked.get(id) ?? { jid: '', server: '' }
      return [[jid, `${keyFromText('lid-mapping', text)}@${server}`] as const]
    }),
  )
}

/** The phone/LID pairs an account has learnt, whether its session is open or not. */
export function storedMappings(db: Queryable, secrets: Secrets, userId: string): LidMappings {
  return async (ids) => {
    const known = await readKeys(db, secrets, { userId, kind: 'lid-mapping', ids })
    return Object.fromEntries([...known].map(([id, text]) => [id, keyFromText('lid-mapping', text)]))
  }
}

/** Where the library files the other identity of a person. */
const OTHER: Record<string, { server: string; keyOf(user: string): string } | undefined> = {
  's.whatsapp.net': { server: 'lid', keyOf: (user) => user },
  lid: { server: 's.whatsapp.net', keyOf: (user) => `${user}_reverse` },
}
