import { createHash, hkdfSync, randomBytes } from 'node:crypto'
import {
  aesEncryptGCM,
  jidDecode,
  jidNormalizedUser,
  normalizeMessageContent,
  proto,
} from '../../whatsapp/library/engine.ts'
import type { Account } from './account.ts'

/** A poll as a phone has it: received with the attributes of its stanza, or sent by itself. */
interface KnownPoll {
  chat: string
  message: proto.IMessage
  fromMe?: boolean
  stanza?: Record<string, string>
}

/** The secret of a poll, and the names by which its chat calls those concerned: all LIDs, or all phone numbers. */
interface PollToAnswer {
  secret: Uint8Array
  author: string
  voter: string
}

/** What a vote of the account in that poll is made from; undefined for what is no poll, or has not these options. */
export function pollToAnswer(
  account: Account,
  { chat, message, fromMe = true, stanza }: KnownPoll,
  options: string[],
): PollToAnswer | undefined {
  const content = normalizeMessageContent(message)
  const poll =
    content?.pollCreationMessage ?? content?.pollCreationMessageV2 ?? content?.pollCreationMessageV3
  const secret = message.messageContextInfo?.messageSecret ?? content?.messageContextInfo?.messageSecret
  const known = new Set(poll?.options?.map(({ optionName }) => optionName))
  if (!poll || !secret || !options.every((option) => known.has(option))) return undefined

  // Groups call everybody by LID, unless they are old.
  const asIn = (jid: string) =>
    account.address(jidDecode(jid)?.server === 's.whatsapp.net' ? 's.whatsapp.net' : 'lid')
  const author = fromMe ? asIn(chat) : jidNormalizedUser(stanza?.participant ?? stanza?.from)
  return { secret, author, voter: asIn(author) }
}

/**
 * The message that votes for options of a poll. Its key is derived from the secret of the poll and the addresses of
 * author and voter, LIDs where the author is one (whatsmeow 2026-09-21).
 */
export function pollVote(
  key: proto.IMessageKey,
  { secret, author, voter }: PollToAnswer,
  options: string[],
): proto.IMessage {
  const selectedOptions = options.map((option) => createHash('sha256').update(option).digest())
  const plain = proto.Message.PollVoteMessage.encode({ selectedOptions }).finish()
  const info = `${key.id}${author}${voter}Poll Vote`
  const voteKey = Buffer.from(hkdfSync('sha256', secret, new Uint8Array(), info, 32))
  const encIv = randomBytes(12)
  const encPayload = aesEncryptGCM(plain, voteKey, encIv, Buffer.from(`${key.id}\0${voter}`))
  const vote = { encPayload, encIv }
  return { pollUpdateMessage: { pollCreationMessageKey: key, vote, senderTimestampMs: Date.now() } }
}
