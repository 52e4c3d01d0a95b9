import { createHmac, randomBytes } from 'node:crypto'
import { hashBody, type StreamedBody } from '../media/fetch/streamed-body.ts'
import type { WebhookSecret } from '../store/delivery/webhook-secrets.ts'

const PREFIX = 'whsec_'

/** A new key in the form of Standard Webhooks: `whsec_` and the base64 of 32 random bytes. */
export function newWebhookSecret(): string {
  return PREFIX + randomBytes(32).toString('base64')
}

/** Whether a text is such a key; Standard Webhooks asks for 24 to 64 bytes. */
export function isWebhookSecret(text: string): boolean {
  if (!text.startsWith(PREFIX)) return false
  const bytes = keyOf(text)
  return bytes.length >= 24 && bytes.length <= 64 && bytes.toString('base64') === text.slice(PREFIX.length)
}

/**
 * The header `webhook-signature` of Standard Webhooks: `v1,` and the base64 of HMAC-SHA256 over id, timestamp (unix
 * seconds) and body, separated by dots; once for each key that is valid at that moment, separated by spaces. A body that
 * is streamed is read once for that; throws UnreadableBodyError when it cannot be.
 */
export async function webhookSignature(
  message: { id: string; timestamp: number; body: string | StreamedBody },
  { secret, previous, previousUntil }: WebhookSecret,
): Promise<string> {
  const { id, timestamp, body } = message
  const isPreviousValid = previous !== '' && previousUntil > timestamp * 1_000
  const keys = [secret, ...(isPreviousValid ? [previous] : [])]
  const signatures = keys.map((key) => createHmac('sha256', keyOf(key)).update(`${id}.${timestamp}.`))
  await hashBody(body, signatures)
  return signatures.map((signature) => `v1,${signature.digest('base64')}`).join(' ')
}

function keyOf(secret: string): Buffer {
  return Buffer.from(secret.slice(PREFIX.length), 'base64')
}
