import type { Event, MessageEvent } from '../../events/event.ts'
import { ApiError } from '../../lib/errors.ts'
import { isBroadcastJid, isChannelJid } from '../../lib/jid.ts'
import { withoutDevice } from '../../whatsapp/wire/jid.ts'
import type { Services } from '../services.ts'
import { markRead, type ReadMarks } from './messages.ts'

/** Messages of one session that are to be marked, by chat and author. */
type Waiting = Map<string, ReadMarks>

/**
 * Marks every incoming message as read from now on, as if somebody had looked at the chat. Posts of channels and
 * statuses are left alone: there it would count as a view. Returns what ends it.
 */
export function startMarkingSeen({
  events,
  sessions,
  log,
}: Pick<Services, 'events' | 'sessions' | 'log'>): () => void {
  const waiting = new Map<string, Waiting>()

  async function markAll(userId: string, chats: Waiting): Promise<void> {
    // What comes in meanwhile gathers for the next receipt.
    for (const [key, marks] of chats) {
      chats.delete(key)
      try {
        await markRead(sessions.live(userId), marks)
      } catch (error) {
        // A session that was closed meanwhile: the messages stay unread, as they would without this.
        if (error instanceof ApiError) log.debug({ err: error, session: userId }, 'could not mark as read')
        else log.error({ err: error, session: userId }, 'could not mark as read')
      }
    }
    waiting.delete(userId)
  }

  function note(userId: string, messages: MessageEvent[]): void {
    const known = waiting.get(userId)
    const chats = known ?? new Map<string, ReadMarks>()
    for (const { id, chat, sender } of messages) {
      const key = `${chat} ${sender}`
      const marks = chats.get(key) ?? { chat, sender: withoutDevice(sender), ids: [] }
      marks.ids.push(id)
      chats.set(key, marks)
    }
    if (known) return
    waiting.set(userId, chats)
    void markAll(userId, chats)
  }

  return events.listen((userId, recorded) => {
    const messages = recorded.map(({ event }) => event).filter(isIncoming)
    if (messages.length > 0) note(userId, messages)
  })
}

function isIncoming(event: Event): event is MessageEvent {
  if (event.type !== 'message' || event.fromMe || event.category === 'peer') return false
  return !isChannelJid(event.chat) && !isBroadcastJid(event.chat)
}
