import type { EventRenderers, RenderContext, Rendered } from '../../../delivery/renderer.ts'
import type { Event, ReceiptEvent } from '../../../events/event.ts'
import type { CallFacts } from '../../../events/event-parts.ts'
import { postmap } from '../go/postmap.ts'
import { type GoValue, goProto } from '../go/proto.ts'
import { goTime } from '../go/time.ts'
import { goNode, messageSource } from './message-info.ts'
import { newsletterMetadata } from './newsletter-metadata.ts'
import { newsletterPost } from './newsletter-post.ts'

/** Events that every server on this library tells under the same names and in the same words: its own structures. */
export const commonRenderers = {
  receipt,

  presence: (event, { timeZone }) =>
    postmap(
      'Presence',
      { From: event.from, Unavailable: event.unavailable, LastSeen: goTime(event.lastSeen, timeZone) },
      {
        from: event.from,
        state: event.unavailable ? 'offline' : 'online',
        ...(event.unavailable && event.lastSeen > 0 && { last_seen: event.lastSeen }),
      },
    ),
  'chat.presence': (event) =>
    postmap('ChatPresence', { ...messageSource(event), State: event.state, Media: event.media }),
  'history.sync': (event) =>
    postmap('HistorySync', { Data: goProto(event.history), Notification: goProto(event.notification) }),

  'session.logout': (event) => postmap('LoggedOut', { OnConnect: event.onConnect, Reason: event.reason }),

  'session.passkey.request': (event) =>
    postmap('PasskeyRequest', event.by === 'pairing' ? 'passkey-request' : { PublicKey: event.publicKey }, {
      publicKey: event.publicKey,
      ...(event.page && { passkeyPage: event.page }),
    }),
  'session.passkey.confirmation': (event) =>
    postmap(
      'PasskeyConfirmation',
      event.by === 'pairing'
        ? 'passkey-confirmation'
        : { Code: event.code, SkipHandoffUX: event.skipHandoff },
      { code: event.code, skipHandoffUX: event.skipHandoff },
    ),
  'session.passkey.failed': (event) =>
    postmap(
      'PairPasskeyError',
      { Error: goError(event.error), Continuation: event.continuation },
      { error: event.error, continuation: event.continuation },
    ),
  // Two that the library does not have.
  'session.code.void': () => postmap('PairingCodeVoid', {}),
  'session.integrity.challenge': ({ kind }) => postmap('IntegrityChallenge', { Type: kind }),

  'call.offer': (event, { timeZone }) =>
    postmap('CallOffer', { ...callMeta(event, timeZone), ...remote(event), Data: goNode(event.data) }),
  'call.accept': (event, { timeZone }) =>
    postmap('CallAccept', { ...callMeta(event, timeZone), ...remote(event), Data: goNode(event.data) }),
  'call.terminate': (event, { timeZone }) =>
    postmap('CallTerminate', {
      ...callMeta(event, timeZone),
      Reason: event.reason,
      Data: goNode(event.data),
    }),
  'call.offer.notice': (event, { timeZone }) =>
    postmap('CallOfferNotice', {
      ...callMeta(event, timeZone),
      Media: event.media,
      Type: event.callType,
      Data: goNode(event.data),
    }),
  'call.relay': (event, { timeZone }) =>
    postmap('CallRelayLatency', { ...callMeta(event, timeZone), Data: goNode(event.data) }),

  'newsletter.join': (event) => postmap('NewsletterJoin', newsletterMetadata(event.newsletter)),
  'newsletter.leave': (event) => postmap('NewsletterLeave', { id: event.chat, role: event.role }),
  'newsletter.mute': (event) => postmap('NewsletterMuteChange', { id: event.chat, mute: event.mute }),
  'newsletter.live': (event, { timeZone }) =>
    postmap('NewsletterLiveUpdate', {
      JID: event.chat,
      Time: goTime(event.timestamp, timeZone),
      Messages: event.messages.map((post) => newsletterPost(post, timeZone)),
    }),

  // Nowhere else, because nowhere else anything can be tried out.
  test: (event, { timeZone }) => postmap('Test', { Timestamp: goTime(event.timestamp, timeZone) }),
} satisfies Partial<EventRenderers>

/** The kinds of receipts that are told, and what they are called. */
const RECEIPT_STATES = new Map([
  ['', 'Delivered'],
  ['read', 'Read'],
  ['read-self', 'ReadSelf'],
])

/** Whether an event is told at all: of receipts only some kinds are, and the own devices send the others for every text. */
export function isTold(event: Event): boolean {
  return event.type !== 'receipt' || RECEIPT_STATES.has(event.kind)
}

/** `ReadReceipt`, also for deliveries; nothing for the other kinds. */
function receipt(event: ReceiptEvent, { timeZone }: RenderContext): Rendered | undefined {
  const state = RECEIPT_STATES.get(event.kind)
  if (!state) return undefined
  return postmap(
    'ReadReceipt',
    {
      ...messageSource(event),
      MessageIDs: event.messageIds,
      Timestamp: goTime(event.timestamp, timeZone),
      Type: event.kind,
      MessageSender: event.messageSender,
    },
    { state },
  )
}

function callMeta(call: CallFacts, timeZone: string): { [key: string]: GoValue } {
  return {
    From: call.from,
    Timestamp: goTime(call.timestamp, timeZone),
    CallCreator: call.creator,
    CallCreatorAlt: call.creatorAlt,
    CallID: call.callId,
    GroupJID: call.group,
  }
}

function remote(call: { remotePlatform: string; remoteVersion: string }): { [key: string]: GoValue } {
  return { RemotePlatform: call.remotePlatform, RemoteVersion: call.remoteVersion }
}

/** A Go error has no public fields: all that is printed is whether there was one. */
export function goError(error: string): object | null {
  return error ? {} : null
}
