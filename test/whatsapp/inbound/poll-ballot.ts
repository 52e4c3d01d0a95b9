import { createHash } from 'node:crypto'
import { aesEncryptGCM, hmacSign, proto } from '../../../src/whatsapp/library/engine.ts'

/** Who asked which poll, and who votes for what. */
export interface Ballot {
  pollId: string
  secret: Uint8Array
  /** JID of who asked, in the identity the voter's phone knows. */
  creator: string
  voter: string
  options: string[]
}

/** The base64 hash by which a vote names an option. */
export function optionHash(option: string): string {
  return createHash('sha256').update(option).digest('base64')
}

/** A vote as the voter's phone encrypts it (whatsmeow's `EncryptPollVote`), bytes as base64. */
export function sealedVote({ pollId, secret, creator, voter, options }: Ballot) {
  const sign = Buffer.concat([Buffer.from(`${pollId}${creator}${voter}Poll Vote`), Buffer.from([1])])
  const key = hmacSign(sign, hmacSign(secret, Buffer.alloc(32), 'sha256'), 'sha256')
  const encIv = Buffer.alloc(12, 1)
  const selectedOptions = options.map((option) => Buffer.from(optionHash(option), 'base64'))
  const plain = proto.Message.PollVoteMessage.encode({ selectedOptions }).finish()
  const encPayload = aesEncryptGCM(plain, key, encIv, Buffer.from(`${pollId}\0${voter}`))
  return { encPayload: encPayload.toString('base64'), encIv: encIv.toString('base64') }
}
