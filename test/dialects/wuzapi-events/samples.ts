import { readFileSync } from 'node:fs'

/** What the original wrote for one event. */
export interface EventSample {
  name: string
  jsonData: string
}

/** A complete delivery of the original with its signature. */
export interface DeliverySample {
  name: string
  mode: 'form' | 'json'
  hmacKey: string
  contentType: string
  body: string
  'x-hmac-signature': string
}

const samples: unknown[] = readFileSync(new URL('samples.jsonl', import.meta.url), 'utf8')
  .trim()
  .split('\n')
  .map((line) => JSON.parse(line))

export const eventSamples = samples.filter((sample): sample is EventSample => has(sample, 'jsonData'))
export const deliverySamples = samples.filter((sample): sample is DeliverySample => has(sample, 'mode'))

function has(sample: unknown, member: string): boolean {
  return typeof sample === 'object' && sample !== null && member in sample
}
