import { createHash } from 'node:crypto'
import { proto } from '../../whatsapp/library/engine.ts'
import { pollIn } from './poll-words.ts'
import { type ContentContext, earlier } from './word.ts'

/**
 * The message that votes for options of a poll; none take the vote back.
 * @throws Error when there is no such poll, or it has no such option.
 */
export function pollVote(context: ContentContext, id: string, options: string[]): proto.IMessage {
  const [, poll] = pollIn(earlier(context, id).message, id)
  const known = new Set(poll.options?.map(({ optionName }) => optionName))
  const unknown = options.find((option) => !known.has(option))
  if (unknown !== undefined) throw new Error(`poll ${id} has no option ${unknown}`)

  const selectedOptions = options.map((option) => createHash('sha256').update(option).digest())
  const plain = proto.Message.PollVoteMessage.encode({ selectedOptions }).finish()
  const { key, ...vote } = context.seal(id, 'Poll Vote', plain)
  return { pollUpdateMessage: { pollCreationMessageKey: key, vote, senderTimestampMs: Date.now() } }
}
