import { bare, isGroupJid, isMe, isSharedJid, unhosted } from '../../lib/jid.ts'
import { type MessageName, nameText } from '../../lib/message-ref.ts'
import type { Logger } from '../../lib/process/logger.ts'
import { editAttribute, stanzaNodes } from '../content/stanza-nodes.ts'
import type { GroupDirectory } from '../inbound/group-directory.ts'
import { namesOf } from '../inbound/identities.ts'
import type { SharedCaches } from '../library/caches.ts'
import {
  type BinaryNode,
  extractE2ESessionFromRetryReceipt,
  isJidStatusBroadcast,
  type WASocket,
} from '../library/engine.ts'
import { isTemporary } from '../library/faults.ts'
import { runInRootContext } from '../library/patches/index.ts'
import { child, type Me, numberAttr } from '../wire/node.ts'
import { type Audiences, peopleIn } from './audiences.ts'
import type { SentCopy, SentMessages } from './sent-messages.ts'

export interface ResendDeps {
  socket: WASocket
  userId: string
  /** The account's own JIDs. */
  me: () => Me
  sent: Pick<SentMessages, 'find'>
  audiences: Pick<Audiences, 'includes'>
  groups: Pick<GroupDirectory, 'recall'>
  caches: Pick<SharedCaches, 'copies'>
  /** Called when the store fails: the request stays unacknowledged and is offered again. */
  onFailed: (error: unknown) => undefined
  log: Logger
}

/** A device that could not decrypt a message and asks for another copy. */
interface Request extends MessageName {
  /** JID of the device, as it is addressed. */
  device: string
  /** The person whose device it is, by the JID in use. */
  person: string
  isOwn: boolean
  /** 1 for its first request for this message. */
  count: number
}

// A device that still cannot decrypt after that many copies never will; clients ask five times.
const MAX_COPIES = 5
// A member who was removed is announced before anything that comes later; this bounds what a lost word can do.
const MEMBERS_MAX_AGE_MS = 30_000

/**
 * Answers a request for another copy in the library's place. The library goes by the id alone and sends to whatever chat
 * the request names, to everybody in it when a phone asks (docs/library-defects.md). Here the message is looked up in the
 * chat that the request came from, and only a device whose owner it was sent to gets it. What has no right is acknowledged
 * like the rest, or WhatsApp would offer it for ever. Never rejects.
 */
export function answerRetryRequest(deps: ResendDeps, receipt: BinaryNode): Promise<void> {
  return runInRootContext(() => answer(deps, receipt))
}

async function answer(deps: ResendDeps, receipt: BinaryNode): Promise<void> {
  const { id } = receipt.attrs
  try {
    await resend(deps, receipt)
  } catch (error) {
    deps.log.warn({ err: error, message: id }, 'another copy of a message could not be sent')
    // Left unacknowledged it is offered again at the next login, and until then keeps nothing from coming. That ends when
    // the message is no longer kept.
    if (isTemporary(error)) return
  }
  // As the library does: only once the copy has left, so that a crash in between does not lose the request.
  await deps.socket.sendMessageAck(receipt).catch((error: unknown) => {
    deps.log.debug({ err: error, message: id }, 'a request for another copy was not acknowledged')
  })
}

async function resend(deps: ResendDeps, receipt: BinaryNode): Promise<void> {
  const { socket } = deps
  const request = requestIn(receipt, deps.me())
  const right = await rightOf(deps, request)
  if (!right) {
    deps.log.debug({ message: request.id }, 'a request for a message that was not sent to whoever asks')
    return
  }
  const name = `${nameText({ userId: deps.userId, ...request })}/${request.device}`
  const copies = deps.caches.copies.get(name) ?? 0
  if (copies >= MAX_COPIES) return
  deps.caches.copies.set(name, copies + 1)
  await renewSession(socket, request.device, receipt)
  if (right.copy) await send(socket, request, right.copy)
}

