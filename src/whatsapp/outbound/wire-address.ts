import { isPnUser, jidDecode, type WASocket } from '../library/engine.ts'
import { withoutDevice } from '../wire/jid.ts'

/** The recipient in a stanza, and what stands beside it. */
export interface WireAddress {
  to: string
  attributes: Record<string, string>
}

/**
 * How the stanza of a message to `to` names its recipient. WhatsApp's clients of 2026 address every chat of two by LID and
 * name the number beside it; the library writes to whichever JID it is given. The LID of a number is asked for where it is
 * not known; without one the number stays. Rejects with the library's errors.
 * Source: whatsmeow 2026-09-21, `send.go`.
 */
export async function wireAddress({ signalRepository }: WASocket, to: string): Promise<WireAddress> {
  const isPerson = isPnUser(to) && !jidDecode(to)?.device
  const lid = isPerson ? await signalRepository.lidMapping.getLIDForPN(withoutDevice(to)) : null
  return lid
    ? { to: withoutDevice(lid), attributes: { peer_recipient_pn: withoutDevice(to) } }
    : { to, attributes: {} }
}
