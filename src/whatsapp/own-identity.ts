import type { Secrets } from '../lib/secrets.ts'
import { readKeys } from '../store/auth.ts'
import type { Queryable } from '../store/database.ts'
import { type AuthenticationCreds, BufferJSON } from './engine.ts'

/** An account's own JIDs with device part, '' before linking; stanza parsers compare senders with them. */
export interface OwnIdentity {
  pn: string
  lid: string
}

/** Who an account is according to its stored credentials, for messages that wait while its session is not running. */
export async function storedIdentity(db: Queryable, secrets: Secrets, userId: string): Promise<OwnIdentity> {
  const stored = await readKeys(db, secrets, { userId, kind: 'creds', ids: [''] })
  const text = stored.get('')
  // The text was written by auth-state.ts from credentials.
  const creds = text ? (JSON.parse(text, BufferJSON.reviver) as AuthenticationCreds) : undefined
  return { pn: creds?.me?.id ?? '', lid: creds?.me?.lid ?? '' }
}
