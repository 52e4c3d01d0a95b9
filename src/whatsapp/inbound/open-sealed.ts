import type { MessageEvent } from '../../events/event.ts'
import { bare } from '../../lib/jid.ts'
import type { Secrets } from '../../lib/secrets/secrets.ts'
import type { Transaction } from '../../store/database/database.ts'
import { findMessageSecret } from '../../store/messages/message-secrets.ts'
import { findMessage } from '../../store/messages/messages.ts'
import { proto } from '../library/engine.ts'
import type { Me } from '../wire/node.ts'
import { chatAliases } from './chat-aliases.ts'
import { type Opened, openSealed, type Sealed, sealedIn } from './parse/sealed.ts'

interface Reader {
  userId: string
  secrets: Secrets
  me: () => Promise<Me>
}

/**
 * The event with what is sealed in it opened, where it belongs to a message that this account has sent or received in the
 * same chat. Those are looked up in what is stored, so that it is opened after a restart as before it. What stays closed
 * is told as such.
 */
export async function withSealedOpened(
  trx: Transaction,
  event: MessageEvent,
  reader: Reader,
): Promise<MessageEvent> {
  const part = sealedIn(event)
  if (!part) return event
  const opened = await open(trx, event, part, reader)
  const { kind, targetId } = part
  return { ...event, ...opened, sealed: { kind, targetId, isOpen: opened !== undefined } }
}

async function open(
  trx: Transaction,
  event: MessageEvent,
  part: Sealed,
  { userId, secrets, me }: Reader,
): Promise<Opened | undefined> {
  const alias = bare(event.fromMe ? event.recipientAlt : event.senderAlt)
  const known = await chatAliases(trx, secrets, userId, event.chat)
  const chats = event.isGroup || !alias ? known : [...known, alias]
  const about = await messageAbout(trx, secrets, { userId, id: part.targetId, chats })
  if (!about) return undefined
  const sender = await chatAliases(trx, secrets, userId, bare(about.sender))
  return openSealed(event, part, {
    about: { sender, message: about.message },
    me: await me(),
  })
}

/** The message that something is about: as it is stored, or of one that another server had, its secret alone. */
async function messageAbout(
  trx: Transaction,
  secrets: Secrets,
  name: { userId: string; id: string; chats: string[] },
): Promise<{ sender: string; message: proto.IMessage } | undefined> {
  const stored = await findMessage(trx, name)
  if (stored) return { sender: stored.sender, message: proto.Message.decode(stored.proto) }
  const known = await findMessageSecret(trx, secrets, name)
  return known && { sender: known.sender, message: { messageContextInfo: { messageSecret: known.secret } } }
}
