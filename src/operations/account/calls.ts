import { ApiError } from '../../lib/errors.ts'
import { newMessageId } from '../../lib/ids.ts'
import type { LiveSession } from '../../whatsapp/session/session.ts'
import { withoutDevice } from '../../whatsapp/wire/jid.ts'
import { element } from '../ask.ts'

/** A call that rings. */
export interface IncomingCall {
  /** JID of the caller. */
  from: string
  id: string
}

/** Rejects a call. WhatsApp does not answer. */
export function rejectCall(session: LiveSession, { from, id }: IncomingCall): Promise<void> {
  const caller = withoutDevice(from)
  const reject = element('reject', { 'call-id': id, 'call-creator': caller, count: '0' })
  const attrs = { id: newMessageId(), from: withoutDevice(session.me.pn), to: caller }
  return session.call((socket) => socket.sendNode(element('call', attrs, [reject])))
}

/** Voice and video travel outside WhatsApp's messages, and no library for them exists: always `unsupported`. */
export function carryVoice(): never {
  throw new ApiError('unsupported', {
    text: 'voice and video calls are not supported: a linked device of this server can only reject them',
  })
}
