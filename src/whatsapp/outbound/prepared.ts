import { ApiError } from '../../lib/errors.ts'
import { isBroadcastJid, isGroupJid, isLidJid } from '../../lib/jid.ts'
import type { Contact } from '../../store/contacts.ts'
import type { Database } from '../../store/database/database.ts'
import type { GroupDirectory } from '../inbound/group-directory.ts'
import type { SharedCaches } from '../library/caches.ts'
import {
  type GroupMetadata,
  isJidMetaAI,
  isJidNewsletter,
  isJidStatusBroadcast,
  type WASocket,
} from '../library/engine.ts'
import { toApiError } from '../library/faults.ts'
import { withoutDevice } from '../wire/jid.ts'
import { answered } from './answered.ts'
import { openBotSession } from './bot-session.ts'
import { learnDevices } from './device-lists.ts'
import { withTerm } from './disappearing.ts'
import type { OutgoingMessage } from './outgoing.ts'
import { requireRecipient } from './recipient.ts'
import { type ChatAtHand, withReferences } from './references.ts'
import { statusViewers } from './status-viewers.ts'
import { type WireAddress, wireAddress } from './wire-address.ts'

/** What a message is prepared with. */
interface Sources {
  userId: string
  db: Database
  groups: GroupDirectory
  /** Everybody an account knows. */
  contacts(userId: string): Promise<Contact[]>
  caches: SharedCaches
}

/** A message about which WhatsApp has nothing left to be asked. */
export interface PreparedMessage {
  outgoing: OutgoingMessage
  address: WireAddress
}

/**
 * Asks WhatsApp for everything that a message needs before it can be encrypted: the recipient's address, who is in a group
 * or sees a status, their devices and keys. A question that is lost fails the message here, where nothing of it has left
 * and nobody waits for it. Throws as `requireRecipient` and `toApiError` say, `unsupported` for a
 * broadcast list that was made on the phone, and `upstream_timeout`.
 */
export async function prepared(
  sources: Sources,
  socket: WASocket,
  message: OutgoingMessage,
): Promise<PreparedMessage> {
  const { groups, db } = sources
  requireRecipient(message.to)
  // WhatsApp takes a message that is for nobody, and its acknowledgement says nothing of that.
  if (isBroadcastJid(message.to) && !isJidStatusBroadcast(message.to))
    throw new ApiError('unsupported', {
      text: 'nothing can be sent to a broadcast list: WhatsApp does not tell linked devices who is in it',
    })
  try {
    const outgoing = await withAudience(sources, socket, message)
    const address = await answered('address', wireAddress(socket, outgoing.to))
    const group = isGroupJid(address.to) ? await answered('group members', groups.get(address.to)) : undefined
    const people = recipients(socket, { ...outgoing, to: address.to }, group)
    await learnDevices(socket, { to: address.to, people }, sources)
    const chat = await chatAtHand(sources, socket, { to: outgoing.to, address, group })
    const referring = await withReferences(db, chat, outgoing.message)
    const whole = await withTerm(db, { ...chat, group }, referring)
    return { outgoing: { ...outgoing, message: whole }, address }
  } catch (error) {
    throw toApiError(error)
  }
}

/** What the library has to be told before it sends to anything but people and groups. */
async function withAudience(
  { contacts, userId, caches }: Sources,
  socket: WASocket,
  message: OutgoingMessage,
): Promise<OutgoingMessage> {
  const { to, statusJidList } = message
  if (isJidMetaAI(to)) await openBotSession(socket, to, { caches, userId })
  if (!isJidStatusBroadcast(to) || statusJidList) return message
  return { ...message, statusJidList: await statusViewers(socket, () => contacts(userId)) }
}

/** Everybody whose devices a message is encrypted for, by the address that the library uses for them. */
function recipients(
  { authState }: WASocket,
  { to, statusJidList }: OutgoingMessage,
  group: GroupMetadata | undefined,
): string[] {
  if (isJidNewsletter(to)) return []
  if (isJidStatusBroadcast(to)) return statusJidList ?? []
  if (isGroupJid(to)) return (group?.participants ?? []).map(({ id }) => id)
  const { me } = authState.creds
  return [withoutDevice((isLidJid(to) && me?.lid) || me?.id), to]
}

interface Destination {
  to: string
  address: WireAddress
  group: GroupMetadata | undefined
}

async function chatAtHand(
  { userId }: Sources,
  { authState, signalRepository }: WASocket,
  { to, address, group }: Destination,
): Promise<ChatAtHand> {
  const { me } = authState.creds
  const phoneOf = async (jid: string) => {
    const phone = isLidJid(withoutDevice(jid)) && (await signalRepository.lidMapping.getPNForLID(jid))
    return withoutDevice(phone || jid)
  }
  return {
    userId,
    names: [...new Set([address.to, to, await phoneOf(address.to)])],
    isByLid: isLidJid(address.to) || group?.addressingMode === 'lid',
    me: { pn: me?.id ?? '', lid: me?.lid ?? '' },
    phoneOf,
  }
}
