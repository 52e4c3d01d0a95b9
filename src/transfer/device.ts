import type { Contact } from '../store/contacts.ts'
import type { ChatSetting } from '../store/messages/chat-settings.ts'
import type { MessageSecret } from '../store/messages/message-secrets.ts'
import type { KeyKind } from '../whatsapp/keys/key-text.ts'
import type { AuthenticationCreds } from '../whatsapp/library/engine.ts'

/** A key as `store/keys/auth.ts` has it: kind and id of the library, text as `whatsapp/keys/key-text.ts` writes it. */
export interface DeviceKey {
  kind: KeyKind
  id: string
  text: string
}

/** Something that is not taken over. Never holds a secret. */
export interface Dropped {
  /** What it is: session, sender key, pre-key, shared settings... */
  what: string
  /** Whose it is: an address, the name of a group or of a collection. */
  whose: string
  /** Why, in words that follow "because". */
  why: string
}

/** Hears of everything that is not taken over. */
export type Note = (dropped: Dropped) => void

/** A message the account has sent, for devices that ask for it again. */
export interface Resend {
  /** JID, without device. */
  chat: string
  id: string
  /** The encoded `proto.Message`. */
  proto: Buffer
  /** When it was sent, unix milliseconds. */
  at: number
}

/** What no table of ours has a place for yet, as text; only what the source knows. */
export interface DeviceExtra {
  /** Base64. */
  nctSalt?: string
  /** When the account moved to LIDs, as the source writes it. */
  lidMigrationTs?: string
  companionMetaNonce?: string
  facebookUuid?: string
}

/**
 * One linked device of a source. What can be long is read in portions of at most 500, so that thousands of sessions need no
 * memory; each of these may be read once or more often, one after the other.
 */
export interface SourceDevice {
  /** With device part. */
  jid: string
  /** With device part; '' where the source does not know it. */
  lid: string
  /** Complete, and its signatures are those of this account. */
  creds: AuthenticationCreds
  /** Everything of the key store but the credentials. */
  keys(note: Note): AsyncIterable<DeviceKey[]>
  /** People by name, under each JID by which the source knows them; none twice in a portion. */
  contacts(): AsyncIterable<Contact[]>
  chats(): AsyncIterable<ChatSetting[]>
  messageSecrets(note: Note): AsyncIterable<MessageSecret[]>
  resends(note: Note): AsyncIterable<Resend[]>
  extra: DeviceExtra
}