/**
 * What a request says, by what its sender cannot choose: WhatsApp writes where it comes from. Only the account's own
 * devices say which chat they mean, unless it is the one with themselves; in a chat of two everybody else means that chat.
 */
function requestIn({ attrs, ...receipt }: BinaryNode, me: Me): Request {
  const { id = '', from = '', participant = '', recipient = '' } = attrs
  const device = isSharedJid(from) ? participant : from
  const person = bare(unhosted(device))
  const isOwn = isMe(person, me)
  const chat = isSharedJid(from) ? from : isOwn ? bare(unhosted(recipient || from)) : person
  const count = numberAttr(child({ attrs, ...receipt }, 'retry'), 'count') || 1
  return { id, chat, device, person, isOwn, count }
}

/** What whoever asks may have: a new session, and with it the message that was asked for; undefined is nothing. */
async function rightOf(
  deps: ResendDeps,
  { id, chat, person, isOwn }: Request,
): Promise<{ copy?: SentCopy | undefined } | undefined> {
  const mappings = async (ids: string[]) => deps.socket.authState.keys.get('lid-mapping', ids)
  const chats = await namesOf(chat, mappings)
  const copy = await deps.sent.find(deps.userId, { id, chats }).catch(deps.onFailed)
  // The account's own devices may renew their keys for what is kept nowhere: requests to the phone, settings.
  if (isOwn) return { copy }
  if (!copy || !isSharedJid(chat)) return copy && { copy }
  if (!isGroupJid(chat) && !isJidStatusBroadcast(chat)) return undefined
  const names = await namesOf(person, mappings)
  if (!(await wasSentTo(deps, copy, names))) return undefined
  // The library would send the copy of a status as a private message: its viewer can read the next one.
  if (!isGroupJid(chat)) return {}
  return (await isMember(deps, chat, names)) ? { copy } : undefined
}

async function wasSentTo(deps: ResendDeps, { audience }: SentCopy, names: string[]): Promise<boolean> {
  // Sent before audiences were written down, or a status whose viewers nobody named.
  if (audience === null) return true
  return (await deps.audiences.includes(deps.userId, audience, names).catch(deps.onFailed)) === true
}

async function isMember(deps: ResendDeps, chat: string, names: string[]): Promise<boolean> {
  const group = await deps.groups.recall(chat, MEMBERS_MAX_AGE_MS)
  const people = new Set(group && peopleIn(group))
  return names.some((name) => people.has(name))
}

/** Starts a new Signal session with a device: with the keys it has sent along, or else with those the server has. */
async function renewSession(socket: WASocket, device: string, receipt: BinaryNode): Promise<void> {
  const session = extractE2ESessionFromRetryReceipt(receipt)
  if (session) await socket.signalRepository.injectE2ESession({ jid: device, session })
  else await socket.assertSessions([device], true)
}

/**
 * Sends a copy to the device that asked. A phone in a chat of two gets it with all devices of that chat, as the library
 * has always done it; in a group that would reach those who joined later.
 */
async function send(socket: WASocket, request: Request, { message }: SentCopy): Promise<void> {
  const { id, chat, device, isOwn, count } = request
  const isPhone = bare(device) === unhosted(device)
  const additionalNodes = stanzaNodes(message)
  const edit = editAttribute(message)
  if (isPhone && !isSharedJid(chat)) {
    await socket.relayMessage(chat, message, {
      messageId: id,
      useUserDevicesCache: false,
      additionalNodes,
      additionalAttributes: edit,
    })
    return
  }
  await socket.relayMessage(chat, message, {
    messageId: id,
    additionalNodes,
    participant: { jid: device, count },
    // An own device learns from this which chat it is; the library says so only where it asks by number. Within a group
    // the stanza goes to the group.
    additionalAttributes: { ...edit, ...(isOwn && !isGroupJid(chat) && { recipient: chat }) },
  })
}
