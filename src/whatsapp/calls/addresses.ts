import { bare, isLidJid, isPhoneJid } from '../../lib/jid.ts'
import { ownMember } from '../../lib/own-member.ts'
import type { WASocket } from '../library/engine.ts'
import { userPart } from '../wire/jid.ts'

/** The phone-number JID of a LID as far as the session has learnt it, else ''. WhatsApp is not asked. */
export async function numberOf(socket: WASocket | undefined, lid: string): Promise<string> {
  const key = `${userPart(lid)}_reverse`
  const known = (await socket?.authState.keys.get('lid-mapping', [key])) ?? {}
  const phone = ownMember(known, key)
  return phone ? `${phone}@s.whatsapp.net` : ''
}

/** The LID of a person, for which WhatsApp is asked where the session has not learnt it; '' for whoever has none. */
export async function lidOf(socket: WASocket, jid: string): Promise<string> {
  if (isLidJid(jid)) return bare(jid)
  if (!isPhoneJid(jid)) return ''
  return bare((await socket.signalRepository.lidMapping.getLIDForPN(bare(jid))) ?? '')
}
