import type { EventBus } from '../../events/bus.ts'
import type { MessageSentEvent } from '../../events/event.ts'
import { contentOf } from '../../events/message-kinds.ts'
import { unwrapMessage } from '../../events/unwrap.ts'
import { STATUS_JID } from '../../lib/jid.ts'
import { hasMembers } from '../../lib/message-ref.ts'
import { otherIdentity } from '../inbound/identities.ts'
import { proto } from '../library/engine.ts'
import type { LiveSession } from '../session/session.ts'
import { withoutDevice } from '../wire/jid.ts'
import { plainMessage } from '../wire/plain-message.ts'
import { protoJson } from '../wire/proto-json.ts'
import type { OutgoingMessage, Sent } from './outgoing.ts'

interface Teller {
  session: LiveSession
  bus: EventBus
  /** Whether somebody wants to be told of what this user sends. */
  hearsSent: (userId: string) => Promise<boolean>
}

/** Whose message it is, as far as a session knows. */
interface Author {
  /** Own JIDs without device. */
  pn: string
  lid: string
  name: string
  /** The other identity of a recipient, '' when it is not known. */
  recipientAlt: string
}

/** Records the event for the message queue and the dialects that tell it. The message has left: whatever goes wrong here is not its sender's business. */
export async function tellSent(
  { session, bus, hearsSent }: Teller,
  message: OutgoingMessage,
  sent: Sent,
): Promise<void> {
  try {
    if (!(await hearsSent(session.user.id))) return
    const { creds, keys } = session.socket().authState
    const author = {
      pn: withoutDevice(session.me.pn),
      lid: withoutDevice(session.me.lid),
      name: creds.me?.name ?? '',
      recipientAlt: await otherIdentity(sent.to, async (ids) => keys.get('lid-mapping', ids)),
    }
    const events = sentEvents(author, message, sent)
    // Sending the same id again is the same message.
    await bus.record(session.user.id, events, { ids: events.map(({ id }) => `sent/${id}`) })
  } catch (error) {
    session.log.error({ err: error, message: sent.id }, 'a sent message could not be told')
  }
}

/** What is told of a message the API has sent; nothing for edits, reactions, deletions and pins. */
function sentEvents(author: Author, { message }: OutgoingMessage, sent: Sent): MessageSentEvent[] {
  const wrapped = { deviceSentMessage: { destinationJid: sent.to, message } }
  // Encoded and decoded, so that it has exactly the members the wire has.
  const raw = protoJson(proto.Message, proto.Message.decode(proto.Message.encode(wrapped).finish()))
  const unwrapped = unwrapMessage(raw)
  const content = contentOf(raw)
  if (!content || content.role || sent.to === STATUS_JID) return []
  const isGroup = hasMembers(sent.to)
  return [
    {
      ...plainMessage,
      type: 'message.sent',
      chat: sent.to,
      sender: author.pn,
      fromMe: true,
      isGroup,
      addressingMode: '',
      senderAlt: author.lid,
      recipientAlt: isGroup ? '' : author.recipientAlt,
      id: sent.id,
      serverId: 0,
      stanzaType: content.kind,
      pushName: author.name,
      timestamp: sent.timestamp,
      multicast: false,
      mediaType: '',
      raw,
      deviceSent: unwrapped.deviceSent,
      sourceWebMessage: null,
    },
  ]
}
