import type { Database } from '../../store/database/database.ts'
import { listResponses } from '../../store/messages/message-responses.ts'
import { findMessage } from '../../store/messages/messages.ts'
import { asEdited, captioned, captionMember } from '../content/edit.ts'
import { quotableContent } from '../content/forward.ts'
import { isJidNewsletter, proto } from '../library/engine.ts'
import { withoutDevice } from '../wire/jid.ts'
import { copyOf, referringPart } from './referring-part.ts'

/** The chat that a message goes to. */
export interface ChatAtHand {
  userId: string
  /** The JIDs under which the chat is known, that in its stanzas first. */
  names: string[]
  /** Whether people in it are named by LID. */
  isByLid: boolean
  /** Own JIDs. */
  me: { pn: string; lid: string }
  /** A person by number, where it is known, without device. */
  phoneOf(jid: string): Promise<string>
}

const { MESSAGE_EDIT } = proto.Message.ProtocolMessage.Type

/**
 * A message with what it leaves to the store about the message it refers to: the text of an answer whose caller named no
 * more than an id, and of an edit whether it changes a text or the caption of a file. What is not stored stays as it is.
 */
export async function withReferences(
  db: Database,
  chat: ChatAtHand,
  message: proto.IMessage,
): Promise<proto.IMessage> {
  if (message.protocolMessage?.type === MESSAGE_EDIT) return asCaption(db, chat, message)
  const context = referringPart(message)?.contextInfo
  if (!context?.stanzaId || !isUntold(context.quotedMessage)) return message

  const found = await stored(db, chat, context.stanzaId)
  const said = found && quotableContent(found.message)
  const copy = copyOf(message)
  const quoting = referringPart(copy)?.contextInfo
  if (!quoting) return message
  quoting.participant = found && chat.isByLid ? authorOf(found, chat) : completed(context.participant)
  if (said && Object.keys(said).length > 0) quoting.quotedMessage = proto.Message.fromObject(said)
  return copy
}

/** An edit of the text of a message that holds a file is one of its caption: phones would show a text in its place. */
async function asCaption(db: Database, chat: ChatAtHand, message: proto.IMessage): Promise<proto.IMessage> {
  const { key, editedMessage } = message.protocolMessage ?? {}
  const text = editedMessage?.extendedTextMessage
  // A post of a channel is replaced as a whole.
  if (!key?.id || !text || isJidNewsletter(chat.names[0])) return message
  const found = await stored(db, chat, key.id)
  const member = found?.fromMe && captionMember(found.message)
  if (!member) return message
  return {
    ...message,
    protocolMessage: { ...message.protocolMessage, editedMessage: captioned(member, text) },
  }
}

interface Found {
  fromMe: boolean
  sender: string
  message: proto.IMessage
}

/** A message of the chat as it stands, with the text its author has changed it to. */
async function stored(db: Database, chat: ChatAtHand, id: string): Promise<Found | undefined> {
  const { userId, names: chats, me, phoneOf } = chat
  const row = await findMessage(db, { userId, id, chats })
  if (!row) return undefined
  const { fromMe, sender } = row
  const message = proto.Message.decode(row.proto)
  const responses = await listResponses(db, { userId, chats, targetIds: [id] })
  // Anybody can claim to change a message; its author is the one to believe.
  const author = fromMe ? withoutDevice(me.pn) : await phoneOf(sender)
  const edit = responses.find(
    (one) => one.kind === 'edit' && [author, withoutDevice(sender)].includes(one.sender),
  )
  return { fromMe, sender, message: edit ? asEdited(message, edit.content) : message }
}

/** The author as people of this chat are named; an own message may be stored under the other identity. */
function authorOf({ fromMe, sender }: Found, { me }: ChatAtHand): string {
  return withoutDevice(fromMe ? me.lid || me.pn : sender)
}

/** A bare number is a person, as in the recipient of a message. */
function completed(participant: string | null | undefined): string | null | undefined {
  if (!participant || participant.includes('@')) return participant
  return `${participant.replace(/^\+/, '')}@s.whatsapp.net`
}

/** Whether nobody said what the quoted message says: `contextInfo` has an empty text then. */
function isUntold(quoted: proto.IMessage | null | undefined): boolean {
  if (!quoted) return true
  const { conversation, ...rest } = quoted
  return !conversation && Object.values(rest).every((part) => part === null || part === undefined)
}
