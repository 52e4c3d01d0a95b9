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
export async function rejectCall(session: LiveSession, { from, id }: IncomingCall): Promise<void> {
  await session.calls?.caughtUp()
  const own = session.calls?.find(id)
  if (own?.direction === 'incoming' && own.state === 'ringing') {
    await session.calls?.reject(id)
    return
  }
  const caller = withoutDevice(from)
  const reject = element('reject', { 'call-id': id, 'call-creator': caller, count: '0' })
  const attrs = { id: newMessageId(), from: withoutDevice(session.me.pn), to: caller }
  await session.call((socket) => socket.sendNode(element('call', attrs, [reject])))
}
