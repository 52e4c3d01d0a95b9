import { isLidJid } from '../../lib/jid.ts'
import { ownMember } from '../../lib/own-member.ts'
import { jidDecode } from '../../whatsapp/library/engine.ts'
import type { LiveSession } from '../../whatsapp/session/session.ts'

/** The LID of a phone-number JID as far as the session has learnt it, else ''. WhatsApp is not asked. */
export async function findLid(session: LiveSession, phone: string): Promise<string> {
  const lid = await learnt(session, userOf(phone))
  return lid && `${lid}@lid`
}

/** The phone-number JID of a LID as far as the session has learnt it, else ''. WhatsApp is not asked. */
export async function findPhone(session: LiveSession, lid: string): Promise<string> {
  const phone = await learnt(session, `${userOf(lid)}_reverse`)
  return phone && `${phone}@s.whatsapp.net`
}

/** The same JIDs, LIDs replaced by phone-number JIDs as far as the session has learnt them. WhatsApp is not asked. */
export function namedByPhone(session: LiveSession, jids: string[]): Promise<string[]> {
  const keyOf = (jid: string) => (isLidJid(jid) ? `${userOf(jid)}_reverse` : '')
  const keys = jids.map(keyOf).filter((key) => key !== '')
  return session.call(async ({ authState }) => {
    const phones = keys.length > 0 ? await authState.keys.get('lid-mapping', keys) : {}
    return jids.map((jid) => {
      const phone = ownMember(phones, keyOf(jid))
      return phone ? `${phone}@s.whatsapp.net` : jid
    })
  })
}

/** The table as the library keeps it: user parts, `<lid>_reverse` -> phone. */
function learnt(session: LiveSession, key: string): Promise<string> {
  return session.call(
    async ({ authState }) => ownMember(await authState.keys.get('lid-mapping', [key]), key) ?? '',
  )
}

function userOf(jid: string): string {
  return jidDecode(jid)?.user ?? ''
}
