import { createHmac } from 'node:crypto'
import { sharedSecret } from '../../store/keys/shared-secrets.ts'
import type { Services } from '../services.ts'

/** A keyed hash of a key or secret: what is stored of it. Another encryption key does not change it. */
export async function hashSecret({ db, secrets }: Services, secret: string): Promise<string> {
  const key = await sharedSecret(db, secrets, 'hashes of keys')
  return createHmac('sha256', key).update(secret).digest('hex')
}
