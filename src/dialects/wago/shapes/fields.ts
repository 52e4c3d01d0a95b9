import { z } from 'zod'
import { requiredFile, requiredStringArray, requiredText, textUpTo } from '../../../http/endpoint/fields.ts'
import { type Limit, limits } from '../../../lib/limits.ts'
import { addressFields } from '../../shared/address-fields.ts'

/** The sentence for a field that is absent or empty. */
export function missing(name: string): string {
  return `missing ${name} in payload`
}

/** A string that must not be empty: `missing Phone in payload`. */
export function required(name: string, limit?: Limit) {
  return requiredText(missing(name), limit)
}

/** A file that must be there: a data URL, an http(s) address or a part of a form. */
export function requiredMedia(name: string) {
  return requiredFile(missing(name))
}

/** The fields that name people and chats: a bare number or a JID. */
export const { recipient, chat, person, group, groups, channel, people, onePersonOrMore } = addressFields({
  missing,
  invalid: (name) => `could not parse ${name}`,
  wrongKind: (name, wanted) => `${name} is not a ${wanted}`,
  invalidEntry: (name) => `could not parse ${name}`,
})

/** One address or a list of at least one, not parsed: for answers that repeat what was asked. */
export function onePhoneOrMore(name: string) {
  return z
    .union(
      [
        textUpTo(limits.address, z.string().min(1, missing(name))),
        requiredStringArray(missing(name), { each: limits.address, all: limits.lookUp }),
      ],
      missing(name),
    )
    .transform((value) => [value].flat())
}

/** `number@broadcast`, the JID of a broadcast list; the digits alone will do. */
export function broadcastList(name: string) {
  return required(name, limits.address)
    .transform((value, issues) => {
      const [, id] = /^(\d{5,20}|status)(?:@broadcast)?$/.exec(value) ?? []
      if (id !== undefined) return `${id}@broadcast`
      issues.addIssue({ code: 'custom', message: `could not parse ${name}` })
      return z.NEVER
    })
    .meta({ example: '1773500966@broadcast' })
}
