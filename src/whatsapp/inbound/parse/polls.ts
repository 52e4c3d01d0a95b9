import { createHash } from 'node:crypto'
import type { PollVote } from '../../../events/event-parts.ts'
import { POLL_MEMBERS } from '../../../events/message-kinds.ts'
import { innermost } from '../../../events/unwrap.ts'
import type { proto } from '../../library/engine.ts'

/** The poll that a message asks, if it is one. */
export function pollOf(message: proto.IMessage): proto.Message.IPollCreationMessage | undefined {
  const content = innermost(message)
  return POLL_MEMBERS.map((member) => content[member]).find(Boolean) ?? undefined
}

/** A vote in words: `selected` are hashes of texts, which the poll knows. */
export function describeVote(pollId: string, selected: Uint8Array[], poll: proto.IMessage): PollVote {
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
