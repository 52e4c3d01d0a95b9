import { setTimeout as delay } from 'node:timers/promises'
import { ApiError } from '../../lib/errors.ts'
import type { LiveSession } from '../../whatsapp/session/session.ts'
import { setChatPresence, setPresence } from './presence.ts'

/** How a message is led up to, so that it looks as if somebody wrote it. */
export interface LeadIn {
  /** JID of the chat, or a bare number. */
  chat: string
  /** Show the account online until the message is sent. */
  online: boolean
  /** How long to show that it is typed, milliseconds; 0 shows nothing. */
  typingMs: number
  /** `audio` shows that it is recorded instead. */
  media: '' | 'audio'
}

/** Leads up to what `send` does. Only the sending counts: WhatsApp does not answer the rest, and no failure of it is told. */
export async function withLeadIn<Result>(
  session: LiveSession,
  { chat, online, typingMs, media }: LeadIn,
  send: () => Promise<Result>,
): Promise<Result> {
  if (online) await quietly(() => setPresence(session, 'available'))
  try {
    if (typingMs > 0) {
      const to = await session.resolve(chat)
      await quietly(() => setChatPresence(session, { chat: to, state: 'composing', media }))
      await delay(typingMs)
      await quietly(() => setChatPresence(session, { chat: to, state: 'paused', media: '' }))
    }
    return await send()
  } finally {
    if (online) await quietly(() => setPresence(session, 'unavailable'))
  }
}

/** Does what nobody misses when it fails, such as showing a presence while the session is not connected. */
export async function quietly(show: () => Promise<void>): Promise<void> {
  await show().catch((error: unknown) => {
    if (!(error instanceof ApiError) || error.code === 'internal') throw error
  })
}
