import type { MessageEvent } from '../../../events/event.ts'
import type { EventResponse, JsonObject, ProtoJson, SealedKind } from '../../../events/event-parts.ts'
import { innermost, keyedId, messageOf, objectAt, textAt } from '../../../events/unwrap.ts'
import { bare, isMe } from '../../../lib/jid.ts'
import { proto } from '../../library/engine.ts'
import { openWithSecret } from '../../wire/message-secret.ts'
import type { Me } from '../../wire/node.ts'
import { protoJson } from '../../wire/proto-json.ts'
import { describeVote } from './polls.ts'

/** A message that others are about, as it was sent, with whoever wrote it. */
export interface KnownMessage {
  /** JIDs of that person, as far as they are known. */
  sender: string[]
  message: proto.IMessage
}

/** The sealed part of a message: a change, a reaction, a comment, a vote or an answer to an event. */
export interface Sealed {
  kind: SealedKind
  /** The message whose secret opens it. */
  targetId: string
  target: JsonObject
  /** The words WhatsApp derives the key with; where clients disagree, all of them. */
  uses: readonly string[]
  payload: Buffer
  iv: Buffer
}

/** What a sealed part says, for the event of its message. */
export type Opened = Pick<MessageEvent, 'decrypted' | 'pollVote' | 'eventResponse'>

/** `SecretEncryptedMessage.SecretEncType` -> what is sealed, and the words of its key. */
const CHANGES: Record<number, [kind: SealedKind, ...uses: string[]]> = {
  1: ['event_edit', 'Event Edit'],
  2: ['edit', 'Message Edit'],
  3: ['schedule', 'Message Schedule'],
  4: ['poll_edit', 'Poll Edit'],
  // There is a word for it that whatsmeow (2026-08) does not use.
  5: ['poll_option', 'Poll Add Option', 'Poll Edit'],
}

/** What only the author of a message can change, as phones see it; the service does not know what is inside. */
const BY_AUTHOR: ReadonlySet<SealedKind> = new Set(['edit', 'event_edit', 'poll_edit', 'schedule'])

const { MESSAGE_EDIT } = proto.Message.ProtocolMessage.Type

/** The answers to an event, by `EventResponseMessage.EventResponseType`. */
const RESPONSES: Record<number, EventResponse['response']> = { 1: 'going', 2: 'not_going', 3: 'maybe' }

/** The sealed part of a message; undefined when it says everything openly. */
export function sealedIn(event: MessageEvent): Sealed | undefined {
  const message = messageOf(event)
  const vote = objectAt(message, 'pollUpdateMessage')
  if (vote) return sealed('vote', vote, ['Poll Vote'], 'pollCreationMessageKey', objectAt(vote, 'vote'))
  const response = objectAt(message, 'encEventResponseMessage')
  if (response) return sealed('event_response', response, ['Event Response'], 'eventCreationMessageKey')
  const reaction = objectAt(message, 'encReactionMessage')
  if (reaction) return sealed('reaction', reaction, ['Enc Reaction'])
  const comment = objectAt(message, 'encCommentMessage')
  if (comment) return sealed('comment', comment, ['Enc Comment'])
  const change = objectAt(message, 'secretEncryptedMessage')
  if (!change) return undefined
  const [kind, ...uses] = CHANGES[Number(change.secretEncType ?? 0)] ?? ['unknown']
  return sealed(kind, change, uses)
}

function sealed(
  kind: SealedKind,
  content: JsonObject,
  uses: readonly string[],
  key = 'targetMessageKey',
  cipher: JsonObject = content,
): Sealed | undefined {
  const targetId = keyedId(content, key)
  if (!targetId) return undefined
  return {
    kind,
    targetId,
    target: objectAt(content, key) ?? {},
    uses,
    payload: Buffer.from(textAt(cipher, 'encPayload'), 'base64'),
    iv: Buffer.from(textAt(cipher, 'encIv'), 'base64'),
  }
}

