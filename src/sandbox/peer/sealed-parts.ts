import { proto } from '../../whatsapp/library/engine.ts'
import type { UseCase } from '../content/sealing.ts'
import { SECRET_TYPES } from '../content/text-words.ts'
import { IN_WORDS } from '../world/json-form.ts'
import { unwrapped } from '../world/wrappers.ts'

/** What a phone found in something sealed: what it says, the options of a vote, or why it could not be opened. */
export type Opened = { says: object } | { options: string[] } | { failure: string }

/** The sealed part of a message. */
export interface SealedPart {
  useCase: UseCase
  /** The message whose secret it is sealed with. */
  key: proto.IMessageKey
  encPayload: Uint8Array
  encIv: Uint8Array
  /** What the opened bytes say, as JSON. */
  read(plain: Uint8Array): object
}

const SECRETS = new Map<number, UseCase>([
  [SECRET_TYPES.eventEdit, 'Event Edit'],
  [SECRET_TYPES.messageEdit, 'Message Edit'],
  [SECRET_TYPES.pollEdit, 'Poll Edit'],
  [SECRET_TYPES.pollAddOption, 'Poll Add Option'],
])

const { Message } = proto
const asMessage = (plain: Uint8Array) => Message.toObject(Message.decode(plain), IN_WORDS)
const asReaction = (plain: Uint8Array) =>
  Message.ReactionMessage.toObject(Message.ReactionMessage.decode(plain), IN_WORDS)
const asResponse = (plain: Uint8Array) =>
  Message.EventResponseMessage.toObject(Message.EventResponseMessage.decode(plain), IN_WORDS)
const asVote = (plain: Uint8Array) =>
  Message.PollVoteMessage.toObject(Message.PollVoteMessage.decode(plain), IN_WORDS)

interface Envelope {
  encPayload?: Uint8Array | null
  encIv?: Uint8Array | null
}

/** The sealed part of a message, if it has one. */
export function sealedIn(message: proto.IMessage): SealedPart | undefined {
  const content = unwrapped(message)
  const {
    pollUpdateMessage: vote,
    encEventResponseMessage: response,
    encReactionMessage: reaction,
    encCommentMessage: comment,
    secretEncryptedMessage: secret,
  } = content
  if (vote) return part('Poll Vote', vote.pollCreationMessageKey, vote.vote, asVote)
  if (response) return part('Event Response', response.eventCreationMessageKey, response, asResponse)
  if (reaction) return part('Enc Reaction', reaction.targetMessageKey, reaction, asReaction)
  if (comment) return part('Enc Comment', comment.targetMessageKey, comment, asMessage)
  const useCase = SECRETS.get(secret?.secretEncType ?? 0)
  return useCase && part(useCase, secret?.targetMessageKey, secret, asMessage)
}

function part(
  useCase: UseCase,
  key: proto.IMessageKey | null | undefined,
  envelope: Envelope | null | undefined,
  read: SealedPart['read'],
): SealedPart | undefined {
  const { encPayload, encIv } = envelope ?? {}
  return key && encPayload && encIv ? { useCase, key, encPayload, encIv, read } : undefined
}
