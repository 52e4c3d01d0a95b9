import { words } from './words.js'

/** The server's base address: the page works the same at `/` and behind a proxy at `/parley/`. */
const base = new URL('.', import.meta.url)

/** The header that wuzapi's API and the server's own take the admin token in. */
const ADMIN_HEADER = 'Authorization'

/** What is not part of wuzapi's API. All else is, which is always found below its name, whatever is at the root. */
const OTHERS = [
  { paths: /^(parley\.json$|parley\/|sandbox\/|api\/)/, adminHeader: ADMIN_HEADER },
  { paths: /^multisession\//, adminHeader: 'X-Admin-Secret' },
]

/** The API that a path belongs to; undefined for wuzapi's. */
function otherThanWuzapi(path) {
  return OTHERS.find(({ paths }) => paths.test(path))
}

/** Absolute address of an endpoint, also for the commands a person copies. */
export function addressOf(path) {
  return new URL(otherThanWuzapi(path) ? path : `wuzapi/${path}`, base).href
}

/** Where the page of a linking is, wherever the server is mounted; `path` as the status tells it, from the root. */
export function linkingPageAt(path) {
  return new URL(path.replace(/^\//, ''), base).href
}

/** A request that did not succeed: `status` is 0 when the server could not be reached at all. */
export class RequestFailure extends Error {
  constructor(status, text) {
    super(text)
    this.name = 'RequestFailure'
    this.status = status
  }
}

/**
 * Asks one endpoint and unwraps its envelope.
 * @param {string} path relative, such as `session/status`
 * @param {{method?: string, body?: object | FormData, token?: string, admin?: string, user?: string, signal?: AbortSignal,
 *   keepalive?: boolean, read?: (response: Response) => any}} [options] `keepalive`: also when the page is left;
 *   `user`: the one that a login looks at, where `token` is the login's;
 *   `read`: takes what is no JSON, a file or a stream, from an answer that succeeded;
 *   tokens travel in headers only: an address ends up in logs and histories
 */
export async function ask(
  path,
  { method = 'GET', body, token, admin, user, signal, keepalive = false, read } = {},
) {
  const headers = new Headers()
  if (token) headers.set('Token', token)
  if (user) headers.set('Parley-User', user)
  if (admin) headers.set(otherThanWuzapi(path)?.adminHeader ?? ADMIN_HEADER, admin)
  // The browser itself says of a form where its parts end.
  const isForm = body instanceof FormData
  if (body && !isForm) headers.set('Content-Type', 'application/json')
  const sent = body && !isForm ? JSON.stringify(body) : body
  const init = { method, headers, signal, body: sent, cache: 'no-store', keepalive }
  const response = await fetch(addressOf(path), init).catch((error) => {
    if (error.name === 'AbortError') throw error
    throw new RequestFailure(0, 'no answer')
  })
  if (response.ok && read) return read(response)
  const reply = await response.json().catch((error) => {
    // Whoever has gone on meanwhile must not take half an answer for an empty one.
    if (error.name === 'AbortError') throw error
    return undefined
  })
  if (!response.ok) throw new RequestFailure(response.status, reasonOf(reply) ?? response.statusText)
  return reply?.data === undefined ? reply : reply.data
}

/** The dialects give the reason as text, the operator interface as an object with a message. */
function reasonOf(reply) {
  const reason = reply?.error?.message ?? reply?.error ?? reply?.message
  // Only here does wuzapi name the event it does not know.
  return reply?.details ? `${reason}: ${reply.details}` : reason
}

/** The key of what a person should do about a failure, first match wins. */
const ADVICE = [
  [(f) => f.status === 0, 'unreachable'],
  [(f) => f.status === 401, 'unknownToken'],
  [(f) => f.status === 429, 'tooMany'],
  [(f) => /user with this token/i.test(f.message), 'tokenTaken'],
  [(f) => /not logged in/i.test(f.message), 'notLinked'],
  [(f) => /no session|not connected/i.test(f.message), 'notConnected'],
  [(f) => /phone|jid|too short|international/i.test(f.message), 'badNumber'],
  [(f) => /whatsapp/i.test(f.message) && f.status === 404, 'noWhatsapp'],
  [(f) => f.status === 413, 'tooLarge'],
  [(f) => f.status === 504, 'late'],
]

/** The sentence shown for anything that went wrong; an error may bring its own as `advice`. */
export function advise(error) {
  if (error.advice) return error.advice
  const text = error.message
  if (!(error instanceof RequestFailure)) return words('mistake', { text })
  const [, key] = ADVICE.find(([matches]) => matches(error)) ?? []
  return words(key ?? (error.status < 500 ? 'serverSaid' : 'serverFailed'), { text })
}
