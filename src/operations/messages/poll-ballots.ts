import { ApiError } from '../../lib/errors.ts'
import { bare, isLidJid } from '../../lib/jid.ts'
import { type MessageName, refOf } from '../../lib/message-ref.ts'
import { keepResponses } from '../../store/messages/message-responses.ts'
import type { StoredMessage } from '../../store/messages/messages.ts'
import { pollVoteContent } from '../../whatsapp/content/poll-vote.ts'
import { pollOf } from '../../whatsapp/inbound/parse/polls.ts'
import { proto } from '../../whatsapp/library/engine.ts'
import type { Sent } from '../../whatsapp/outbound/outgoing.ts'
import { withoutDevice } from '../../whatsapp/wire/jid.ts'
import type { UserScope } from '../services.ts'
import { type PollChoice, votesIn } from './message-answers.ts'
import { findStoredById } from './stored-by-id.ts'
import { requireStored, sessionOf } from './stored-messages.ts'

/** What the account chooses in a poll. */
export interface Ballot extends MessageName {
  /** Texts of the options; they replace what was chosen before. */
  options: string[]
}

/**
 * Votes in a poll that this account has sent or received. Throws `not_found` for an unknown message, and `invalid_field`
 * for one that is no poll, for options that it does not have, and for more than it allows.
 */
export async function voteInPoll(scope: UserScope, { options, ...name }: Ballot): Promise<Sent> {
  const stored = await requireStored(scope, name)
  const message = proto.Message.decode(stored.proto)
  const chosen = [...new Set(options)]
  checkOptions(message, chosen)
  const secret = message.messageContextInfo?.messageSecret
  if (!secret?.length) throw new ApiError('invalid_field', { text: 'this poll came without its secret' })

  const session = sessionOf(scope)
  const { creator, voter } = identities(stored, session.me)
  const content = pollVoteContent({ poll: refOf(stored), secret, creator, voter, options: chosen })
  const sent = await session.send({ to: stored.chat, ...content })
  // Nobody sends our own vote back to us.
  await keepResponses(scope.services.db, [
    {
      userId: scope.user.id,
      targetId: stored.id,
      kind: 'vote',
      sender: withoutDevice(session.me.pn),
      chat: stored.chat,
      content: JSON.stringify(chosen),
      at: Date.now(),
    },
  ])
  const { services, user } = scope
  services.chatChanges.tell(user.id, [{ kind: 'message', chat: stored.chat, id: stored.id }])
  return sent
}

function checkOptions(message: proto.IMessage, chosen: string[]): void {
  const poll = pollOf(message)
  if (!poll) throw new ApiError('invalid_field', { text: 'Message is not a poll' })
  const known = new Set(poll.options?.map(({ optionName }) => optionName))
  const strange = chosen.find((option) => !known.has(option))
  if (strange !== undefined)
    throw new ApiError('invalid_field', { text: `the poll has no option "${strange}"` })
  const most = poll.selectableOptionsCount || known.size
  if (chosen.length > most)
    throw new ApiError('invalid_field', { text: `the poll allows ${most} of its options to be chosen` })
}

/** Asker and voter as the chat knows them: both by LID, or both by phone number. */
function identities(
  { fromMe, sender, chat }: StoredMessage,
  me: { pn: string; lid: string },
): { creator: string; voter: string } {
  const voter = bare((isLidJid(sender) || isLidJid(chat)) && me.lid ? me.lid : me.pn)
  return { creator: fromMe ? voter : bare(sender), voter }
}

/** A poll and how it stands. */
export interface PollTally {
  question: string
  options: string[]
  /** How many options one voter may choose; 0 = any number. */
  selectable: number
  choices: PollChoice[]
}

/** How a poll stands, as far as this server has seen; undefined when it knows no such poll. Throws as `findStoredById` does. */
export async function pollTally(scope: UserScope, id: string): Promise<PollTally | undefined> {
  const stored = await findStoredById(scope, id)
  const poll = stored && pollOf(proto.Message.decode(stored.proto))
  if (!stored || !poll) return undefined
  return {
    question: poll.name ?? '',
    options: poll.options?.map(({ optionName }) => optionName ?? '') ?? [],
    selectable: poll.selectableOptionsCount ?? 0,
    choices: await votesIn(scope, { chat: stored.chat, id }),
  }
}
