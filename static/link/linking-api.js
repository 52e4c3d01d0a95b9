import { RequestFailure } from '../api.js'

const HERE = new URL('.', import.meta.url)
const KEY_HEADER = 'Linking-Key'
const PATIENCE_MS = 90_000

/** The key of this page's linking; '' when the address lacks it. It stays in the address, so that reloading works. */
export function keyOfPage() {
  return location.hash.slice(1)
}

/**
 * Asks the server about the linking of this page.
 * @param {'state' | 'response' | 'confirm' | 'cancel'} what
 * @param {{body?: object, signal?: AbortSignal}} [options] with a body it is a POST
 * @returns {Promise<{reply: object, clockMs: number}>} `clockMs`: how far this clock is ahead of the server's
 */
export async function askLinking(what, { body, signal } = {}) {
  const headers = new Headers({ [KEY_HEADER]: keyOfPage() })
  if (body) headers.set('Content-Type', 'application/json')
  const limit = AbortSignal.timeout(PATIENCE_MS)
  const response = await fetch(new URL(what, HERE), {
    method: body ? 'POST' : 'GET',
    headers,
    body: body && JSON.stringify(body),
    cache: 'no-store',
    signal: signal ? AbortSignal.any([signal, limit]) : limit,
  }).catch((error) => {
    if (signal?.aborted) throw error
    throw new RequestFailure(0, 'no answer')
  })
  const reply = await response.json().catch(() => ({}))
  if (!response.ok) throw new RequestFailure(response.status, reply.error ?? response.statusText)
  const date = Date.parse(response.headers.get('Date') ?? '')
  return { reply, clockMs: Number.isNaN(date) ? 0 : Date.now() - date }
}

/** Where the extension sends the answer: the address of this server, as it is reached here. */
export function serverBase() {
  return new URL('..', HERE)
}
