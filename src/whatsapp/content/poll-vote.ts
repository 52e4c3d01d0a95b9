import { createHash } from 'node:crypto'
import { type MessageRef, messageKey } from '../../lib/message-ref.ts'
import { randomBytes } from '../../lib/random.ts'
import { aesEncryptGCM, proto } from '../library/engine.ts'
import { deriveSecretKey } from '../wire/message-secret.ts'
import type { Content } from './content.ts'

/** A vote in a poll. */
export interface PollVoteContent {
  poll: MessageRef
  /** The secret that came with the poll. */
  secret: Uint8Array
  /** JIDs without device of who asked and who votes, both in the same identity. */
  creator: string
  voter: string
  /** The options as the poll has them; none withdraws an earlier vote. */
  options: string[]
}

const IV_BYTES = 12

/**
 * A vote: the hashes of the options, encrypted with a key that is derived of the poll's secret and tied to poll, asker and
 * voter, as WhatsApp's clients do it.
 */
export function pollVoteContent({ poll, secret, creator, voter, options }: PollVoteContent): Content {
  const key = deriveSecretKey(secret, { id: poll.id, author: creator, sender: voter, use: 'Poll Vote' })
  const encIv = randomBytes(IV_BYTES)
  const selectedOptions = options.map((option) => createHash('sha256').update(option).digest())
  const vote = proto.Message.PollVoteMessage.encode({ selectedOptions }).finish()
  const encPayload = aesEncryptGCM(vote, key, encIv, Buffer.from(`${poll.id}\0${voter}`))
  return {
    message: {
      pollUpdateMessage: {
        pollCreationMessageKey: messageKey(poll),
        vote: { encPayload, encIv },
        senderTimestampMs: Date.now(),
      },
    },
    nodes: [{ tag: 'meta', attrs: { polltype: 'vote' } }],
  }
}
