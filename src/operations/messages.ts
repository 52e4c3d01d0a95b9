import type { Sent } from '../whatsapp/outgoing.ts'
import type { LiveSession } from '../whatsapp/session.ts'

/** Messages of one chat that were read. */
export interface ReadMarks {
  /** JID of the chat. */
  chat: string
  /** Who wrote them; needed in groups. */
  sender?: string
  ids: string[]
}

/** Sends read receipts; with receipts switched off in the account's privacy only its own devices learn of it. */
export function markRead(session: LiveSession, { chat, sender, ids }: ReadMarks): Promise<void> {
  // Only receipts to groups and lists name a participant; one to a person that does is refused.
  const participant = /@(g\.us|broadcast)$/.test(chat) ? sender : undefined
  const keys = ids.map((id) => ({ remoteJid: chat, participant, id, fromMe: false }))
  return session.call((socket) => socket.readMessages(keys))
}

/** An emoji on a message. */
export interface Reaction {
  /** JID of the chat. */
  chat: string
  /** The message reacted to. */
  id: string
  fromMe: boolean
  /** Who wrote that message; needed in groups. */
  participant?: string
  /** '' takes the reaction back. */
  emoji: string
}

/** Reacts to a message; resolves when the server has acknowledged the reaction. */
export async function react(session: LiveSession, reaction: Reaction): Promise<Sent> {
  const { chat, id, fromMe, participant, emoji } = reaction
  return session.send({
    to: chat,
    message: {
      reactionMessage: {
        key: { remoteJid: chat, fromMe, id, ...(participant && !fromMe && { participant }) },
        text: emoji,
        senderTimestampMs: Date.now(),
      },
    },
  })
}
