import { isPersonJid } from '../../lib/jid.ts'
import type { Database } from '../../store/database/database.ts'
import { findChatTimer } from '../../store/messages/chat-timers.ts'
import { type GroupMetadata, isJidGroup, normalizeMessageContent, type proto } from '../library/engine.ts'
import type { ChatAtHand } from './references.ts'
import { copyOf, referringPart } from './referring-part.ts'

interface Term {
  seconds: number
  /** When it was set, unix seconds; 0 where that is not known. */
  setAt: number
}

/**
 * A message with what it has to say in a chat whose messages disappear: phones keep one that says nothing for ever. Groups
 * know their timer, chats of two the one that somebody was heard to set.
 */
export async function withTerm(
  db: Database,
  { userId, names, group }: ChatAtHand & { group: GroupMetadata | undefined },
  message: proto.IMessage,
): Promise<proto.IMessage> {
  const term = await termOf(db, { userId, names, group })
  if (!term) return message
  const copy = copyOf(message)
  const content = normalizeMessageContent(copy) ?? copy
  if (typeof content.conversation === 'string') {
    // A bare text has no place for it.
    content.extendedTextMessage = { text: content.conversation }
    content.conversation = undefined
  }
  const part = referringPart(copy)
  if (!part) return message
  part.contextInfo = {
    ...part.contextInfo,
    expiration: term.seconds,
    ...(term.setAt > 0 && { ephemeralSettingTimestamp: term.setAt }),
  }
  return copy
}

async function termOf(
  db: Database,
  { userId, names, group }: Pick<ChatAtHand, 'userId' | 'names'> & { group: GroupMetadata | undefined },
): Promise<Term | undefined> {
  const [chat = ''] = names
  if (isJidGroup(chat)) {
    const seconds = group?.ephemeralDuration ?? 0
    return seconds > 0 ? { seconds, setAt: 0 } : undefined
  }
  const timer = isPersonJid(chat) ? await findChatTimer(db, { userId, chats: names }) : undefined
  return timer && timer.seconds > 0 ? timer : undefined
}
