import { z } from 'zod'
import {
  listUpTo,
  requiredStringArray,
  requiredText,
  stringArray,
  textUpTo,
} from '../../../http/endpoint/fields.ts'
import { isChannelJid, isGroupJid } from '../../../lib/jid.ts'
import { type Limit, limits } from '../../../lib/limits.ts'

/** A string that must not be empty: `chatId is required`. */
export function required(name: string, limit?: Limit) {
  return requiredText(`${name} is required`, limit)
}

/** A list of strings that must not be empty. */
function requiredList(name: string, bounds: { each?: Limit; all?: Limit }) {
  return requiredStringArray(`${name} is required`, bounds)
}

/** A field that may be left out; an empty text counts as absent, as `null` does. */
export function ifGiven<Field extends z.ZodType>(field: Field) {
  return z.preprocess((value) => (value === '' ? undefined : value), field.optional()).optional()
}

const SERVERS = ['s.whatsapp.net', 'lid', 'g.us', 'newsletter', 'broadcast', 'bot']

/** `number@c.us`, the name wwebjs-api gives to people, is `number@s.whatsapp.net`; a bare number stays as it is. */
function normalized(given: string): string | undefined {
  const [user = '', server, ...more] = given.trim().split('@')
  if (more.length > 0) return undefined
  if (server === undefined) return /^\+?\d{5,20}$/.test(user) ? user.replace('+', '') : undefined
  const known = server === 'c.us' ? 's.whatsapp.net' : server
  if (!SERVERS.includes(known) || !/^[\w.:-]+$/.test(user)) return undefined
  return `${user.replace(/[.:].*$/, '')}@${known}`
}

/** A chat or person that must be there: a JID, or a bare number, which the session resolves. */
export function recipient(name: string) {
  return required(name, limits.address).transform((value, issues) => {
    const jid = normalized(value)
    if (jid !== undefined) return jid
    issues.addIssue({ code: 'custom', message: `${name} is not a valid id: use number@s.whatsapp.net` })
    return z.NEVER
  })
}

/** The JID of a chat of any kind, for what WhatsApp is asked about: a bare number counts as a phone number. */
export function chat(name: string) {
  return recipient(name).transform(phoneJid)
}

/** The JID of a person: `number@s.whatsapp.net`, `…@lid`, or a bare phone number. */
export function person(name: string) {
  return chat(name).transform((jid, issues) => {
    if (isPerson(jid)) return jid
    issues.addIssue({ code: 'custom', message: `${name} is not a person` })
    return z.NEVER
  })
}

function phoneJid(id: string): string {
  return id.includes('@') ? id : `${id}@s.whatsapp.net`
}

function isPerson(jid: string): boolean {
  return /@(s\.whatsapp\.net|lid|bot)$/.test(jid)
}

/** The JID of a group: `120363…@g.us`; the digits alone will do. */
export function group(name: string) {
  return recipient(name).transform((value, issues) => {
    const jid = value.includes('@') ? value : `${value}@g.us`
    if (isGroupJid(jid)) return jid
    issues.addIssue({ code: 'custom', message: `${name} is not a group` })
    return z.NEVER
  })
}

/** The JID of a channel: `120363…@newsletter`; the digits alone will do. */
export function channel(name: string) {
  return recipient(name).transform((value, issues) => {
    const jid = value.includes('@') ? value : `${value}@newsletter`
    if (isChannelJid(jid)) return jid
    issues.addIssue({ code: 'custom', message: `${name} is not a channel` })
    return z.NEVER
  })
}

/** A list of people, at least one. */
export function people(name: string) {
  return requiredList(name, { each: limits.address }).transform(toPeople(name))
}

/** A list of people that may be empty or absent. */
export function peopleIfAny(name: string) {
  return stringArray({ each: limits.address }).transform(toPeople(name))
}

/** One person, or a list of at least one. */
export function onePersonOrMore(name: string) {
  return z
    .union(
      [
        textUpTo(limits.address, z.string().min(1)),
        listUpTo(limits.lookUp, z.array(textUpTo(limits.address, z.string())).min(1)),
      ],
      `${name} is required`,
    )
    .transform((value) => [value].flat())
    .transform(toPeople(name))
}

function toPeople(name: string) {
  return (values: string[], issues: z.RefinementCtx): string[] => {
    const jids = values.map((value) => phoneJid(normalized(value) ?? '')).filter(isPerson)
    if (jids.length === values.length && !jids.includes('@s.whatsapp.net')) return jids
    issues.addIssue({ code: 'custom', message: `${name} holds an id that is not valid` })
    return z.NEVER
  }
}

/** A phone number with its country code, in whatever form, or the JID made of it. Yields the digits. */
export function phoneNumber(name: string) {
  return required(name, limits.address).transform((value, issues) => {
    const digits = value.replace(/@(c\.us|s\.whatsapp\.net)$/, '').replace(/^\+|[\s().-]/g, '')
    if (/^\d{5,20}$/.test(digits)) return digits
    issues.addIssue({ code: 'custom', message: `${name} is not a phone number with its country code` })
    return z.NEVER
  })
}

/** A whole number of a query string; undefined when absent. */
export function count(name: string) {
  return z
    .string()
    .regex(/^\d{1,9}$/, `${name} is not a whole number`)
    .transform(Number)
    .optional()
}
