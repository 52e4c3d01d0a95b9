import type {
  CallFacts,
  EventResponse,
  GroupDetails,
  GroupLink,
  GroupName,
  GroupTopic,
  JsonObject,
  MessageFacts,
  PollVote,
  PrivacySettings,
  ProtoJson,
  SealedFacts,
  Source,
  XmlNode,
} from './event-parts.ts'

/**
 * Everything that can happen to an account. Each member is plain JSON, because events are stored as text.
 * `chat`, where present, is what keeps deliveries in order: two events of one chat never overtake each other.
 * JIDs, instants and protobuf trees follow the conventions in `event-parts.ts`.
 */
export type Event = (
  | MessageEvent
  | MessageSentEvent
  | UndecryptableEvent
  | MediaRetryEvent
  | ReceiptEvent
  | PresenceEvent
  | ChatPresenceEvent
  | HistorySyncEvent
  | SessionEvent
  | AccountEvent
  | ContactEvent
  | GroupChangedEvent
  | GroupJoinedEvent
  | CallEvent
  | NewsletterEvent
  | AppStateEvent
  | TestEvent
) & {
  /**
   * The other identities, LID or phone number, of people whom the event names without one: by the JID it names them
   * with, as far as they are known.
   */
  aliases?: Record<string, string>
}

export type EventType = Event['type']

/** The member of the union with this type. */
export type EventOf<T extends EventType> = Extract<Event, { type: T }>

/**
 * A message was decrypted: incoming, from another own device, or a channel post. Also reactions, edits, revokes,
 * votes, key exchanges between own devices: the receiver picks what it wants by looking into the message.
 */
export interface MessageEvent extends MessageFacts {
  type: 'message'
  /** The message exactly as decrypted; `unwrapMessage` takes off its wrappers. */
  raw: ProtoJson
  /** Of what was sealed and could be opened: its plain form, as clients sent it before there was sealing. */
  decrypted?: ProtoJson
  /** Set when the message is sealed: an edit, a reaction, a vote, ... */
  sealed?: SealedFacts
  /** Set when an own device sent this: to whom, and a hash over the recipients. */
  deviceSent: { destinationJid: string; phash: string } | null
  /** How many times decryption was attempted anew. */
  retryCount: number
  /** Channel posts: unix milliseconds of the last edit and unix seconds of the original; 0 = none. */
  newsletter: { editedAtMs: number; originalAt: number } | null
  /** The phone's copy of a message this device could not decrypt, and the request it answers. */
  unavailableRequestId: string
  sourceWebMessage: ProtoJson | null
  pollVote?: PollVote
  eventResponse?: EventResponse
}

/**
 * A message sent through this server was acknowledged, told in the form of a message from another own device. `raw` is
 * wrapped accordingly, and `stanzaType` is the kind of content: `text`, `image`, `poll`, ...
 */
export interface MessageSentEvent extends Omit<MessageEvent, 'type'> {
  type: 'message.sent'
}

/**
 * A message arrived that this device cannot read. Wait: a readable copy usually follows as `message` with the same id.
 * `isUnavailable` means the server withheld it on purpose (view once on a companion): look at the phone instead.
 */
export interface UndecryptableEvent extends MessageFacts {
  type: 'message.undecryptable'
  isUnavailable: boolean
  /** `view_once`, ... or ''. */
  unavailableType: string
  /** `hide` asks clients not to show a placeholder, else ''. */
  decryptFailMode: string
}

/** The phone answered a request to upload media anew. Decrypt `ciphertext` with the media key, then download again. */
export interface MediaRetryEvent {
  type: 'media.retry'
  chat: string
  messageId: string
  sender: string
  fromMe: boolean
  timestamp: number
  /** Base64; null when the phone answered with an error. */
  ciphertext: string | null
  iv: string | null
  errorCode: number | null
}

/** Someone got, read or played messages. Update the ticks of `messageIds`; one event per reader. */
export interface ReceiptEvent extends Source {
  type: 'receipt'
  messageIds: string[]
  timestamp: number
  /** '' delivered, `read`, `read-self` (read on another own device), `played`, `retry`, `sender`, `inactive`, ... */
  kind: string
  /** Groups: who wrote the messages an own device read, else ''. */
  messageSender: string
}

/** A contact went online or offline. Comes only after subscribing, and while the account itself is available. */
export interface PresenceEvent {
  type: 'presence'
  chat: string
  from: string
  unavailable: boolean
  /** Unix seconds, 0 when hidden. */
  lastSeen: number
}

/** Someone types, records or stopped. Show it for a few seconds: a missing `paused` is normal. */
export interface ChatPresenceEvent extends Source {
  type: 'chat.presence'
  state: 'composing' | 'paused'
  /** `audio` while recording a voice note, else ''. */
  media: string
}

/** The phone shared a part of its history. Store the conversations; the messages inside are not sent as `message`. */
export interface HistorySyncEvent {
  type: 'history.sync'
  history: ProtoJson
  notification: ProtoJson
}

