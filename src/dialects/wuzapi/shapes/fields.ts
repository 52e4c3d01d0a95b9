import { z } from 'zod'
import {
  bool,
  optional,
  requiredStringArray,
  requiredText,
  stringArray,
  text,
} from '../../../http/endpoint/fields.ts'
import { ApiError } from '../../../lib/errors.ts'
import { type Limit, limits } from '../../../lib/limits.ts'
import { parseLibraryJid, withoutDevice } from '../../shared/whatsmeow/jid.ts'

/** A string that must not be empty: `missing Phone in Payload`. */
export function required(name: string, limit?: Limit) {
  return requiredText(`missing ${name} in Payload`, limit)
}

/** A list of strings that must not be empty. */
export function requiredList(name: string, bounds: { each?: Limit; all?: Limit }) {
  return requiredStringArray(`missing ${name} in Payload`, bounds)
}

/** The `missing … in Payload` of a field that is checked only after others were parsed. */
export function demand(value: string, name: string): string {
  if (value === '') throw new ApiError('missing_field', { text: `missing ${name} in Payload` })
  return value
}

/**
 * A JID the decoder itself parses, so that a bad one makes the body undecodable; `''` when absent. Yields the chat
 * without device. A bare number, which the original sends to nobody, is read as a phone number.
 */
export const libraryJid = text(limits.address).transform((value, issues) => {
  try {
    const jid = parseLibraryJid(value)
    return /^\d+$/.test(value) ? `${value}@s.whatsapp.net` : withoutDevice(jid)
  } catch {
    issues.addIssue({ code: 'custom', params: { undecodable: true } })
    return z.NEVER
  }
})

/** What a message refers to. All other members of the original structure are accepted and have no effect. */
export const contextInfo = z
  .object({
    StanzaID: optional(text(limits.messageId)).describe('Id of the message this one replies to'),
    Participant: optional(text(limits.address)).describe('JID of the person who sent that message'),
    MentionedJID: optional(stringArray({ each: limits.address })).describe(
      'JIDs of the people mentioned in the text',
    ),
    MentionAll: optional(bool()).describe('Mention everybody in the group'),
    IsForwarded: optional(bool()),
  })
  .optional()

/** The message replied to, as protobuf JSON: `{"conversation":"…"}`. */
export const quotedMessage = z.record(z.string(), z.unknown()).optional()

/** Answer of an operation that has nothing to tell but a sentence. */
export const details = z.object({ Details: z.string() }).meta({ title: 'Details' })
