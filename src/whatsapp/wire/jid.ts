import { ApiError } from '../../lib/errors.ts'
import { ownMember } from '../../lib/own-member.ts'
import { jidDecode, jidNormalizedUser } from '../library/engine.ts'

/** The phone/LID pairs a session has learnt, as the library keeps them: user parts, `<lid>_reverse` -> phone. */
export type LidMappings = (ids: string[]) => Promise<Record<string, string>>

/**
 * The JID a message to `to` goes to: an explicit JID as it is, a bare number through the local phone/LID table.
 * A number known as a phone goes to its LID, as WhatsApp's own clients do.
 * Throws `invalid_jid` when the number is mapped both as a phone and as a LID.
 */
export async function resolveRecipient(to: string, mappings: LidMappings): Promise<string> {
  if (to.includes('@')) return to
  const id = to.replace(/^\+/, '')
  const known = await mappings([id, `${id}_reverse`])
  const [lid, phone] = [ownMember(known, id), ownMember(known, `${id}_reverse`)]
  if (lid && phone) {
    throw new ApiError('invalid_jid', {
      text: `ambiguous bare identifier "${id}": it is mapped as both a PN and a LID; include @lid or @s.whatsapp.net`,
    })
  }
  if (lid) return `${lid}@lid`
  if (phone) return `${id}@lid`
  return `${id}@s.whatsapp.net`
}

/** `user@server` of a JID that may carry a device: `5511:7@s.whatsapp.net` -> `5511@s.whatsapp.net`. */
export function withoutDevice(jid: string | undefined): string {
  return jid ? jidNormalizedUser(jid) : ''
}

/** The user part of a JID, without server and device; empty when it is not a JID. */
export function userPart(jid: string | undefined): string {
  return jidDecode(jid)?.user ?? ''
}
