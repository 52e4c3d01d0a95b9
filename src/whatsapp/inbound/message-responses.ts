import type { MessageEvent } from '../../events/event.ts'
import type { ProtoJson } from '../../events/event-parts.ts'
import { keyedId, messageOf, objectAt, textAt } from '../../events/unwrap.ts'
import { bare, serverOf } from '../../lib/jid.ts'
import type { MessageResponse } from '../../store/messages/message-responses.ts'
import { proto } from '../library/engine.ts'
import type { Me } from '../wire/node.ts'
import { protoJson } from '../wire/proto-json.ts'
import { historyContent } from './parse/history-content.ts'

type Said = Pick<MessageResponse, 'targetId' | 'kind' | 'content'>

/** The `edit` attribute of a deletion by an admin; WhatsApp lets only admins send it. */
const REVOKED_BY_ADMIN = '8'
const { REVOKE, MESSAGE_EDIT } = proto.Message.ProtocolMessage.Type

/** What received messages say about earlier ones, their authors by phone number if it is known. */
export async function responsesIn(
  messages: MessageEvent[],
  { userId, me }: { userId: string; me: () => Promise<Me> },
): Promise<MessageResponse[]> {
  const found = messages.flatMap((event) => {
    const said = saidIn(event)
    return said ? [{ event, said }] : []
  })
  // Most messages say nothing about another one; only then it matters who the account is.
  if (found.length === 0) return []
  const own = bare((await me()).pn)
  return found.map(({ event, said }) => {
    const { chat, fromMe, timestamp } = event
    return { userId, chat, sender: fromMe ? own : phoneOf(event), at: timestamp * 1000, ...said }
  })
}

/** What a message sent from here says about an earlier one. `at` in unix milliseconds. */
export function responseSent(
  message: proto.IMessage,
  sent: Pick<MessageResponse, 'userId' | 'chat' | 'sender' | 'at'>,
): MessageResponse | undefined {
  if (!message.reactionMessage && !message.protocolMessage) return undefined
  // Encoded and decoded, so that it has exactly the members the wire has.
  const written = proto.Message.decode(proto.Message.encode(message).finish())
  const said = saidBy(protoJson(proto.Message, written), '')
  return said && { ...sent, ...said }
}

/** Whether a received message says something about an earlier one. */
export function isResponse(event: MessageEvent): boolean {
  return saidIn(event) !== undefined
}

function saidIn(event: MessageEvent): Said | undefined {
  const { pollVote, edit } = event
  if (pollVote) return said('vote', pollVote.pollId, JSON.stringify(pollVote.selectedOptions))
  return saidBy(messageOf(event), edit)
}

function saidBy(message: ProtoJson, edit: string): Said | undefined {
  const reaction = objectAt(message, 'reactionMessage')
  if (reaction) return said('reaction', keyedId(reaction), textAt(reaction, 'text'))
  const protocol = objectAt(message, 'protocolMessage')
  if (!protocol) return undefined
  if (protocol.type === REVOKE)
    return said('revoke', keyedId(protocol), edit === REVOKED_BY_ADMIN ? 'admin' : '')
  if (protocol.type !== MESSAGE_EDIT) return undefined
  return said(
    'edit',
    keyedId(protocol),
    historyContent(objectAt(protocol, 'editedMessage') ?? {})?.text ?? '',
  )
}

function said(kind: Said['kind'], targetId: string, content: string): Said | undefined {
  return targetId ? { kind, targetId, content } : undefined
}

function phoneOf({ sender, senderAlt }: MessageEvent): string {
  return bare(serverOf(senderAlt) === 's.whatsapp.net' ? senderAlt : sender)
}
