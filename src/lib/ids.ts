import { hash } from 'node:crypto'
import { randomBytes } from './random.ts'

/** A new random id of 32 lower-case hex characters. */
export function newId(): string {
  return randomBytes(16).toString('hex')
}

/** A new WhatsApp message id as official companions make them: `3EB0` and 18 upper-case hex characters. */
export function newMessageId(): string {
  return `3EB0${randomBytes(9).toString('hex').toUpperCase()}`
}

/** A new secret of 32 URL-safe characters (192 bits). */
export function newToken(): string {
  return randomBytes(24).toString('base64url')
}

/** An id that is the same whenever its parts are: 32 hex characters of their SHA-256. */
export function derivedId(...parts: string[]): string {
  return hash('sha256', JSON.stringify(parts)).slice(0, 32)
}
