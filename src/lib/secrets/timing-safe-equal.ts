import { createHash, timingSafeEqual } from 'node:crypto'

/** Compares a secret with what somebody offers for it, in a time that tells nothing about either. */
export function equalSecrets(candidate: string, secret: string): boolean {
  const digest = (value: string) => createHash('sha256').update(value).digest()
  return secret !== '' && timingSafeEqual(digest(candidate), digest(secret))
}
