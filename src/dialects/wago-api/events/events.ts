import {
  type EventRenderers,
  type Rendered,
  type TextDeliveryEncoder,
  untold,
} from '../../../delivery/renderer.ts'
import type { Event, EventOf, MessageEvent, ReceiptEvent } from '../../../events/event.ts'
import type { CallFacts, JsonObject } from '../../../events/event-parts.ts'
import { objectAt, textAt } from '../../../events/unwrap.ts'
import { isChannelJid, isPhoneJid } from '../../../lib/jid.ts'
import { ownMember } from '../../../lib/own-member.ts'
import { chatOf, personIn, personOf } from '../shapes/addresses.ts'
import { messageShape } from '../shapes/message-shape.ts'
import { sessionIdOf } from '../shapes/session-id.ts'
import { appStateChange, renderAs } from './app-state-events.ts'

/** How this dialect tells what happened. Every function is pure and needs nothing but the event. */
export const eventRenderers = {
  'session.open': () => renderAs('ready', {}),
  'session.closed': ({ code }) => renderAs('disconnected', { reason: `connection closed (${code})` }),
  'session.logout': ({ reason }) => renderAs('logged_out', { reason: `${reason}: ${logoutReason(reason)}` }),
  'session.banned': ({ code, expireSeconds }) => renderAs('temporary_ban', { code, expire: expireSeconds }),
  'session.refused': ({ reason, message = '' }) => renderAs('connect_failure', { reason, message }),
  'session.unreachable': ({ error }) => renderAs('connect_failure', { reason: 0, message: error }),
  'session.outdated': () => renderAs('connect_failure', { reason: 405, message: 'client is out of date' }),
  'session.replaced': () => renderAs('stream_replaced', {}),
  'session.qr': ({ code }) => renderAs('qr', { qr: code }),
  // The original stands still where WhatsApp demands a passkey.
  'session.passkey.request': ({ by, publicKey, page = '' }) =>
    by === 'socket' ? renderAs('passkey_request', { publicKey, page }) : undefined,
  'session.passkey.confirmation': ({ by, code, skipHandoff }) =>
    by === 'socket' ? renderAs('passkey_code', { code, skipHandoff }) : undefined,
  'session.passkey.failed': ({ error }) => renderAs('passkey_failed', { error }),
  'session.code.void': () => renderAs('pairing_code_void', {}),
  'session.integrity.challenge': ({ kind }) => renderAs('integrity_challenge', { kind }),
  'session.paired': ({ jid, platform, businessName }) =>
    renderAs('authenticated', { jid: personOf(jid), platform, businessName }),

  message,
  'message.sent': (event) => message(event),
  receipt,
  presence: (event) => {
    const person = personIn(event, event.from)
    return renderAs('presence', {
      chat: person,
      sender: person,
      state: event.unavailable ? 'unavailable' : 'available',
      media: '',
      ...(event.lastSeen > 0 && { lastSeen: event.lastSeen }),
    })
  },
  'chat.presence': (event) =>
    renderAs('presence', {
      chat: chatOf(event),
      sender: personOf(event.sender, event.senderAlt),
      state: event.state,
      media: event.media,
    }),

  'group.changed': groupUpdate,
  'group.joined': ({ chat, reason, sender, senderPn, group }) =>
    renderAs('group_join', {
      group: chat,
      reason,
      name: group.name.name,
      sender: personOf(sender ?? '', senderPn ?? ''),
    }),
  'call.offer': (event) =>
    renderAs('call', {
      ...call(event),
      isVideo: Array.isArray(event.data.content) && event.data.content.some(({ tag }) => tag === 'video'),
      isGroup: event.group !== '',
    }),
  'call.offer.notice': (event) =>
    renderAs('call', { ...call(event), isVideo: event.media === 'video', isGroup: true }),

  // One person is a change; several, or nobody named, is a new list.
  'account.blocklist': (event) => {
    const changes = event.changes.map((one) => ({ ...one, jid: personIn(event, one.jid) }))
    const [change, ...others] = changes
    if (change && others.length === 0) return renderAs('blocklist_change', change)
    return renderAs('blocklist', { action: event.action, changes })
  },
  'appstate.change': appStateChange,
  'history.sync': ({ history }) =>
    renderAs('history_sync', {
      type: HISTORY_TYPES[Number(history.syncType ?? 0)] ?? 'UNKNOWN',
      progress: Number(history.progress ?? 0),
      conversations: Array.isArray(history.conversations) ? history.conversations.length : 0,
    }),
  'contact.identity': (event) =>
    renderAs('identity_change', { jid: personIn(event, event.jid), timestamp: event.timestamp }),
  'contact.picture': (event) =>
    renderAs('picture', {
      jid: personIn(event, event.jid),
      author: personIn(event, event.author),
      removed: event.removed,
      pictureId: event.pictureId,
      timestamp: event.timestamp,
    }),

  'newsletter.join': ({ chat, newsletter }) =>
    renderAs('newsletter_join', {
      channel: chat,
      name: textAt(objectAt(objectAt(newsletter, 'thread_metadata'), 'name'), 'text'),
    }),
  'newsletter.leave': ({ chat, role }) => renderAs('newsletter_leave', { channel: chat, role }),
  'newsletter.mute': ({ chat, mute }) => renderAs('newsletter_mute_change', { channel: chat, mute }),

  // Not in the original, where nothing can be tried out.
  test: ({ timestamp }) => renderAs('test', { timestamp }),

  ...untold(
    'account.name',
    'account.privacy',
    'appstate.complete',
    'appstate.failed',
    'call.accept',
    'call.other',
    'call.state',
    'call.relay',
    'call.terminate',
    'contact.about',
    'contact.name',
    'media.retry',
    'message.undecryptable',
    'newsletter.live',
    'session.keepalive.restored',
    'session.keepalive.timeout',
    'session.offline.completed',
    'session.offline.preview',
    'session.pair.failed',
    'session.phone.outdated',
    'session.qr.timeout',
    'session.stream.error',
  ),
} satisfies EventRenderers