/**
 * What a sealed part says; undefined when it cannot be opened, and for changes that nobody but the author of the message
 * may make: all who have the message have its secret. It is tied to the JIDs of who wrote the message it belongs to and of
 * who sealed it, in whichever identity the sealing client used: all are tried.
 */
export function openSealed(
  event: MessageEvent,
  part: Sealed,
  { about, me }: { about: KnownMessage; me: Me },
): Opened | undefined {
  const secret = innermost(about.message).messageContextInfo?.messageSecret
  if (!secret?.length) return undefined
  const id = part.targetId
  const authors = identities(about.sender, me)
  const senders = identities([event.sender, event.senderAlt], me)
  if (BY_AUTHOR.has(part.kind) && !senders.some((sender) => authors.includes(sender))) return undefined
  for (const use of part.uses)
    for (const author of authors)
      for (const sender of senders) {
        const plain = attempt(() => openWithSecret(secret, { id, author, sender, use }, part))
        // What is authentic and no message is as good as closed.
        if (plain) return attempt(() => read(part, plain, about.message))
      }
  return undefined
}

function attempt<Result>(open: () => Result): Result | undefined {
  try {
    return open()
  } catch {
    // Sealed for another pair of identities; the next may fit.
    return undefined
  }
}

function read({ kind, targetId, target }: Sealed, plain: Buffer, about: proto.IMessage): Opened {
  switch (kind) {
    case 'vote': {
      const { selectedOptions } = proto.Message.PollVoteMessage.decode(plain)
      return { pollVote: describeVote(targetId, selectedOptions ?? [], about) }
    }
    case 'event_response': {
      const { response, extraGuestCount, timestampMs } = proto.Message.EventResponseMessage.decode(plain)
      return {
        eventResponse: {
          eventId: targetId,
          response: RESPONSES[response ?? 0] ?? '',
          extraGuests: extraGuestCount ?? 0,
          timestampMs: Number(timestampMs ?? 0),
        },
      }
    }
    case 'reaction': {
      const reaction = protoJson(proto.Message.ReactionMessage, proto.Message.ReactionMessage.decode(plain))
      return { decrypted: { reactionMessage: { key: target, ...reaction } } }
    }
    case 'comment':
      return { decrypted: { commentMessage: { message: decode(plain), targetMessageKey: target } } }
    default:
      return { decrypted: asChange(decode(plain), target) }
  }
}

/**
 * Most changes say themselves what they change; others are the new content alone. Throws for one that says to be about
 * another message than the one whose secret opened it, or to be anything else than a change.
 */
function asChange(opened: ProtoJson, target: JsonObject): ProtoJson {
  const content = innermost(opened)
  const protocolMessage = objectAt(content, 'protocolMessage')
  const pollAddOptionMessage = objectAt(content, 'pollAddOptionMessage')
  const saysWhat = [keyedId(protocolMessage), keyedId(pollAddOptionMessage, 'pollCreationMessageKey')]
  if (saysWhat.some((id) => id !== '' && id !== target.id)) throw new Error('this is about another message')
  if (pollAddOptionMessage)
    return { pollAddOptionMessage: { ...pollAddOptionMessage, pollCreationMessageKey: target } }
  if (!protocolMessage) return { protocolMessage: { key: target, type: MESSAGE_EDIT, editedMessage: opened } }
  if (protocolMessage.type !== MESSAGE_EDIT) throw new Error('this is no change')
  return { protocolMessage: { ...protocolMessage, key: target } }
}

function decode(plain: Buffer): ProtoJson {
  return protoJson(proto.Message, proto.Message.decode(plain))
}

function identities(jids: string[], me: Me): string[] {
  const known = jids.some((jid) => isMe(jid, me)) ? [me.lid, me.pn] : jids
  return [...new Set(known.map(bare))].filter((one) => one !== '')
}
