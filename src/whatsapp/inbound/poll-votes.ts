import type { MessageEvent } from '../../events/event.ts'
import { bare } from '../../lib/jid.ts'
import type { Secrets } from '../../lib/secrets/secrets.ts'
import type { Transaction } from '../../store/database/database.ts'
import { findMessage } from '../../store/messages/messages.ts'
import { proto } from '../library/engine.ts'
import type { Me } from '../wire/node.ts'
import { chatAliases } from './chat-aliases.ts'
import { openPollVote, votedPollId } from './parse/poll-vote.ts'

/**
 * The event with its vote opened, where it is a vote in a poll this account has sent or received in the same chat. Polls
 * are looked up in what is stored, so votes are opened after a restart as before it.
 */
export async function withPollVote(
  trx: Transaction,
  event: MessageEvent,
  { userId, secrets, me }: { userId: string; secrets: Secrets; me: () => Promise<Me> },
): Promise<MessageEvent> {
  const pollId = votedPollId(event)
  if (!pollId) return event
  const alias = bare(event.fromMe ? event.recipientAlt : event.senderAlt)
  const known = await chatAliases(trx, secrets, userId, event.chat)
  const chats = event.isGroup || !alias ? known : [...known, alias]
  const poll = await findMessage(trx, { userId, id: pollId, chats })
  if (!poll) return event
  const sender = await chatAliases(trx, secrets, userId, bare(poll.sender))
  const asked = { sender, message: proto.Message.decode(poll.proto) }
  const pollVote = openPollVote(event, asked, await me())
  return pollVote ? { ...event, pollVote } : event
}
