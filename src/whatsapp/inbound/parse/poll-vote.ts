import { createHash } from 'node:crypto'
import type { MessageEvent } from '../../../events/event.ts'
import type { PollVote } from '../../../events/event-parts.ts'
import { POLL_MEMBERS } from '../../../events/message-kinds.ts'
import { keyedId, objectAt, textAt, unwrapMessage } from '../../../events/unwrap.ts'
import { bare, isMe } from '../../../lib/jid.ts'
import { decryptPollVote, type proto } from '../../library/engine.ts'
import type { Me } from '../../wire/node.ts'

/** A poll as it was sent, with whoever asked it. */
export interface KnownPoll {
  /** JIDs of that person, as far as they are known. */
  sender: string[]
  message: proto.IMessage
}

/** The id of the poll a message votes in, '' when it is no vote. */
export function votedPollId(event: MessageEvent): string {
  return keyedId(pollUpdate(event), 'pollCreationMessageKey')
}

/**
 * Opens the vote in `event` with the secret of its poll; undefined when it is no vote or cannot be opened.
 * The vote is tied to the JIDs of asker and voter, in whichever identity the voter's client used: all are tried.
 */
export function openPollVote(event: MessageEvent, poll: KnownPoll, me: Me): PollVote | undefined {
  const vote = objectAt(pollUpdate(event), 'vote')
  const pollMsgId = votedPollId(event)
  const pollEncKey = poll.message.messageContextInfo?.messageSecret
  if (!vote || !pollMsgId || !pollEncKey) return undefined
  const encrypted = {
    encPayload: Buffer.from(textAt(vote, 'encPayload'), 'base64'),
    encIv: Buffer.from(textAt(vote, 'encIv'), 'base64'),
  }
  for (const pollCreatorJid of identities(poll.sender, me)) {
    for (const voterJid of identities([event.sender, event.senderAlt], me)) {
      try {
        const opened = decryptPollVote(encrypted, { pollCreatorJid, pollMsgId, pollEncKey, voterJid })
        return describe(pollMsgId, opened.selectedOptions ?? [], poll.message)
      } catch {
        // Encrypted for another pair of identities; the next may fit.
      }
    }
  }
  return undefined
}

/** The poll that a message asks, if it is one. */
export function pollOf(message: proto.IMessage): proto.Message.IPollCreationMessage | undefined {
  return POLL_MEMBERS.map((member) => message[member]).find(Boolean) ?? undefined
}

function pollUpdate(event: MessageEvent) {
  return objectAt(unwrapMessage(event.raw).message, 'pollUpdateMessage')
}

function identities(jids: string[], me: Me): string[] {
  const known = jids.some((jid) => isMe(jid, me)) ? [me.lid, me.pn] : jids
  return [...new Set(known.map(bare))].filter((one) => one !== '')
}

function describe(pollId: string, selected: Uint8Array[], poll: proto.IMessage): PollVote {
  const names = new Map(
    (pollOf(poll)?.options ?? []).map(({ optionName }) => [
      createHash('sha256')
        .update(optionName ?? '')
        .digest('base64'),
      optionName ?? '',
    ]),
  )
  const selectedHashes = selected.map((hash) => Buffer.from(hash).toString('base64'))
  return {
    pollId,
    selectedHashes,
    selectedOptions: selectedHashes.map((hash) => names.get(hash)).filter((name) => name !== undefined),
  }
}
