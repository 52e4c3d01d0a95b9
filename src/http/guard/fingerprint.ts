import { createHash, hash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { isReceived } from '../endpoint/fields.ts'

/** A digest of what a request asks for, files included: the same request has the same one, however it is written. */
export async function fingerprint(path: string, body: unknown): Promise<string> {
  const text = JSON.stringify([path, await described(body)])
  return hash('sha256', text)
}

/** The value with digests in the place of files, which lie somewhere else every time. */
async function described(value: unknown): Promise<unknown> {
  if (typeof value !== 'object' || value === null) return value
  if (isReceived(value)) return { file: await digestOf(value.path) }
  if (value instanceof Uint8Array) return Buffer.from(value).toString('base64')
  if (Array.isArray(value)) return Promise.all(value.map(described))
  const entries = Object.entries(value).map(
    async ([name, member]) => [name, await described(member)] as const,
  )
  return Object.fromEntries(await Promise.all(entries))
}

async function digestOf(path: string): Promise<string> {
  const digest = createHash('sha256')
  for await (const chunk of createReadStream(path)) digest.update(chunk)
  return digest.digest('hex')
}