/** An event in the words of this dialect; undefined when it has none. */
export function renderedEvent(event: Event): Rendered | undefined {
  // Each renderer takes the member of the union that its key names, and nothing else.
  const renderers = eventRenderers as {
    [type in Event['type']]: ((event: Event) => Rendered | undefined) | null
  }
  return renderers[event.type]?.(event)
}

/** `{"sessionId","event","data"}`: the body of a webhook and the frame of a WebSocket. */
export const encodeEvent: TextDeliveryEncoder = ({ name, payload }, { user }) => ({
  body: JSON.stringify({ sessionId: sessionIdOf(user), event: name, data: payload }),
  headers: { 'Content-Type': 'application/json' },
})

/** What was written in a chat, by others or by this account, or a post of somebody else's channel. */
function message(event: Omit<MessageEvent, 'type'>): Rendered | undefined {
  const shape = messageShape(event)
  if (!shape) return undefined
  if (event.fromMe) return renderAs('message_create', shape)
  if (!isChannelJid(event.chat)) return renderAs('message', shape)
  const { id, body, type, timestamp } = shape
  return renderAs('newsletter_message', {
    channel: event.chat,
    serverId: event.serverId,
    body: body ?? '',
    timestamp: timestamp ?? 0,
    id: id ?? '',
    type: type ?? '',
  })
}

/** Kinds of receipts that say how far a message got; the others are between devices. */
const ACKS: Record<string, string> = {
  '': 'delivered',
  inactive: 'delivered',
  read: 'read',
  'read-self': 'read-self',
  played: 'played',
  'played-self': 'played-self',
}

function receipt(event: ReceiptEvent): Rendered | undefined {
  const type = ownMember(ACKS, event.kind)
  if (type === undefined) return undefined
  return renderAs('message_ack', {
    messageIds: event.messageIds,
    chat: chatOf(event),
    sender: personOf(event.sender, event.senderAlt),
    type,
    timestamp: event.timestamp,
  })
}

/** What changed in a group; members that did not change are left out. */
function groupUpdate(event: EventOf<'group.changed'>): Rendered {
  const { name, topic, locked, announce, ephemeral, joinApprovalRequired, newInviteLink } = event
  const people = (jids: string[] | null) => jids?.map((jid) => personIn(event, jid))
  const changes = {
    name: name?.name,
    topic: topic?.topic,
    isLocked: locked,
    isAnnounce: announce?.isAnnounce,
    disappearingTimer: ephemeral?.timerSeconds,
    isJoinApprovalRequired: joinApprovalRequired,
    inviteLink: newInviteLink,
    join: people(event.join),
    leave: people(event.leave),
    promote: people(event.promote),
    demote: people(event.demote),
    deleted: event.deleted ? true : undefined,
  }
  return renderAs('group_update', {
    group: event.chat,
    sender: personOf(event.sender ?? '', event.senderPn ?? ''),
    timestamp: event.timestamp,
    ...Object.fromEntries(
      Object.entries(changes).filter(([, value]) => value !== undefined && value !== null),
    ),
  })
}

/** `from` is the address that rings, which a rejection has to name; `fromPn` the caller's number, '' while unknown. */
function call({ callId, from, creator, creatorAlt, timestamp }: CallFacts): JsonObject {
  const caller = personOf(creator || from)
  const number = personOf(caller, creatorAlt)
  return { callId, from: caller, fromPn: isPhoneJid(number) ? number : '', timestamp }
}

/** Names of `HistorySync.HistorySyncType`, by number. */
const HISTORY_TYPES = [
  'INITIAL_BOOTSTRAP',
  'INITIAL_STATUS_V3',
  'FULL',
  'RECENT',
  'PUSH_NAME',
  'NON_BLOCKING_DATA',
  'ON_DEMAND',
]

/** whatsmeow's sentences for the numbers with which WhatsApp ends a login. */
const LOGOUT_REASONS: Record<number, string> = {
  401: 'logged out from another device',
  403: 'primary device was logged out',
  406: 'logged out for unknown reason',
}

function logoutReason(reason: number): string {
  return LOGOUT_REASONS[reason] ?? 'unknown error'
}
