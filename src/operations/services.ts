import type { Config } from '../config/config.ts'
import type { Encoding } from '../delivery/attempt.ts'
import type { EncodedText } from '../delivery/renderer.ts'
import type { WebhookProfiles } from '../delivery/webhook-profiles.ts'
import type { EventBus } from '../events/bus.ts'
import type { ChatChanges } from '../events/chat-changes.ts'
import type { Logger } from '../lib/process/logger.ts'
import type { Secrets } from '../lib/secrets/secrets.ts'
import type { Buckets } from '../media/bucket/s3.ts'
import type { Database } from '../store/database/database.ts'
import type { PendingDelivery } from '../store/delivery/deliveries.ts'
import type { Customer } from '../store/users/customers.ts'
import type { UserWatch } from '../store/users/user-watch.ts'
import type { User } from '../store/users/users.ts'
import type { WebVersion } from '../whatsapp/library/version.ts'
import type { SessionManager } from '../whatsapp/session/manager.ts'
import type { ImportJobs } from './admin/import-jobs.ts'
import type { BulkSender } from './bulk/bulk-sender.ts'
import type { RedriveJobs } from './deliveries/redrive-jobs.ts'

/** The parts of a running server that operations act on; composed in `app/parley.ts`, passed as a parameter. */
export interface Services {
  config: Config
  db: Database
  secrets: Secrets
  /** Tells when users change, on any node. */
  userWatch: UserWatch
  sessions: SessionManager
  events: EventBus
  /** Tells of changes of chats that are no events. */
  chatChanges: ChatChanges
  /** The webhooks that dialects give their users. */
  webhooks: WebhookProfiles
  /** The body a delivery would be sent with, as JSON; its file is waited for no longer than that. */
  encodeDelivery: (delivery: PendingDelivery, patienceMs: number) => Promise<Encoding<EncodedText>>
  /** The version of WhatsApp Web that the sessions of this process say they are. */
  webVersion: Pick<WebVersion, 'status' | 'refresh'>
  /** Opens the buckets of users. */
  buckets: Buckets
  /** Imports from other servers that were begun at this node. */
  importJobs: ImportJobs
  /** Sends the rows of bulk jobs whose sessions are at this node. */
  bulk: Pick<BulkSender, 'nudge'>
  /** Deliveries that are being made again, as somebody has told this node. */
  redriveJobs: RedriveJobs
  log: Logger
  startedAt: number
  /** Whether the server is about to stop: it still answers, and passes its sessions on. */
  isDraining: () => boolean
  /** The QR texts that sessions of other nodes wait with, by user. */
  codesElsewhere: () => Promise<Map<string, string>>
}

/** The server seen by one authenticated user: operations on a row that need no live session. */
export interface UserScope {
  user: User
  services: Services
}

/** The server seen by a customer. */
export interface CustomerScope {
  customer: Customer
  services: Services
}
