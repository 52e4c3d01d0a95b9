import { z } from 'zod'
import {
  listUpTo,
  requiredStringArray,
  requiredText,
  stringArray,
  textUpTo,
} from '../../http/endpoint/fields.ts'
import { isChannelJid, isGroupJid } from '../../lib/jid.ts'
import { limits } from '../../lib/limits.ts'
import { CHANNEL, GROUP, PERSON } from './documents/example-values.ts'

/** A field that may be left out; an empty text counts as absent, as `null` does. */
export function ifGiven<Field extends z.ZodType>(field: Field) {
  return z.preprocess((value) => (value === '' ? undefined : value), field.optional()).optional()
}

/** What a dialect says of a field with an address that cannot be taken. */
export interface AddressWords {
  /** It is absent or empty. */
  missing(name: string): string
  /** It is neither a number nor a JID. */
  invalid(name: string): string
  /** It is a JID, but of something else. */
  wrongKind(name: string, wanted: 'person' | 'group' | 'channel'): string
  /** It is a list that holds one of those. */
  invalidEntry(name: string): string
}

const SERVERS = ['s.whatsapp.net', 'lid', 'g.us', 'newsletter', 'broadcast', 'bot']

/** `number@c.us`, the older name of people, is `number@s.whatsapp.net`; a bare number stays as it is. */
function normalized(given: string): string | undefined {
  const [user = '', server, ...more] = given.trim().split('@')
  if (more.length > 0) return undefined
  if (server === undefined) return /^\+?\d{5,20}$/.test(user) ? user.replace('+', '') : undefined
  const known = server === 'c.us' ? 's.whatsapp.net' : server
  if (!SERVERS.includes(known) || !/^[\w.:-]+$/.test(user)) return undefined
  return `${user.replace(/[.:].*$/, '')}@${known}`
}

function phoneJid(id: string): string {
  return id.includes('@') ? id : `${id}@s.whatsapp.net`
}

/** The digits alone will do. */
function groupJid(given: string): string | undefined {
  const id = normalized(given) ?? ''
  const jid = id.includes('@') ? id : `${id}@g.us`
  return id !== '' && isGroupJid(jid) ? jid : undefined
}

function isPerson(jid: string): boolean {
  return /@(s\.whatsapp\.net|lid|bot)$/.test(jid)
}

/** The fields that name people and chats, in a dialect's words. */
export function addressFields(words: AddressWords) {
  /** A chat or person that must be there: a JID, or a bare number, which the session resolves. */
  function recipient(name: string) {
    return requiredText(words.missing(name), limits.address).transform((value, issues) => {
      const jid = normalized(value)
      if (jid !== undefined) return jid
      issues.addIssue({ code: 'custom', message: words.invalid(name) })
      return z.NEVER
    })
  }

  /** The JID of a chat of any kind, for what WhatsApp is asked about: a bare number counts as a phone number. */
  function chat(name: string) {
    return recipient(name).transform(phoneJid).meta({ example: PERSON })
  }

  /** The JID of a person: `number@s.whatsapp.net`, `…@lid`, or a bare phone number. */
  function person(name: string) {
    return chat(name)
      .transform((jid, issues) => {
        if (isPerson(jid)) return jid
        issues.addIssue({ code: 'custom', message: words.wrongKind(name, 'person') })
        return z.NEVER
      })
      .meta({ example: PERSON })
  }

  /** The JID of a group: `120363…@g.us`; the digits alone will do. */
  function group(name: string) {
    return recipient(name)
      .transform((value, issues) => {
        const jid = groupJid(value)
        if (jid !== undefined) return jid
        issues.addIssue({ code: 'custom', message: words.wrongKind(name, 'group') })
        return z.NEVER
      })
      .meta({ example: GROUP })
  }

  /** One group, or a list of at least one. */
  function groups(name: string) {
    return oneOrMore(name)
      .transform((values, issues) => {
        const jids = values.map(groupJid).filter((jid) => jid !== undefined)
        if (jids.length === values.length) return jids
        issues.addIssue({ code: 'custom', message: words.invalidEntry(name) })
        return z.NEVER
      })
      .meta({ example: GROUP })
  }

  function oneOrMore(name: string) {
    return z
      .union(
        [
          textUpTo(limits.address, z.string().min(1, words.missing(name))),
          listUpTo(limits.lookUp, z.array(textUpTo(limits.address, z.string())).min(1, words.missing(name))),
        ],
        words.missing(name),
      )
      .transform((value) => [value].flat())
  }

  /** The JID of a channel: `120363…@newsletter`; the digits alone will do. */
  function channel(name: string) {
    return recipient(name)
      .transform((value, issues) => {
        const jid = value.includes('@') ? value : `${value}@newsletter`
        if (isChannelJid(jid)) return jid
        issues.addIssue({ code: 'custom', message: words.wrongKind(name, 'channel') })
        return z.NEVER
      })
      .meta({ example: CHANNEL })
  }

  /** A list of people, at least one. */
  function people(name: string) {
    return requiredStringArray(words.missing(name), { each: limits.address })
      .transform(toPeople(name))
      .meta({ example: [PERSON] })
  }

  /** A list of people that may be empty or absent. */
  function peopleIfAny(name: string) {
    return stringArray({ each: limits.address })
      .transform(toPeople(name))
      .meta({ example: [PERSON] })
  }

  /** One person, or a list of at least one. */
  function onePersonOrMore(name: string) {
    return oneOrMore(name)
      .transform(toPeople(name))
      .meta({ example: [PERSON] })
  }

  function toPeople(name: string) {
    return (values: string[], issues: z.RefinementCtx): string[] => {
      const jids = values.map((value) => phoneJid(normalized(value) ?? '')).filter(isPerson)
      if (jids.length === values.length && !jids.includes('@s.whatsapp.net')) return jids
      issues.addIssue({ code: 'custom', message: words.invalidEntry(name) })
      return z.NEVER
    }
  }

  return { recipient, chat, person, group, groups, channel, people, peopleIfAny, onePersonOrMore }
}
