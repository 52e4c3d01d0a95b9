import { bare, isLidJid, isPhoneJid } from '../../lib/jid.ts'
import { otherIdentity } from '../inbound/identities.ts'
import type { WASocket } from '../library/engine.ts'

/** The phone-number JID of a LID as far as the session has learnt it, else ''. WhatsApp is not asked. */
export async function numberOf(socket: WASocket | undefined, lid: string): Promise<string> {
  if (socket === undefined) return ''
  return otherIdentity(lid, async (ids) => socket.authState.keys.get('lid-mapping', ids))
}

/** The LID of a person, for which WhatsApp is asked where the session has not learnt it; '' for whoever has none. */
export async function lidOf(socket: WASocket, jid: string): Promise<string> {
  if (isLidJid(jid)) return bare(jid)
  if (!isPhoneJid(jid)) return ''
  return bare((await socket.signalRepository.lidMapping.getLIDForPN(bare(jid))) ?? '')
}
