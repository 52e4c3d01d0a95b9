import type { Event } from '../../events/event.ts'
import type { Limiter } from '../../lib/flow/limiter.ts'
import type { Logger } from '../../lib/process/logger.ts'
import type { Contact } from '../../store/contacts.ts'
import type { Database } from '../../store/database/database.ts'
import type { User } from '../../store/users/users.ts'
import type { CallServices } from '../calls/session-calls.ts'
import type { ChatReads } from '../inbound/chat-reads.ts'
import type { AuthHooks, AuthState } from '../keys/auth-state.ts'
import type { SharedCaches } from '../library/caches.ts'
import type { WASocket } from '../library/engine.ts'
import type { WhatsAppNetwork } from '../library/network.ts'
import type { SocketDeps } from '../library/socket.ts'
import type { Audiences } from '../outbound/audiences.ts'
import type { MediaTools } from '../outbound/media-tools.ts'
import type { OutgoingMessage, Sent } from '../outbound/outgoing.ts'
import type { Pace } from '../outbound/send-queue.ts'
import type { SentMessages } from '../outbound/sent-messages.ts'
import type { LinkingRules } from './linking/rules.ts'
import type { LiveSession } from './session.ts'
import type { Timeline, Transition } from './timeline.ts'

/** What a session needs of the rest of the server; composed once for all sessions. */
export interface SessionServices {
  log: Logger
  db: Database
  /** The network as this user reaches it: directly or through its proxy. Throws when the proxy cannot be used. */
  networkOf(user: User): Promise<WhatsAppNetwork>
  media: MediaTools
  caches: SharedCaches
  /** Semaphore for sessions that are connecting at the same time. */
  slots: Limiter
  openAuth(userId: string, hooks: AuthHooks): Promise<AuthState>
  /** Stores events and their deliveries; resolves when they are committed. */
  record(userId: string, events: Event[], ids?: string[]): Promise<void>
  /** A socket was made for the session; nothing has arrived on it yet. */
  socketOpened(userId: string, socket: WASocket): void
  stateChanged(session: LiveSession, transition: Transition): void
  /** Where it is written down what happens to sessions. */
  timeline: Pick<Timeline, 'note'>
  /** Writes the own JID, which is given with its device part, into the user's row when the session opens. */
  linked(userId: string, device: string): Promise<void>
  /** Everybody an account knows. */
  contacts(userId: string): Promise<Contact[]>
  sent: SentMessages
  /** Which messages the account has read. */
  reads: Pick<ChatReads, 'note'>
  /** Whom messages to groups went to. */
  audiences: Audiences
  /** How fast and how much a session may send. */
  pace: Pace
  /** Tells what was sent to those who listen for that; never fails. */
  tellSent(session: LiveSession, message: OutgoingMessage, sent: Sent): Promise<void>
  /** What voice calls need; absent where they are switched off. */
  calls?: CallServices
  /** How linkings with a passkey go. */
  linking: LinkingRules
  /** A key for the page on which a user's linking with a passkey goes on. */
  newPage(userId: string): string
  /** A QR text as a PNG data URL. */
  qrImage(text: string): Promise<string>
  socketOptions(user: User): SocketDeps['options']
  /** Fetches the version of the web client WhatsApp expects now, after it refused ours. */
  refreshVersion(): Promise<void>
}
