import { z } from 'zod'
import { stringArray, textUpTo } from '../../../http/endpoint/fields.ts'
import { limits } from '../../../lib/limits.ts'

/** An international number, as people write it. */
const PHONE = /^\+?([1-9][0-9]{5,15})$/
const PEOPLE = ['s.whatsapp.net', 'lid']
/** Ids of groups and channels are longer than any phone number. */
const LONG_ID = /^\d{16,20}$/

/** `user@server` or a bare number -> a JID without device; undefined for what is none of these servers. */
function jidOf(given: string, servers: readonly string[]): string | undefined {
  const [, digits] = PHONE.exec(given.trim()) ?? []
  if (digits !== undefined) return `${digits}@s.whatsapp.net`
  const [, user, server = ''] = /^(\d{5,20}(?:-\d+)?)(?:\.\d+)?(?::\d+)?@([\w.]+)$/.exec(given.trim()) ?? []
  const known = server === 'c.us' ? 's.whatsapp.net' : server
  return user !== undefined && servers.includes(known) ? `${user}@${known}` : undefined
}

function address(servers: readonly string[], sentence: (given: string) => string) {
  return textUpTo(limits.address, z.string()).transform((given, issues) => {
    const jid = jidOf(given, servers)
    if (jid !== undefined) return jid
    issues.addIssue({ code: 'custom', message: sentence(given) })
    return z.NEVER
  })
}

/** The library's words: it takes what follows the first `@`, or a text without one, for the server. */
function unknownServer(given: string): string {
  const [user = '', server = user] = given.split('@')
  return PEOPLE.includes(server) ? `invalid JID format: ${given}` : `unknown user server '${server}'`
}

/** A person in a path: a JID or a bare number. */
export const person = address(PEOPLE, unknownServer)

/** A person or group in a path. */
export const personOrGroup = address([...PEOPLE, 'g.us'], unknownServer)

/** A person in a path; undefined for a text that is not even meant to be a JID. */
export const personIfAny = z.union([person, textUpTo(limits.address, z.string()).pipe(noJid())], {
  error: ({ input }) => unknownServer(String(input)),
})

function noJid() {
  return z
    .string()
    .refine((given) => !given.includes('@'))
    .transform(() => undefined)
}

/** A group in a path: `120363…@g.us`, or its digits. */
export const group = longId('g.us', 'WhatsApp Group ID is Not Group Server')

/** A channel in a path: `120363…@newsletter`, or its digits. */
export const channel = longId('newsletter', 'newsletter JID must use the newsletter server')

function longId(server: string, sentence: string) {
  return textUpTo(limits.address, z.string()).transform((given, issues) => {
    const id = given.trim()
    const jid = LONG_ID.test(id) ? `${id}@${server}` : jidOf(id, [server])
    if (jid?.endsWith(`@${server}`)) return jid
    issues.addIssue({ code: 'custom', message: sentence })
    return z.NEVER
  })
}

/** People as members of a group; the list may be empty or absent. */
export function members() {
  return stringArray({ each: limits.address }).transform((given, issues) => {
    const jids: string[] = []
    for (const one of given) {
      const jid = jidOf(one, PEOPLE)
      if (jid !== undefined) jids.push(jid)
      else
        issues.addIssue({
          code: 'custom',
          message: `WhatsApp Participant ID must be a Personal JID: ${one.slice(0, 50)}`,
        })
    }
    return jids
  })
}
