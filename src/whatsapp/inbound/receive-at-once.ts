import type { RecordedBatch } from '../../events/bus.ts'
import type { Event } from '../../events/event.ts'
import type { Logger } from '../../lib/process/logger.ts'
import type { Change, Committed, News } from '../../store/commit/change.ts'
import { isRefused } from '../../store/database/database.ts'
import type { InboxDraft, InboxRow } from '../../store/messages/inbox.ts'
import type { StoredMessage } from '../../store/messages/messages.ts'
import { batchesOf, type Converted, type Inbox, rowOf } from './inbox.ts'

/** What is written with the ratchets of decrypted messages. */
export type ReceivedPart = Pick<Change, 'inbox' | 'received' | 'news'>

/** Writes messages with the ratchets that opened them, all of it or nothing. */
export type CommitReceived = (part: ReceivedPart) => Promise<Committed>

export interface ReceiveAtOnceDeps {
  log: Logger
  inbox: Pick<Inbox, 'isClear' | 'nudge'>
  toEvents: (row: InboxRow) => Event[] | Promise<Event[]>
  /** The messages to be stored with these, where nothing else belongs to them. */
  messagesOf: (converted: Converted[]) => Promise<StoredMessage[] | undefined>
  /** Whether a user keeps a history of messages, which is more than one commit can write. */
  keepsHistory: (userId: string) => Promise<boolean>
  /** Records events in a commit of the caller. */
  record: (batch: RecordedBatch, commit: (news: News | undefined) => Promise<Committed>) => Promise<void>
}

/**
 * Stores decrypted messages of a user in the commit of their ratchets: where they can be understood at once, together with
 * their events and the deliveries of these; else for the inbox, which takes its time. The order of a user's messages is
 * kept: nothing is understood at once while something waits in the inbox. What the database refuses of the events must not
 * cost the message: the inbox sets it aside.
 */
export async function receiveAtOnce(
  deps: ReceiveAtOnceDeps,
  { userId, drafts }: { userId: string; drafts: InboxDraft[] },
  commit: CommitReceived,
): Promise<void> {
  const understood = deps.inbox.isClear(userId) ? await understand(deps, userId, drafts) : undefined
  if (understood && (await commitUnderstood(deps, { drafts, ...understood }, commit))) return
  await commit({ inbox: drafts })
  deps.inbox.nudge(userId)
}

interface Understood {
  batch: RecordedBatch
  received: StoredMessage[]
}

/** What messages mean, if that can be told in one commit. Whatever fails is left to the inbox. */
async function understand(
  { toEvents, messagesOf, keepsHistory, log }: ReceiveAtOnceDeps,
  userId: string,
  drafts: InboxDraft[],
): Promise<Understood | undefined> {
  try {
    if (await keepsHistory(userId)) return undefined
    const converted: Converted[] = []
    for (const draft of drafts) {
      const row = rowOf(draft)
      converted.push({ row, events: await toEvents(row) })
    }
    const received = await messagesOf(converted)
    const [batch = { userId, events: [] }] = batchesOf(converted)
    return received && { batch, received }
  } catch (error) {
    log.debug({ err: error, session: userId }, 'a message is left to the inbox')
    return undefined
  }
}

/** Writes what was understood; false when it could not be begun, or was refused, and nothing is written. */
async function commitUnderstood(
  { record, log }: ReceiveAtOnceDeps,
  { drafts, batch, received }: Understood & { drafts: InboxDraft[] },
  commit: CommitReceived,
): Promise<boolean> {
  let isBegun = false
  try {
    const dispatchedAt = Date.now()
    await record(batch, (news) => {
      isBegun = true
      return commit({ inbox: drafts.map((draft) => ({ ...draft, dispatchedAt })), received, news })
    })
    return true
  } catch (error) {
    if (isBegun && !isRefused(error)) throw error
    log.debug({ err: error, session: batch.userId }, 'a message is left to the inbox')
    return false
  }
}
