import { createHmac } from 'node:crypto'

/** The headers that prove who sent a body: HMAC-SHA256 with the text of the webhook's secret as key, in hex. */
export function signed(body: string, secret: string): Record<string, string> {
  const signature = `sha256=${createHmac('sha256', secret).update(body).digest('hex')}`
  return { 'X-Webhook-Signature': signature, 'X-Hub-Signature-256': signature }
}
