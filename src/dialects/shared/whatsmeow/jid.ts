import { ApiError } from '../../../lib/errors.ts'

/** A JID taken apart the way the original's WhatsApp library does. */
export interface ParsedJid {
  user: string
  agent: number
  device: number
  server: string
}

/**
 * The library's parser: splits at `@`; a text without one becomes the *server* of a JID without user. The user part may
 * carry `.agent` and `:device`. Throws `invalid_jid` with the library's own sentence.
 */
export function parseLibraryJid(text: string): ParsedJid {
  const [head = '', server] = text.split('@')
  if (server === undefined) return { user: '', agent: 0, device: 0, server: head }

  const [user = '', agent, ...moreDots] = head.split('.')
  if (moreDots.length > 0) throw invalidJid('unexpected number of dots in JID')
  const [beforeColon = '', device, ...moreColons] = (agent ?? user).split(':')
  if (moreColons.length > 0) throw invalidJid('unexpected number of colons in JID')

  return {
    user: agent === undefined ? beforeColon : user,
    agent: agent === undefined ? 0 : parseUnsigned(beforeColon, 0xff),
    device: device === undefined ? 0 : parseUnsigned(device, 0xffff),
    server,
  }
}

/** Prints a JID as the library does: parts that are zero are left out, a JID without user is its server. */
export function formatJid({ user, agent, device, server }: ParsedJid): string {
  if (user === '') return server
  if (agent > 0) return `${user}.${agent}:${device}@${server}`
  if (device > 0) return `${user}:${device}@${server}`
  return `${user}@${server}`
}

/** The JID of a chat or person, without the device it may name. */
export function withoutDevice(jid: ParsedJid): string {
  return formatJid({ ...jid, agent: 0, device: 0 })
}

/** Go's `strconv.ParseUint`, including its words. */
function parseUnsigned(digits: string, max: number): number {
  if (!/^\d+$/.test(digits)) throw deviceError(digits, 'invalid syntax')
  const value = Number(digits)
  if (value > max) throw deviceError(digits, 'value out of range')
  return value
}

function deviceError(digits: string, problem: string): ApiError {
  return invalidJid(
    `failed to parse device from JID: strconv.ParseUint: parsing ${JSON.stringify(digits)}: ${problem}`,
  )
}

/** A failure of the kind `invalid_jid` in these words. */
export function invalidJid(text: string): ApiError {
  return new ApiError('invalid_jid', { text })
}
