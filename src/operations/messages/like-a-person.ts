import { setTimeout as delay } from 'node:timers/promises'
import { isBroadcastJid, isChannelJid } from '../../lib/jid.ts'
import type { LiveSession } from '../../whatsapp/session/session.ts'
import { setChatPresence, setPresence } from '../chats/presence.ts'

/** What is shown while a message is on its way. */
export interface Shown {
  /** Phone number or JID of whom it is shown to. */
  to: string
  /** For how long somebody types or records before; undefined or 0 for not at all. */
  typingMs?: number
  /** A voice message is recorded, not typed. */
  isRecording?: boolean
  /** The account is online meanwhile, and offline afterwards. */
  isOnline: boolean
}

/**
 * Sends as a person would: comes online, types for a while, sends, goes. Throws what `send` throws, and `not_logged_in` or
 * `not_connected` before anything is shown; that something could not be shown keeps no message back.
 */
export async function sendLikeAPerson<Sent>(
  session: LiveSession,
  { to, typingMs = 0, isRecording = false, isOnline }: Shown,
  send: () => Sent | Promise<Sent>,
): Promise<Sent> {
  await session.ready()
  const chat = await session.resolve(to)
  // Channels and statuses show nobody who types.
  const types = typingMs > 0 && !isChannelJid(chat) && !isBroadcastJid(chat)
  const show = (what: Promise<void>) =>
    what.catch((error: unknown) => session.log.debug({ err: error }, 'could not show that we write'))
  const media = isRecording ? 'audio' : ''

  if (isOnline) await show(setPresence(session, 'available'))
  try {
    if (types) {
      await show(setChatPresence(session, { chat, state: 'composing', media }))
      await delay(typingMs)
      await show(setChatPresence(session, { chat, state: 'paused', media: '' }))
    }
    return await send()
  } finally {
    if (isOnline) await show(setPresence(session, 'unavailable'))
  }
}

/** A time between two, each as likely; the first where they are the wrong way round. */
export function timeBetween(leastMs: number, mostMs: number, random = Math.random): number {
  return Math.round(leastMs + Math.max(0, mostMs - leastMs) * random())
}
