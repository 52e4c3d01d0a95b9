import type { Secrets } from '../lib/secrets.ts'
import { readKeys } from '../store/auth.ts'
import type { Queryable } from '../store/database.ts'
import { jidDecode } from './engine.ts'
import { keyFromText } from './key-text.ts'

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
  const other = jid && OTHER[jid.server]
  if (!other) return [chat]
  const id = other.keyOf(jid.user)
  const known = (await readKeys(db, secrets, { userId, kind: 'lid-mapping', ids: [id] })).get(id)
  return known ? [chat, `${keyFromText('lid-mapping', known)}@${other.server}`] : [chat]
}

/** Where the library files the other identity of a person. */
const OTHER: Record<string, { server: string; keyOf(user: string): string } | undefined> = {
  's.whatsapp.net': { server: 'lid', keyOf: (user) => user },
  lid: { server: 's.whatsapp.net', keyOf: (user) => `${user}_reverse` },
}
