import type { Secrets } from '../../src/lib/secrets/secrets.ts'
import { GroupCommit } from '../../src/store/commit/group-commit.ts'
import type { Database } from '../../src/store/database/database.ts'
import type { InboxDraft } from '../../src/store/messages/inbox.ts'

/** Puts decrypted messages into the inbox, as a session does. */
export async function storeInbox(db: Database, secrets: Secrets, drafts: InboxDraft[]): Promise<void> {
  await new GroupCommit(db, secrets).write({ inbox: drafts })
}
