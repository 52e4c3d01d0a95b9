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
 * @param {{method?: string, body?: object | FormData, token?: string, admin?: string, signal?: AbortSignal,
 *   keepalive?: boolean}} [options] `keepalive`: also when the page is left
 *   tokens travel in headers only: an address ends up in logs and histories
 */
export async function ask(path, { method = 'GET', body, token, admin, signal, keepalive = false } = {}) {
  const headers = new Headers()
  if (token) headers.set('Token', token)
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
  const reply = await response.json().catch(() => undefined)
  if (!response.ok) throw new RequestFailure(response.status, reasonOf(reply) ?? response.statusText)
  return reply?.data === undefined ? reply : reply.data
}

/** The dialects give the reason as text, the operator interface as an object with a message. */
function reasonOf(reply) {
  const reason = reply?.error?.message ?? reply?.error ?? reply?.message
  // Only here does wuzapi name the event it does not know.
  return reply?.details ? `${reason}: ${reply.details}` : reason
}

/** What a person should do about a failure, first match wins. */
const ADVICE = [
  [(f) => f.status === 0, 'The server does not answer. Check that it is running; this page keeps trying.'],
  [
    (f) => f.status === 401,
    'This token is not known here. Check it for missing characters, or use another one.',
  ],
  [(f) => f.status === 429, 'Too many requests at once. Wait a minute, then try again.'],
  [
    (f) => /user with this token/i.test(f.message),
    'That token is taken by another user. Choose another one.',
  ],
  [(f) => /not logged in/i.test(f.message), 'No phone is linked yet. Connect and scan the code first.'],
  [
    (f) => /no session|not connected/i.test(f.message),
    'The session is not connected. Press Connect, then try again.',
  ],
  [
    (f) => /phone|jid|too short|international/i.test(f.message),
    'That number cannot be used. Write it with its country code and without a leading zero, for example 4915112345678.',
  ],
  [
    (f) => /whatsapp/i.test(f.message) && f.status === 404,
    'That number has no WhatsApp account. Try another one.',
  ],
  [(f) => f.status === 413, 'That is too large for the server. Choose a smaller file.'],
  [(f) => f.status === 504, 'WhatsApp did not answer in time. Try again in a moment.'],
]

/** The sentence shown for anything that went wrong; an error may bring its own as `advice`. */
export function advise(error) {
  if (error.advice) return error.advice
  if (!(error instanceof RequestFailure))
    return `The page made a mistake (${error.message}). Reload it and try again.`
  const found = ADVICE.find(([matches]) => matches(error))
  if (found) return found[1]
  const said = `The server said “${error.message}”.`
  return error.status < 500
    ? `${said} Change what it names, then try again.`
    : `${said} Try again; if it stays, its log says more.`
}
