import type { WebhookPatch } from '../store/delivery/webhooks.ts'
import type { HistoryEntry } from '../store/messages/history.ts'
import type { Customer } from '../store/users/customers.ts'
import type { User } from '../store/users/users.ts'
import type { Dropped, Note, SourceDevice } from './device.ts'

/** A webhook of a user: which of its webhooks, as `putWebhook` calls it, and what is set. */
export interface SourceWebhook {
  target: string
  patch: WebhookPatch
  /** Set where `target` is a slot whose webhooks have numbers: it gets the next one. */
  isNumbered?: true
}

/** Somebody who may create users with a key, which is plain here. */
export interface SourceCustomer extends Omit<Customer, 'id' | 'maskedKey' | 'createdAt' | 'updatedAt'> {
  key: string
}

/** A user of another server with everything that is known of it. */
export interface SourceAccount {
  /** As it is to be stored; `jid` is '' where no phone is linked. */
  user: User
  webhooks: SourceWebhook[]
  /** JID with device part of the device that belongs to it, '' for none. */
  device: string
  /** Where there are customers: the key of the one whose device it is, and what it asks for its tokens with; both plain. */
  customer?: { key: string; deviceSecret: string }
  /** What of the user itself cannot be taken over. */
  notes: Dropped[]
  /** Throws InstallationError when the device could not log in. Only where there is one. */
  readDevice(): Promise<SourceDevice>
  /** What was said, oldest first, in portions. */
  history(note: Note): AsyncIterable<HistoryEntry[]>
}

/** Another server, opened to be read. */
export interface SourceServer {
  /** What it is: `wuzapi`, ... */
  kind: string
  /** Where it is, for people; without a password. */
  place: string
  accounts: SourceAccount[]
  customers?: SourceCustomer[]
  /** Linked devices that belong to no user. */
  strayDevices: string[]
  /** Set where it runs at this moment, or may: a sentence. */
  inUse: string
  /** Leaves a sign for whoever starts it again. */
  mark(): Promise<void>
  close(): Promise<void>
}

/** What a source has of a thing that it does not store. */
export async function* nothing(): AsyncGenerator<never[]> {}
