import { ApiError } from '../../lib/errors.ts'
import { findMessage } from '../../store/messages/messages.ts'
import { stanzaNodes } from '../../whatsapp/content/stanza-nodes.ts'
import { isReferable } from '../../whatsapp/inbound/store-received.ts'
import { proto } from '../../whatsapp/library/engine.ts'
import type { Sent } from '../../whatsapp/outbound/outgoing.ts'
import { protoJson } from '../../whatsapp/wire/proto-json.ts'
import { ownProgress } from '../messages/message-progress.ts'
import type { UserScope } from '../services.ts'

/**
 * Sends a message that failed again, as it is stored and under a new id. Throws `not_found`, `conflict` for one that did not
 * fail or that is nothing without another one, and as sending does.
 */
export async function repeatMessage(
  scope: UserScope,
  { id, chat, newId }: { id: string; chat?: string; newId?: string },
): Promise<Sent> {
  const { user, services } = scope
  const progress = await ownProgress(scope, { id, chat })
  if (progress.status !== 'failed')
    throw new ApiError('conflict', { text: 'only a message that failed can be sent again' })
  const stored = await findMessage(services.db, { userId: user.id, id, chats: [progress.chat] })
  if (!stored) throw new ApiError('not_found', { text: 'there is no sent message with this id' })
  const message = proto.Message.decode(stored.proto)
  if (!isReferable(protoJson(proto.Message, message)))
    throw new ApiError('conflict', { text: 'what says something about another message cannot be sent again' })
  const session = services.sessions.live(user.id)
  const nodes = stanzaNodes(message)
  return session.send({ to: stored.chat, message, id: newId, ...(nodes.length > 0 && { nodes }) })
}
