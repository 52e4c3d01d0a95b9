import { createHmac } from 'node:crypto'
import type { Secrets } from '../../lib/secrets/secrets.ts'
import type { Queryable } from '../database/database.ts'
import { sharedSecret } from '../keys/shared-secrets.ts'

const SHOWN_START = 8
const SHOWN_END = 4

/** A keyed hash of a key or secret: what is stored of it. Another encryption key does not change it. */
export async function hashSecret(
  { db, secrets }: { db: Queryable; secrets: Secrets },
  secret: string,
): Promise<string> {
  const key = await sharedSecret(db, secrets, 'hashes of keys')
  return createHmac('sha256', key).update(secret).digest('hex')
}

/** Enough of a key to recognise it: its beginning and its end. */
export function maskKey(key: string): string {
  return `${key.slice(0, SHOWN_START)}...${key.slice(-SHOWN_END)}`
}
