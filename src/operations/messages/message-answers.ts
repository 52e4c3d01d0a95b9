import { ApiError } from '../../lib/errors.ts'
import type { MessageName } from '../../lib/message-ref.ts'
import { listResponses, type MessageResponse } from '../../store/messages/message-responses.ts'
import { pollOf } from '../../whatsapp/inbound/parse/polls.ts'
import { proto } from '../../whatsapp/library/engine.ts'
import type { UserScope } from '../services.ts'
import { findStored, messageNotFound, namesOf, requireStored } from './stored-messages.ts'

/** Who reacted to a message with one emoji. */
export interface EmojiReactions {
  emoji: string
  /** JIDs, and when, unix milliseconds. */
  senders: { sender: string; at: number }[]
}

/** The reactions to a message that this server has seen, by emoji. Throws `not_found` for an unknown message. */
export async function reactionsTo(scope: UserScope, name: MessageName): Promise<EmojiReactions[]> {
  const responses = await responsesTo(scope, name)
  if (responses.length === 0 && !(await findStored(scope, name))) throw messageNotFound()
  const byEmoji = new Map<string, EmojiReactions>()
  for (const { kind, content: emoji, sender, at } of responses) {
    if (kind !== 'reaction' || emoji === '') continue
    const reactions = byEmoji.get(emoji) ?? { emoji, senders: [] }
    reactions.senders.push({ sender, at })
    byEmoji.set(emoji, reactions)
  }
  return [...byEmoji.values()]
}

/** What somebody chose in a poll. */
export interface PollChoice {
  /** JID. */
  voter: string
  options: string[]
  /** Unix milliseconds. */
  at: number
}

/**
 * The votes in a poll that this server has seen and could open; withdrawn ones are left out. Throws `not_found` for an
 * unknown message and `invalid_field` for one that is no poll.
 */
export async function votesIn(scope: UserScope, name: MessageName): Promise<PollChoice[]> {
  const stored = await requireStored(scope, name)
  if (!pollOf(proto.Message.decode(stored.proto)))
    throw new ApiError('invalid_field', { text: 'Message is not a poll' })
  const votes = (await responsesTo(scope, name)).filter(({ kind }) => kind === 'vote')
  return votes
    .map(({ sender, content, at }) => ({ voter: sender, options: JSON.parse(content) as string[], at }))
    .filter(({ options }) => options.length > 0)
}

async function responsesTo(scope: UserScope, { chat, id }: MessageName): Promise<MessageResponse[]> {
  const chats = await namesOf(scope, chat)
  return listResponses(scope.services.db, { userId: scope.user.id, chats, targetIds: [id] })
}
