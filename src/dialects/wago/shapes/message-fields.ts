import { z } from 'zod'
import { bool, optional, stringArray, text } from '../../../http/endpoint/fields.ts'
import { ApiError } from '../../../lib/errors.ts'
import { limits } from '../../../lib/limits.ts'
import { hasMembers } from '../../../lib/message-ref.ts'
import { missing, recipient } from './fields.ts'

/** What a message refers to. Members that the document does not name are accepted and have no effect. */
const contextInfo = z
  .object({
    StanzaId: text(limits.messageId).describe('Id of the message this one replies to'),
    Participant: text(limits.address).describe('Who wrote that message; needed in groups'),
    MentionedJid: optional(stringArray({ each: limits.address })).describe(
      'JIDs of people named in the text',
    ),
    MentionAll: bool().describe('Mention everybody in the group'),
    IsForwarded: bool(),
  })
  .optional()

/** The recipient of a message. */
export const phone = recipient('Phone').describe('Phone number with country code, or JID')

/** The id of a message. */
export const id = text(limits.messageId).describe('Id for the message; a random one when empty')

/** The fields that most messages have beside their content. */
export const messageFields = { Id: id, ContextInfo: contextInfo }

/** What the operations are told of these fields. Throws `missing_field` for a reply in a group that names no author. */
export function addressed(body: {
  Phone: string
  Id?: string
  ContextInfo?: z.infer<typeof contextInfo>
  Forward?: boolean
}) {
  const { Phone: to, Id, ContextInfo } = body
  const { StanzaId = '', Participant = '', MentionedJid, MentionAll, IsForwarded } = ContextInfo ?? {}
  if (StanzaId !== '' && Participant === '' && hasMembers(to))
    throw new ApiError('missing_field', { text: missing('Participant') })
  const author = Participant || (to.includes('@') ? to : `${to}@s.whatsapp.net`)
  return {
    to,
    id: Id,
    ...(StanzaId !== '' && { quoted: { id: StanzaId, participant: author } }),
    ...(MentionedJid !== undefined && { mentions: MentionedJid }),
    ...(MentionAll === true && { everybody: true }),
    ...((IsForwarded === true || body.Forward === true) && { forwarded: true }),
  }
}
