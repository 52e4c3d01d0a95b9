import type { IncomingHttpHeaders } from 'node:http'
import { isIP } from 'node:net'

/** What WhatsApp's own clients, and this library, say they are a part of. */
const WHATSAPP_ORIGIN = 'https://web.whatsapp.com'

/**
 * Why a request is refused that some web page of this machine's browser may have made; undefined when none did. The
 * sandbox has no passwords, so whatever reaches its port is obeyed: a program of the developer's, and nothing else.
 * Browsers say which page a request is for (Fetch, sections 3.1 and 3.7.1), and cannot be made to keep it to themselves.
 */
export function foreignPage(headers: IncomingHttpHeaders, listensOn: string): string | undefined {
  const { origin, host } = headers
  if (!isLocalName(host, listensOn))
    return `this sandbox is not ${host}; call it by its address or as localhost`
  const site = headers['sec-fetch-site']
  const isOwnOrigin = origin === undefined || origin === `http://${host}` || origin === `https://${host}`
  if (isOwnOrigin && (site === undefined || site === 'same-origin' || site === 'none')) return undefined
  return 'web pages of others may not use this sandbox'
}

/** The same for what clients of WhatsApp use: they come under its names, and say that they are a part of its page. */
export function foreignClient(headers: IncomingHttpHeaders): string | undefined {
  const { origin, host } = headers
  const known = [undefined, WHATSAPP_ORIGIN, `http://${host}`, `https://${host}`]
  return known.includes(origin) ? undefined : 'web pages of others may not use this sandbox'
}

/**
 * Whether a request came under a name that no web page can have: anybody may let a name of theirs lead to this machine
 * (DNS rebinding), but nobody owns an address, `localhost`, or a name without a dot such as Compose gives to services.
 */
function isLocalName(host: string | undefined, listensOn: string): boolean {
  // Browsers always send it.
  if (host === undefined) return true
  if (!URL.canParse(`http://${host}`)) return false
  const name = new URL(`http://${host}`).hostname.replace(/^\[|\]$/g, '')
  return isIP(name) > 0 || name === listensOn || !name.includes('.') || name.endsWith('.localhost')
}
