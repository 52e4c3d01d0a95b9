/** A value that survives `JSON.stringify` and `JSON.parse` unchanged. */
export type Json = string | number | boolean | null | Json[] | JsonObject

export interface JsonObject {
  [key: string]: Json
}

/**
 * A protobuf message as plain JSON, with the library's field names and only the fields that were on the wire:
 * - bytes are padded base64, absent when empty; enums are their numbers;
 * - a 64-bit integer beyond 2^53 is `{ "$int": "18446744073709551615" }`, every other number is a number;
 * - a message with real oneofs has `$oneofs`: oneof name -> the member that is set, or null
 *   (`{ "$oneofs": { "format": null }, "templateId": "1" }`). Renderers of Go's shapes need the unset ones too.
 */
export type ProtoJson = JsonObject

/** One stanza element; `content` is null, base64 of the bytes, or the children. */
export interface XmlNode {
  tag: string
  attrs: Record<string, string>
  content: string | XmlNode[] | null
}

/**
 * Where a stanza came from. JIDs are `user:device@server`, without `:device` for a phone, '' when unknown.
 * `chat` never carries a device; `sender` does. The two `Alt` fields hold the same person's other identity:
 * the phone number when the first is a LID, the LID when it is a number.
 */
export interface Source {
  chat: string
  sender: string
  fromMe: boolean
  /** True for groups and for broadcasts, status posts included. */
  isGroup: boolean
  addressingMode: '' | 'pn' | 'lid'
  senderAlt: string
  /** Only for own messages in one-to-one chats. */
  recipientAlt: string
  broadcastListOwner: string
  /** Who gets an own broadcast-list message; null when the stanza does not say. */
  broadcastRecipients: { lid: string; pn: string }[] | null
}

/** What the stanza of a message says about it, before anything is decrypted. */
export interface MessageFacts extends Source {
  id: string
  /** A channel's own numbering of its posts, else 0. */
  serverId: number
  /** `text`, `media`, `reaction`, `poll`, ...; chosen by the sender. */
  stanzaType: string
  pushName: string
  /** Unix seconds. */
  timestamp: number
  /** `peer` for traffic between the account's own devices, else ''. */
  category: string
  multicast: boolean
  /** `image`, `ptt`, `vcard`, ... as the sender labelled the ciphertext, else ''. */
  mediaType: string
  /** `1` edit, `2` pin, `3` edit by a channel admin, `7` revoke by the sender, `8` revoke by an admin, else ''. */
  edit: string
  bot: {
    editType: string
    editTargetId: string /** Unix milliseconds, 0 = none. */
    editSenderTimestampMs: number
  }
  meta: {
    targetId: string
    targetSender: string
    targetChat: string
    deprecatedLidSession: boolean | null
    threadMessageId: string
    threadMessageSender: string
  }
  isNewsletterStatus: boolean
  verifiedName: VerifiedName | null
}

/** The certificate a business shows with its messages. */
export interface VerifiedName {
  certificate: ProtoJson
  details: ProtoJson
  level: string
  version: number
  /** 1 = on the business's own premises, 2 = at Meta, 0 = not said. */
  hostStorage: number
  actualActors: number
  /** Unix seconds, 0 = none. */
  privacyModeAt: number
}

/** A vote in a poll, decrypted with the secret of the poll. */
export interface PollVote {
  pollId: string
  /** Base64 SHA-256 of the text of each chosen option; empty when the vote was withdrawn. */
  selectedHashes: string[]
  /** The texts, where the poll is known. */
  selectedOptions: string[]
}

/** What of a message can be sealed with the secret of another one. */
export type SealedKind =
  | 'comment'
  | 'edit'
  | 'event_edit'
  | 'event_response'
  | 'poll_edit'
  | 'poll_option'
  | 'reaction'
  | 'schedule'
  | 'unknown'
  | 'vote'

/** That a message was sealed: as what, with the secret of which message, and whether it could be opened. */
export interface SealedFacts {
  kind: SealedKind
  targetId: string
  isOpen: boolean
}

/** An answer to the invitation to an event, decrypted with the secret of the event. */
export interface EventResponse {
  eventId: string
  /** '' is an answer that is not known here. */
  response: 'going' | 'not_going' | 'maybe' | ''
  /** People that come along. */
  extraGuests: number
  timestampMs: number
}

export interface GroupName {
  name: string
  /** Unix seconds, 0 = unknown. */
  setAt: number
  setBy: string
  setByPn: string
}

export interface GroupTopic {
  topic: string
  id: string
  setAt: number
  setBy: string
  setByPn: string
  deleted: boolean
}

export interface GroupLink {
  /** `parent_group`, `sub_group` or `sibling_group`. */
  linkType: string
  /** `unlink_group` or `delete_parent`; '' for a link. */
  unlinkReason: string
  group: {
    jid: string
    name: string
    nameSetAt: number
    nameSetBy: string
    nameSetByPn: string
    isDefaultSubGroup: boolean
  }
}

export interface GroupParticipant {
  jid: string
  phoneNumber: string
  lid: string
  isAdmin: boolean
  isSuperAdmin: boolean
  displayName: string
  /** Why this person could not be added (403, 408, 409, ...), 0 = added. */
  error: number
  addRequest: { code: string; expiration: number } | null
}

/** Everything a `<group>` element says. Instants are unix seconds, 0 = unknown. */
export interface GroupDetails {
  jid: string
  owner: string
  ownerPn: string
  name: GroupName
  topic: GroupTopic
  isLocked: boolean
  isAnnounce: boolean
  announceVersionId: string
  isEphemeral: boolean
  disappearingTimerSeconds: number
  isIncognito: boolean
  isParent: boolean
  defaultMembershipApprovalMode: string
  linkedParent: string
  isDefaultSubGroup: boolean
  isJoinApprovalRequired: boolean
  addressingMode: '' | 'pn' | 'lid'
  createdAt: number
  creatorCountryCode: string
  participantVersionId: string
  participants: GroupParticipant[]
  participantCount: number
  memberAddMode: string
  suspended: boolean
}

/** The part all call stanzas share. `data` is the call element itself, without what opens a live call. */
export interface CallFacts {
  from: string
  /** Unix seconds. */
  timestamp: number
  creator: string
  creatorAlt: string
  callId: string
  group: string
  data: XmlNode
  /** JID of the other side of a call that this server places, or could take; only where voice is on. */
  peer?: string
}

/** Who may see or do what: `all`, `contacts`, `contact_blacklist`, `match_last_seen`, `none`, ...; '' = unknown. */
export interface PrivacySettings {
  groupAdd: string
  lastSeen: string
  status: string
  profile: string
  readReceipts: string
  callAdd: string
  online: string
  messages: string
  defense: string
  stickers: string
}
