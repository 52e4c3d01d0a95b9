import type { Secrets } from '../../lib/secrets/secrets.ts'
import type { Queryable } from '../../store/database/database.ts'
import { readKeys } from '../../store/keys/auth.ts'
import { type AuthenticationCreds, BufferJSON } from '../library/engine.ts'

/** An account's own JIDs with device part, '' before linking; stanza parsers compare senders with them. */
export interface OwnIdentity {
  pn: string
  lid: string
}

/** Who an account is according to its stored credentials, for messages that wait while its session is not running. */
export async function storedIdentity(db: Queryable, secrets: Secrets, userId: string): Promise<OwnIdentity> {
  const creds = await storedCreds(db, secrets, userId)
  return { pn: creds?.me?.id ?? '', lid: creds?.me?.lid ?? '' }
}

/** A linked device. */
export interface OwnDevice {
  /** JID with device part: `573001234567:12@s.whatsapp.net`. */
  jid: string
  /** What the account calls itself. */
  pushName: string
  /** The kind of phone: `android`, `iphone`, `smba` (a business), ...; '' when WhatsApp did not say. */
  platform: string
}

/** The linked device of a session according to its stored credentials; undefined while no phone is linked. */
export async function storedDevice(
  db: Queryable,
  secrets: Secrets,
  userId: string,
): Promise<OwnDevice | undefined> {
  const creds = await storedCreds(db, secrets, userId)
  if (!creds?.account || !creds.me) return undefined
  return { jid: creds.me.id, pushName: creds.me.name ?? '', platform: creds.platform ?? '' }
}

async function storedCreds(
  db: Queryable,
  secrets: Secrets,
  userId: string,
): Promise<AuthenticationCreds | undefined> {
  const stored = await readKeys(db, secrets, { userId, kind: 'creds', ids: [''] })
  const text = stored.get('')
  // The text was written by auth-state.ts from credentials.
  return text ? (JSON.parse(text, BufferJSON.reviver) as AuthenticationCreds) : undefined
}
