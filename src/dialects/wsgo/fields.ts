import { z } from 'zod'
import { bool, requiredText, stringArray } from '../../http/endpoint/fields.ts'
import { type Limit, limits } from '../../lib/limits.ts'

/** A string that must not be empty: `message is required`. */
export function required(name: string, limit?: Limit) {
  return requiredText(`${name} is required`, limit)
}

/** An international number, with or without `+`; at most 15 digits (E.164). */
const NUMBER = /^\+?[1-9]\d{4,14}$/
const JID = /^([\d-]+|status)(?::\d+)?@(s\.whatsapp\.net|lid|g\.us|newsletter|broadcast)$/

/** Whom a message goes to: an international number, or the JID of a person, a group or a channel. */
export function phone(name: string) {
  return required(name, limits.address).transform((value, issues) => {
    const given = value.trim()
    if (NUMBER.test(given)) return given.replace('+', '')
    const [, user, server] = JID.exec(given) ?? []
    if (user !== undefined) return `${user}@${server}`
    issues.addIssue({
      code: 'custom',
      message: `${name} must be an international number such as 573001234567, or a JID`,
    })
    return z.NEVER
  })
}

/** A group: `120363…@g.us`; the digits alone will do. */
export function group(name: string) {
  return required(name, limits.address).transform((value, issues) => {
    const [, id] = /^([\d-]+)(?:@g\.us)?$/.exec(value.trim()) ?? []
    if (id !== undefined) return `${id}@g.us`
    issues.addIssue({ code: 'custom', message: `${name} must be the JID of a group: 120363…@g.us` })
    return z.NEVER
  })
}

/** The fields by which a message says whom it mentions. */
export const mentionFields = {
  mentions: stringArray({ each: limits.address })
    .transform((values, issues) => {
      const people = values.map((value) => personAt(value.trim()))
      if (people.every((jid) => jid !== undefined)) return people
      issues.addIssue({
        code: 'custom',
        message: 'mentions must hold international numbers or JIDs of people',
      })
      return z.NEVER
    })
    .describe('Numbers or JIDs of people named in the text'),
  mention_all: bool().describe('Mention everybody in the group'),
}

/** What the operations are told of them. */
export function mentionsOf(body: { mentions: string[]; mention_all: boolean }) {
  return { mentions: body.mentions, everybody: body.mention_all }
}

function personAt(given: string): string | undefined {
  if (NUMBER.test(given)) return `${given.replace('+', '')}@s.whatsapp.net`
  const [, user, server = ''] = JID.exec(given) ?? []
  return ['s.whatsapp.net', 'lid'].includes(server) ? `${user}@${server}` : undefined
}

/** A Unix instant in seconds as an RFC 3339 string in UTC: `2026-06-09T12:00:00Z`. */
export function instant(unixSeconds: number): string {
  return `${new Date(unixSeconds * 1000).toISOString().slice(0, 19)}Z`
}
