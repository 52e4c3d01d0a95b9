import { type EventRenderers, type Rendered, untold } from '../../delivery/renderer.ts'
import type { WebhookProfile } from '../../delivery/webhook-profiles.ts'
import type { Event, EventType, MessageEvent } from '../../events/event.ts'
import { contentOf, describeContent, NO_CONTENT } from '../../events/message-kinds.ts'
import { holdsOnly, isStatusOfGroup, messageOf } from '../../events/unwrap.ts'
import { bare, isChannelJid, isLidJid, isPhoneJid, STATUS_JID } from '../../lib/jid.ts'
import type { KeptMessage } from '../../operations/deliveries/event-log.ts'
import { instant } from './fields.ts'

/** Events of the connection -> the word of the log. A connection that is replaced or unlinked is gone as well. */
const CONNECTIONS = {
  'session.open': 'connected',
  'session.closed': 'disconnected',
  'session.logout': 'disconnected',
  'session.replaced': 'disconnected',
} as const

/** Those of a linking, and of a demand that may end it, which the original does not know. */
const LINKING: readonly EventType[] = [
  'session.passkey.request',
  'session.passkey.confirmation',
  'session.passkey.failed',
  'session.code.void',
  'session.integrity.challenge',
]

/** The events of the connection that are told. */
export const connectionTypes = Object.keys(CONNECTIONS) as readonly EventType[]

/** What the log calls an event of the connection; undefined for all others. */
export function connectionWord(type: EventType): string | undefined {
  return Object.entries(CONNECTIONS).find(([known]) => known === type)?.[1]
}

/**
 * Whether somebody else wrote something: the original has no word for own messages, and channels and statuses are not
 * chats.
 */
export function isIncoming(message: MessageEvent | KeptMessage): boolean {
  const { chat, raw } = message
  if (message.fromMe || message.category === 'peer' || isChannelJid(chat) || chat === STATUS_JID) return false
  return !isStatusOfGroup(raw) && !holdsOnly(messageOf(message), NO_CONTENT)
}

/** A message as the webhook and the log tell it. */
export function messageData(message: MessageEvent | KeptMessage) {
  const { sender, senderAlt, id, pushName, timestamp, isGroup } = message
  const from = phoneJid(sender, senderAlt)
  return {
    from,
    // In a chat of two the chat is the other person, who may come under either identity.
    chat: isGroup ? message.chat : phoneJid(message.chat, from),
    messageID: id,
    pushName,
    timestamp: instant(timestamp),
    text: writtenIn(message),
    isGroup,
  }
}

/** What was written, or in words what was sent; '' for a file without a caption. */
function writtenIn(message: MessageEvent | KeptMessage): string {
  const found = contentOf(messageOf(message))
  return found ? describeContent(found) : ''
}

/** The JID with the phone number where it is known, without device. */
function phoneJid(jid: string, alt: string): string {
  const known = isLidJid(jid) && isPhoneJid(alt) ? alt : jid
  return bare(known)
}

/** The envelope of the webhook. */
function envelope(event: string, data: object): Rendered {
  return { name: event, payload: { event, data } }
}

function connection({ type }: { type: keyof typeof CONNECTIONS }): Rendered {
  return envelope(CONNECTIONS[type], {})
}

/** How events are told. */
const renderers: EventRenderers = {
  message: (event) => envelope('message', messageData(event)),
  'session.open': connection,
  'session.closed': connection,
  'session.logout': connection,
  'session.replaced': connection,
  // The original stands still where WhatsApp demands a passkey.
  'session.passkey.request': ({ by, publicKey, page = '' }) =>
    by === 'socket' ? envelope('passkey_required', { page, publicKey }) : undefined,
  'session.passkey.confirmation': ({ by, code, skipHandoff }) =>
    by === 'socket' ? envelope('passkey_code', { code, skipHandoff }) : undefined,
  'session.passkey.failed': ({ error }) => envelope('passkey_failed', { error }),
  'session.code.void': () => envelope('pairing_code_void', {}),
  'session.integrity.challenge': ({ kind }) => envelope('integrity_challenge', { kind }),
  test: ({ timestamp }) => envelope('test', { timestamp: instant(timestamp) }),

  ...untold(
    'account.blocklist',
    'account.name',
    'account.privacy',
    'appstate.change',
    'appstate.complete',
    'appstate.failed',
    'call.accept',
    'call.offer',
    'call.offer.notice',
    'call.other',
    'call.relay',
    'call.state',
    'call.terminate',
    'chat.presence',
    'contact.about',
    'contact.identity',
    'contact.name',
    'contact.picture',
    'group.changed',
    'group.joined',
    'history.sync',
    'media.retry',
    'message.sent',
    'message.undecryptable',
    'newsletter.join',
    'newsletter.leave',
    'newsletter.live',
    'newsletter.mute',
    'presence',
    'receipt',
    'session.banned',
    'session.keepalive.restored',
    'session.keepalive.timeout',
    'session.offline.completed',
    'session.offline.preview',
    'session.outdated',
    'session.pair.failed',
    'session.paired',
    'session.phone.outdated',
    'session.qr',
    'session.qr.timeout',
    'session.refused',
    'session.stream.error',
    'session.unreachable',
  ),
}

/** Where a user of wsgo is told of incoming messages and of its connection: the address set by `POST /api/webhook`. */
export const webhookProfile: WebhookProfile = {
  slot: 'wsgo',
  renderers,
  encode: ({ payload }) => ({
    body: JSON.stringify(payload),
    headers: { 'Content-Type': 'application/json' },
  }),
  isOn: ({ webhook }) => webhook.url !== '',
  wants: (event: Event) => {
    if (event.type === 'message') return isIncoming(event)
    // Of a linking the socket alone is told, see the renderers.
    if ('by' in event && event.by !== 'socket') return false
    return [...connectionTypes, ...LINKING].includes(event.type)
  },
  urlOf: (_rendered, { webhook }) => webhook.url || undefined,
  // For `GET /api/events`.
  keeps: connectionTypes,
}