/** The life of the connection between this server and WhatsApp. */
export type SessionEvent =
  /**
   * A code to scan: show `image` (a PNG data URL) until the next one or the end of the linking. The first one comes with
   * all `codes` of the linking, in their order.
   */
  | { type: 'session.qr'; code: string; image: string; codes?: string[] }
  /** Nobody scanned in time; linking is over. Connect again for new codes. */
  | { type: 'session.qr.timeout' }
  /** The account linked this device. Nothing to do: `session.open` follows in seconds. */
  | {
      type: 'session.paired'
      jid: string
      lid: string
      businessName: string
      platform: string
      /** What the phone says about its migration to LIDs, if it says so. */
      props: ProtoJson | null
    }
  /** Linking failed. `by` is who reports it: the server's answer (`socket`) or the wait for a scan (`pairing`). */
  | {
      type: 'session.pair.failed'
      by: 'socket' | 'pairing'
      jid: string
      lid: string
      businessName: string
      platform: string
      error: string
    }
  /**
   * Linking needs a passkey: have the browser answer `publicKey` (WebAuthn) and send the answer to this server. `page` is
   * the address of a page that explains how, below this server's own; it ends with this linking.
   */
  | { type: 'session.passkey.request'; by: 'socket' | 'pairing'; publicKey: JsonObject; page?: string }
  /** The passkey was accepted: let the owner compare `code` with the phone, unless `skipHandoff`. */
  | { type: 'session.passkey.confirmation'; by: 'socket' | 'pairing'; code: string; skipHandoff: boolean }
  /** The passkey step failed; link anew. */
  | { type: 'session.passkey.failed'; error: string; continuation: boolean }
  /** The code to be typed on the phone is void: WhatsApp wants another one. Ask for a new code. */
  | { type: 'session.code.void' }
  /**
   * WhatsApp asks the linked account to prove that it belongs to a person, by `PASSKEY` or `CAPTCHA`. This server cannot
   * answer: open WhatsApp Web or the phone, or the session may be logged out.
   */
  | { type: 'session.integrity.challenge'; kind: string }
  /** Connected and logged in: operations work from now on. `account` is who this is, as far as it is known. */
  | {
      type: 'session.open'
      account?: { jid: string; pushName: string; platform: string; businessName: string }
    }
  /** The connection broke. Nothing to do: it is made again with growing pauses. */
  | { type: 'session.closed'; code: number }
  /** The account removed this device (401), lost it (403) or was blocked (406). Link anew; keys are gone. */
  | { type: 'session.logout'; onConnect: boolean; reason: number }
  /** Another connection of the same device took over; this one stays away until told to connect. */
  | { type: 'session.replaced' }
  /** The account is blocked for a while; `expireSeconds` 0 = unknown. Send less, later. */
  | { type: 'session.banned'; code: number; expireSeconds: number }
  /** WhatsApp wants a newer client. The server looks for a newer version by itself; update it if this persists. */
  | { type: 'session.outdated' }
  /** WhatsApp refused the login for another reason. A person must look at `reason`. */
  | { type: 'session.refused'; reason: number; message?: string; raw?: XmlNode }
  /** The first connects after a start failed. Look at the network or the proxy; it goes on trying with growing pauses. */
  | { type: 'session.unreachable'; error: string; attempts: number }
  /** The server ended the stream with an error of an unusual kind. Informational: the connection is made again. */
  | { type: 'session.stream.error'; code: string; raw: XmlNode }
  /** A ping went unanswered; `errorCount` in a row, the last good one at `lastSuccess` (unix seconds). */
  | { type: 'session.keepalive.timeout'; errorCount: number; lastSuccess: number }
  /** Pings are answered again. */
  | { type: 'session.keepalive.restored' }
  /** What was missed while away and will come now. */
  | {
      type: 'session.offline.preview'
      total: number
      appDataChanges: number
      messages: number
      notifications: number
      receipts: number
    }
  /** Everything missed has been delivered. */
  | { type: 'session.offline.completed'; count: number }
  /** The phone scanned the code but cannot link devices: update WhatsApp on it. */
  | { type: 'session.phone.outdated' }

/** The account's own settings changed, usually on the phone. */
export type AccountEvent =
  /** The account's display name changed. */
  | { type: 'account.name'; name: string; timestamp: number; fromFullSync: boolean }
  /** Privacy settings changed; `changed` names the ones that did, `settings` is all that is known. */
  | { type: 'account.privacy'; settings: PrivacySettings; changed: (keyof PrivacySettings)[] }
  /** People were blocked or unblocked. With `action` `modify` the whole list changed: fetch it anew. */
  | {
      type: 'account.blocklist'
      action: string
      dhash: string
      prevDhash: string
      changes: { jid: string; action: string }[]
    }

