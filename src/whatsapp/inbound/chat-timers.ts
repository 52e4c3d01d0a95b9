import type { MessageEvent } from '../../events/event.ts'
import type { JsonObject } from '../../events/event-parts.ts'
import { contentOf } from '../../events/message-kinds.ts'
import { objectAt, unwrapMessage } from '../../events/unwrap.ts'
import { bare, isPersonJid } from '../../lib/jid.ts'
import type { ChatTimer } from '../../store/messages/chat-timers.ts'
import { proto } from '../library/engine.ts'

const { EPHEMERAL_SETTING } = proto.Message.ProtocolMessage.Type
/** A year: phones offer 90 days at most. */
const LONGEST_SECONDS = 366 * 24 * 3600

/** What messages tell of the timers of chats with one person: that it was set, or that they disappear themselves. */
export function timersIn(userId: string, messages: MessageEvent[]): ChatTimer[] {
  return messages.flatMap((event): ChatTimer[] => {
    if (!isPersonJid(event.chat)) return []
    const { message } = unwrapMessage(event.raw)
    const timer = settingIn(objectAt(message, 'protocolMessage')) ?? termIn(contentOf(message)?.content)
    return timer ? [timerOf({ userId, chat: event.chat, at: event.timestamp }, timer)].filter(isSensible) : []
  })
}

/** What a phone's history tells of them. */
export function timersInHistory(userId: string, { conversations }: proto.IHistorySync): ChatTimer[] {
  return (conversations ?? []).flatMap(({ id, ephemeralExpiration, ephemeralSettingTimestamp }) => {
    if (!id || !isPersonJid(id) || !ephemeralExpiration) return []
    const timer = { seconds: ephemeralExpiration, setAt: Number(ephemeralSettingTimestamp ?? 0) }
    return [timerOf({ userId, chat: id, at: 0 }, timer)].filter(isSensible)
  })
}

/** What a message sent from here says of the timer of its chat. `at` in unix seconds. */
export function timerSent(
  { protocolMessage }: proto.IMessage,
  sent: { userId: string; chat: string; at: number },
): ChatTimer | undefined {
  if (protocolMessage?.type !== EPHEMERAL_SETTING || !isPersonJid(sent.chat)) return undefined
  return timerOf(sent, { seconds: protocolMessage.ephemeralExpiration ?? 0, setAt: 0 })
}

interface Setting {
  seconds: number
  /** Unix seconds, 0 where it is not said. */
  setAt: number
}

function settingIn(protocol: JsonObject | undefined): Setting | undefined {
  if (protocol?.type !== EPHEMERAL_SETTING) return undefined
  return {
    seconds: Number(protocol.ephemeralExpiration ?? 0),
    setAt: Number(protocol.ephemeralSettingTimestamp ?? 0),
  }
}

/** Only a message that disappears says so: others, such as reactions, have no place for it. */
function termIn(content: JsonObject | undefined): Setting | undefined {
  const context = objectAt(content, 'contextInfo')
  if (!context?.expiration) return undefined
  return { seconds: Number(context.expiration), setAt: Number(context.ephemeralSettingTimestamp ?? 0) }
}

function timerOf(
  { userId, chat, at }: { userId: string; chat: string; at: number },
  { seconds, setAt }: Setting,
): ChatTimer {
  // Whoever writes says when it was set: not in the future, which nothing could change any more.
  return { userId, chat: bare(chat), seconds, setAt: setAt > 0 && (at === 0 || setAt <= at) ? setAt : at }
}

function isSensible({ seconds, setAt }: ChatTimer): boolean {
  return [seconds, setAt].every(Number.isSafeInteger) && seconds >= 0 && seconds <= LONGEST_SECONDS
}
