import { ApiError } from '../../lib/errors.ts'
import { isLidJid } from '../../lib/jid.ts'
import type { LiveSession } from '../../whatsapp/session/session.ts'
import { keepForcedReceipts } from '../account/activity.ts'

/** Shows the account as online or offline. Throws `upstream_refused` while the account's own name is unknown. */
export function setPresence(session: LiveSession, presence: 'available' | 'unavailable'): Promise<void> {
  return session.call(async (socket) => {
    // WhatsApp wants the name in the stanza; the library drops the request silently when it has none.
    if (!socket.authState.creds.me?.name) {
      throw new ApiError('upstream_refused', { text: "can't send presence without PushName set" })
    }
    await socket.sendPresenceUpdate(presence)
    keepForcedReceipts(socket)
  })
}

/** What a chat is shown of us. */
export interface ChatPresence {
  /** JID of the chat. */
  chat: string
  /** `composing` or `paused`; passed on as it is. */
  state: string
  /** `audio` while recording, '' while typing. */
  media: string
}

/** Tells a chat that we are typing, recording or have stopped. WhatsApp does not answer. */
export function setChatPresence(session: LiveSession, { chat, state, media }: ChatPresence): Promise<void> {
  const from = (isLidJid(chat) && session.me.lid) || session.me.pn
  // The library knows three states only; callers may name any, and WhatsApp ignores what it does not know.
  return session.call((socket) =>
    socket.sendNode({
      tag: 'chatstate',
      attrs: { from, to: chat },
      content: [{ tag: state, attrs: media === '' ? {} : { media } }],
    }),
  )
}

/** Asks WhatsApp to tell us when a contact comes online; `presence` events follow. */
export function subscribePresence(session: LiveSession, jid: string): Promise<void> {
  return session.call((socket) => socket.presenceSubscribe(jid))
}
