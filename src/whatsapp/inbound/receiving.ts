import type { Ownership } from '../../cluster/ownership.ts'
import type { RecordedBatch, RecordOptions } from '../../events/bus.ts'
import type { ChatChanges } from '../../events/chat-changes.ts'
import type { Event, ReceiptEvent } from '../../events/event.ts'
import { ApiError } from '../../lib/errors.ts'
import { TurnsByKey } from '../../lib/flow/turns-by-key.ts'
import { ownMember } from '../../lib/own-member.ts'
import type { Logger } from '../../lib/process/logger.ts'
import type { Secrets } from '../../lib/secrets/secrets.ts'
import type { Committed, News } from '../../store/commit/change.ts'
import type { Database, Queryable, Transaction } from '../../store/database/database.ts'
import { isTimerKept } from '../../store/messages/chat-timers.ts'
import type { InboxDraft, InboxRow, InboxScope } from '../../store/messages/inbox.ts'
import type { Progress } from '../../store/messages/messages.ts'
import { getUser } from '../../store/users/users.ts'
import type { BinaryNode, SocketConfig, WASocket } from '../library/engine.ts'
import { watchKeepAlive } from '../library/keep-alive.ts'
import { runInRootContext } from '../library/patches/index.ts'
import type { SentMessages } from '../outbound/sent-messages.ts'
import type { LidMappings } from '../wire/jid.ts'
import type { Me } from '../wire/node.ts'
import { storedMappings } from './chat-aliases.ts'
import type { ChatReads } from './chat-reads.ts'
import { chatNews, chatsIn, keepChatNews } from './chat-state.ts'
import { downloadHistory } from './history-download.ts'
import { isReadByLibrary, learnPeople } from './history-people.ts'
import { startHistorySync } from './history-sync.ts'
import { isIncomplete, namesOf, withIdentities } from './identities.ts'
import { startInbox } from './inbox.ts'
import { keepLabels, labelNews } from './labels.ts'
import { messageEvents } from './parse/messages.ts'
import { undecryptableEvents, undecryptableId } from './parse/undecryptable.ts'
import { watchPushName } from './push-name.ts'
import { type CommitReceived, receiveAtOnce } from './receive-at-once.ts'
import { keepReceived, plainMessages, type Received } from './store-received.ts'

export interface ReceivingDeps {
  db: Database
  secrets: Secrets
  log: Logger
  /** Stores events and their deliveries. */
  record(userId: string, events: Event[], options?: RecordOptions): Promise<void>
  /** The same in a commit of the caller. */
  recordWith(batch: RecordedBatch, commit: (news: News | undefined) => Promise<Committed>): Promise<void>
  /** The same for many users, in a transaction of the caller. */
  recordTogether(trx: Transaction, batches: RecordedBatch[]): Promise<void>
  /** Who an account is, by a look at the session or else into `db`. */
  identity(userId: string, db: Queryable): Promise<Me>
  sent: SentMessages
  reads: Pick<ChatReads, 'note'>
  changes: Pick<ChatChanges, 'tell'>
  /** Which sessions are this node's. */
  ownership: Pick<Ownership, 'nodeId' | 'isShared' | 'holds'>
  /** The socket of a session that is open. */
  socketOf(userId: string): WASocket | undefined
  /** How this account fetches files. */
  fetchOptions(userId: string): Promise<SocketConfig['options']>
}

/** The way from what arrives on sockets to events, for all sessions. */
export interface Receiving {
  /** Says that decrypted messages of this user are in the inbox. */
  nudge(userId: string): void
  /** Stores decrypted messages in the commit of their ratchets. */
  receive(userId: string, drafts: InboxDraft[], commit: CommitReceived): Promise<void>
  /** Stores what a stanza or a connection told. */
  record(userId: string, events: Event[], ids?: string[]): Promise<void>
  /** Stores that a message could not be decrypted. */
  undecryptable(userId: string, stanza: BinaryNode): Promise<void>
  /** Listens to what a new socket tells besides stanzas. */
  watch(userId: string, socket: WASocket): void
  /** Finishes what is at work; the rest waits in the database. */
  stop(): Promise<void>
}

/** How far a receipt says the messages got; other kinds say nothing about that. */
const PROGRESS_OF_RECEIPT: Record<string, Progress> = {
  '': 'delivered',
  inactive: 'delivered',
  read: 'read',
  played: 'played',
}

/** Receipts by which the account's other devices say that they have shown messages. */
const READ_ELSEWHERE: ReadonlySet<string> = new Set(['read', 'read-self', 'played', 'played-self'])

/** Ids of events that are told once however often they are noticed. */
function idsOf(events: Event[]): string[] | undefined {
  const ids = events.flatMap((event) =>
    event.type === 'message.undecryptable' ? undecryptableId(event) : [],
  )
  return ids.length === events.length ? ids : undefined
}

const ORPHANS_POLL_MS = 5_000

