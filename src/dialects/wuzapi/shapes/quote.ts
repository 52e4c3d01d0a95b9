import type { z } from 'zod'
import { ApiError } from '../../../lib/errors.ts'
import type { contextInfo, quotedMessage } from './fields.ts'

/** The members of a send request that make it a reply, a mention or a forward. */
export interface References {
  ContextInfo?: z.infer<typeof contextInfo>
  QuotedText?: string
  QuotedMessage?: z.infer<typeof quotedMessage>
}

/** What the operation is told of them. */
export interface MessageContext {
  quoted?: { id: string; participant: string; message?: Record<string, unknown> }
  mentions?: string[]
  everybody?: boolean
  forwarded?: boolean
}

/**
 * Reads them; a text or message to quote has no effect without the id of the message it belongs to.
 * Throws `missing_field` when only one of the two members of a reply is there; an empty one counts as there.
 */
export function messageContext({ ContextInfo, QuotedText, QuotedMessage }: References): MessageContext {
  if (ContextInfo === undefined) return {}
  const { StanzaID, Participant, MentionedJID, MentionAll, IsForwarded } = ContextInfo
  if (StanzaID !== undefined && Participant === undefined) throw missing('Participant')
  if (Participant !== undefined && StanzaID === undefined) throw missing('StanzaID')

  const text = QuotedText ? { extendedTextMessage: { text: QuotedText } } : undefined
  const message = QuotedMessage ?? text
  return {
    ...(StanzaID !== undefined &&
      Participant !== undefined && { quoted: { id: StanzaID, participant: Participant, message } }),
    ...(MentionedJID !== undefined && { mentions: MentionedJID }),
    ...(MentionAll === true && { everybody: true }),
    ...(IsForwarded === true && { forwarded: true }),
  }
}

function missing(member: string): ApiError {
  return new ApiError('missing_field', { text: `missing ${member} in ContextInfo` })
}