/** Something about another person or group changed. */
export type ContactEvent =
  /** A profile or group picture was set or removed; fetch it anew if it is shown. */
  | {
      type: 'contact.picture'
      chat: string
      jid: string
      author: string
      timestamp: number
      removed: boolean
      pictureId: string
    }
  /** A contact changed the "about" text. */
  | { type: 'contact.about'; chat: string; jid: string; status: string; timestamp: number }
  /** A contact reinstalled WhatsApp or changed phones. Warn where identity matters. */
  | { type: 'contact.identity'; chat: string; jid: string; timestamp: number; implicit: boolean }
  /**
   * What somebody is called became known or changed, with a message: the name that this person chose (`push`), or the
   * verified one of a business. `alias` is the person's other identity, `before` the name until now; both '' if unknown.
   */
  | {
      type: 'contact.name'
      chat: string
      kind: 'push' | 'business'
      jid: string
      alias: string
      before: string
      name: string
    }

/** A group changed: several members can be set at once, null members did not change. */
export interface GroupChangedEvent {
  type: 'group.changed'
  chat: string
  notify: string
  /** Null when the server made the change. */
  sender: string | null
  senderPn: string | null
  timestamp: number
  name: GroupName | null
  topic: GroupTopic | null
  locked: boolean | null
  announce: { isAnnounce: boolean; versionId: string } | null
  ephemeral: { isEphemeral: boolean; timerSeconds: number } | null
  joinApprovalRequired: boolean | null
  deleted: { reason: string } | null
  link: GroupLink | null
  unlink: GroupLink | null
  newInviteLink: string | null
  prevParticipantVersionId: string
  participantVersionId: string
  joinReason: string
  join: string[] | null
  leave: string[] | null
  promote: string[] | null
  demote: string[] | null
  suspended: boolean
  unsuspended: boolean
  /** Changes this server has no name for. */
  unknown: XmlNode[] | null
}

/** The account is in a new group: it created it, joined or was added. Store it; later changes are `group.changed`. */
export interface GroupJoinedEvent {
  type: 'group.joined'
  chat: string
  /** `invite` when joined by link. */
  reason: string
  /** `new` for a group created now. */
  joinType: string
  createKey: string
  sender: string | null
  senderPn: string | null
  notify: string
  group: GroupDetails
}

/** Calls to the account, and those that this server places or takes. */
export type CallEvent =
  /** The phone rings. */
  | (CallFacts & { type: 'call.offer'; chat: string; remotePlatform: string; remoteVersion: string })
  /** Someone, perhaps the phone, took the call. */
  | (CallFacts & { type: 'call.accept'; chat: string; remotePlatform: string; remoteVersion: string })
  /** The call ended or was given up; `reason` `timeout`, `accepted_elsewhere`, ... or ''. */
  | (CallFacts & { type: 'call.terminate'; chat: string; reason: string })
  /** A group call began. */
  | (CallFacts & { type: 'call.offer.notice'; chat: string; media: string; callType: string })
  /** Relay measurements of a ringing call; of interest only to voice clients. */
  | (CallFacts & { type: 'call.relay'; chat: string })
  /** How a call stands here: `connecting` once it is taken, `active` while both can speak; `reason` of its end. */
  | {
      type: 'call.state'
      chat: string
      callId: string
      /** JID of the other side. */
      peer: string
      direction: 'incoming' | 'outgoing'
      state: 'calling' | 'ringing' | 'connecting' | 'active' | 'ended'
      reason: string
      /** Unix seconds. */
      timestamp: number
    }
  /** Any other step of a call (`reject`, `preaccept`, `transport`); `data.tag` names it. */
  | (CallFacts & { type: 'call.other'; chat: string })

/** Channels the account follows. */
export type NewsletterEvent =
  /** The account follows a channel now; `newsletter` is WhatsApp's own description of it. */
  | { type: 'newsletter.join'; chat: string; newsletter: JsonObject }
  /** The account left a channel; `role` is what it is now (`guest`). */
  | { type: 'newsletter.leave'; chat: string; role: string }
  /** Notifications of a channel were turned `on` or `off`. */
  | { type: 'newsletter.mute'; chat: string; mute: string }
  /** New counts of views and reactions. Comes only after asking for live updates. */
  | {
      type: 'newsletter.live'
      chat: string
      timestamp: number
      messages: {
        serverId: number
        id: string
        stanzaType: string
        timestamp: number
        views: number
        /** Emoji -> count; null when the update says nothing about reactions. */
        reactions: Record<string, number> | null
        message: ProtoJson | null
      }[]
    }

/** Settings and chat marks synchronised between the account's devices. */
export type AppStateEvent =
  /** One mark changed (pin, mute, archive, star, label, ...): `index` names it, `action` is its new value. */
  | {
      type: 'appstate.change'
      chat?: string
      index: string[]
      action: ProtoJson
      timestamp: number
      fromFullSync: boolean
    }
  /** One collection of marks is complete; ask for lists now if they were asked too early. */
  | { type: 'appstate.complete'; collection: string; version?: number }
  /** A collection could not be read, from its beginning (`isFull`) or from where it was; it is tried again later. */
  | { type: 'appstate.failed'; collection: string; isFull: boolean; error: string }

/** An operator tries whether a user's receivers can be reached. Answer 2xx, nothing else. */
export interface TestEvent {
  type: 'test'
  /** Unix seconds. */
  timestamp: number
}