/** Starts turning what arrives into events. */
export function startReceiving(deps: ReceivingDeps): Receiving {
  const { db, secrets, log, sent, reads, changes, ownership } = deps
  // Read anew each time: a node may have to change its id.
  const scope = (): InboxScope => (ownership.isShared ? { node: ownership.nodeId } : {})

  const histories = startHistorySync({
    db,
    secrets,
    log,
    scope,
    identity: (userId) => deps.identity(userId, db),
    download: async (notification, { userId, signal }) =>
      downloadHistory(notification, { options: await deps.fetchOptions(userId), signal }),
    learn: (userId, { notification, history }) =>
      runInRootContext(async () => {
        const socket = deps.socketOf(userId)
        if (socket && !isReadByLibrary(notification)) await learnPeople(socket, history)
      }).catch((error: unknown) => {
        // Who is who is told again with every message; the history itself is stored.
        log.warn({ err: error, session: userId }, 'could not learn the people of a history')
      }),
    record: deps.record,
  })

  const toEvents = async (row: InboxRow) =>
    complete(row.userId, messageEvents(row, await deps.identity(row.userId, db)))
  const inbox = startInbox({
    db,
    secrets,
    log,
    scope,
    toEvents,
    complete: (trx, received) =>
      keepReceived(
        { secrets, identity: deps.identity, onHistory: () => histories.nudge() },
        { trx, received },
      ),
    record: deps.recordTogether,
  })

  const atOnce = {
    log,
    inbox,
    toEvents,
    messagesOf: (converted: Received[]) => plainMessages(converted, (timer) => isTimerKept(db, timer)),
    keepsHistory: async (userId: string) => ((await getUser(db, secrets, userId))?.history ?? 0) > 0,
    record: deps.recordWith,
  }

  const turns = new TurnsByKey()

  // Where a session is closed, what WhatsApp said has to do.
  async function complete(userId: string, events: Event[]): Promise<Event[]> {
    const keys = deps.socketOf(userId)?.authState.keys
    return keys ? withIdentities(events, async (ids) => keys.get('lid-mapping', ids)) : events
  }

  async function record(userId: string, told: Event[], ids = idsOf(told)): Promise<void> {
    // What a node hears after its lease ran out is told to the new owner as well.
    if (!ownership.holds(userId)) throw new ApiError('lease_lost')
    // What has to be completed must not be overtaken by what has not.
    const events = await turns.run(userId, async () =>
      told.some(isIncomplete) ? complete(userId, told) : told,
    )
    const labels = labelNews(events)
    const chats = chatNews(events)
    if (labels || chats) {
      await db.transaction(async (trx) => {
        if (labels) await keepLabels(trx, userId, labels)
        if (chats) await keepChatNews(trx, userId, chats)
        await deps.record(userId, events, { trx, ids })
      })
      if (chats)
        changes.tell(
          userId,
          chatsIn(chats).map((chat) => ({ kind: 'chat', chat })),
        )
    } else await deps.record(userId, events, ids && { ids })
    for (const event of events) if (event.type === 'receipt') await noteReceipt(userId, event)
  }

  /** A receipt tells of the messages of the chat that it comes from, and of others nothing. */
  async function noteReceipt(userId: string, receipt: ReceiptEvent): Promise<void> {
    const { kind, fromMe, isGroup, chat, sender, messageIds } = receipt
    if (fromMe && READ_ELSEWHERE.has(kind))
      reads.note(userId, { chats: await namesOf(chat, mappingsOf(userId)), ids: messageIds })
    const status = ownMember(PROGRESS_OF_RECEIPT, kind)
    if (!status || fromMe) return
    const names = await namesOf(isGroup ? sender : chat, mappingsOf(userId))
    const chats = isGroup ? [chat] : names
    const reader = isGroup ? names : undefined
    for (const id of messageIds) sent.mark(userId, { id, chats }, { status, reader })
  }

  function mappingsOf(userId: string): LidMappings {
    const keys = deps.socketOf(userId)?.authState.keys
    return keys ? async (ids) => keys.get('lid-mapping', ids) : storedMappings(db, secrets, userId)
  }

  // A dead node may have left messages of users whose session nobody opens again.
  const orphans = setInterval(() => {
    inbox.nudge('')
    histories.nudge()
  }, ORPHANS_POLL_MS).unref()
  if (!ownership.isShared) clearInterval(orphans)

  return {
    nudge: (userId) => inbox.nudge(userId),
    receive: (userId, drafts, commit) =>
      runInRootContext(() => receiveAtOnce(atOnce, { userId, drafts }, commit)),
    record,
    undecryptable: async (userId, stanza) =>
      record(userId, undecryptableEvents(stanza, await deps.identity(userId, db))),
    watch(userId, socket) {
      const tell = (event: Event) =>
        runInRootContext(() => {
          record(userId, [event]).catch((error: unknown) => {
            if (ownership.holds(userId))
              log.error({ err: error, session: userId, type: event.type }, 'could not store an event')
          })
        })
      watchKeepAlive(socket, tell)
      watchPushName(socket, tell)
    },
    async stop() {
      clearInterval(orphans)
      await inbox.stop()
      await histories.stop()
    },
  }
}
