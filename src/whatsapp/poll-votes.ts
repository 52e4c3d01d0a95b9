import type { MessageEvent } from '../events/event.ts'
import type { Transaction } from '../store/database.ts'
import { findMessage } from '../store/messages.ts'
import { proto } from './engine.ts'
import type { Me } from './receive/node.ts'
import { openPollVote, votedPollId } from './receive/poll-vote.ts'

/**
 * The event with its vote opened, where it is a vote in a poll this account has sent or received. Polls are looked up
 * in what is stored, so votes are opened after a restart as before it.
 */
export async function withPollVote(
  trx: Transaction,
  event: MessageEvent,
  { userId, me }: { userId: string; me: () => Promise<Me> },
): Promise<MessageEvent> {
  const pollId = votedPollId(event)
  if (!pollId) return event
  const poll = await findMessage(trx, { userId, id: pollId })
  if (!poll) return event
  const known = { sender: poll.sender, message: proto.Message.decode(poll.proto) }
  const pollVote = openPollVote(event, known, await me())
  return pollVote ? { ...event, pollVote } : event
}
