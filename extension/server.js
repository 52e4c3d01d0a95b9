const MARK = '#parley='
const PATIENCE_MS = 90_000

/** A request that did not succeed; `status` is 0 where there was no answer. */
class ServerFailure extends Error {
  constructor(status, text) {
    super(text)
    this.status = status
  }
}

/**
 * The linking that the address of this page names: its key, and the server that waits for the answer. Undefined where it
 * names none, or a server that the answer must not be sent to.
 * @param {string} hash
 * @returns {{key: string, base: URL} | undefined}
 */
function linkingIn(hash) {
  try {
    const hidden = hash.slice(MARK.length).replaceAll('-', '+').replaceAll('_', '/')
    const { t: key, b } = JSON.parse(atob(hidden))
    const base = new URL(b)
    const isSafe = base.protocol === 'https:' || (base.protocol === 'http:' && isThisComputer(base.hostname))
    const isPlain = !base.username && !base.password && base.pathname.endsWith('/')
    return isSafe && isPlain && /^[\w-]{16,1024}$/.test(key) ? { key, base } : undefined
  } catch {
    return undefined
  }
}

function isThisComputer(host) {
  return host === 'localhost' || host === '[::1]' || /^127(\.\d+){3}$/.test(host)
}

/**
 * Asks the server about the linking; with a body it is a POST. Throws ServerFailure.
 * @param {{key: string, base: URL}} linking
 * @param {'state' | 'response' | 'confirm' | 'cancel'} what
 */
async function askServer({ key, base }, what, body) {
  const response = await fetch(new URL(`link/${what}`, base), {
    method: body ? 'POST' : 'GET',
    headers: { 'Linking-Key': key, ...(body && { 'Content-Type': 'application/json' }) },
    body: body && JSON.stringify(body),
    credentials: 'omit',
    cache: 'no-store',
    redirect: 'error',
    referrerPolicy: 'no-referrer',
    signal: AbortSignal.timeout(PATIENCE_MS),
  }).catch((error) => {
    throw new ServerFailure(0, error.message)
  })
  const reply = await response.json().catch(() => ({}))
  if (!response.ok) throw new ServerFailure(response.status, String(reply.error ?? response.statusText))
  return reply
}
