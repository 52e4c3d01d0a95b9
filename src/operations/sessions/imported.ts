import type { Event } from '../../events/event.ts'
import { ApiError } from '../../lib/errors.ts'
import { PendingTasks } from '../../lib/flow/pending-tasks.ts'
import { newId } from '../../lib/ids.ts'
import { findImport, type ImportedAccount, listImports, moveImport } from '../../store/users/imports.ts'
import { listUsers } from '../../store/users/users.ts'
import { sendText } from '../messages/send.ts'
import type { Services } from '../services.ts'

/** An account that came from another server, with its name and what its session does now. */
export interface ImportedUser extends ImportedAccount {
  name: string
  /** In the words of the session's state machine, '' where it does not run. */
  session: string
}

/** An account of which nobody knows yet whether it can read. */
interface Unproven {
  /** Id of its note to itself, '' where that was sent before. */
  note: string
  /** Whether the note has been taken. */
  isOpen: boolean
  hasRead: boolean
}

/** When another connection takes an imported session's place so soon, it is the old server that runs. */
const OLD_SERVER_MS = 10 * 60_000
/** What the owner reads in the chat with itself, once. */
const NOTE = 'This account is served by Parley now.'

/** The accounts that came from other servers, and how far each is. */
export async function importedUsers({ db, secrets, sessions }: Services): Promise<ImportedUser[]> {
  const [imports, users] = await Promise.all([listImports(db), listUsers(db, secrets)])
  const names = new Map(users.map(({ id, name }) => [id, name]))
  return imports.map((one) => ({
    ...one,
    name: names.get(one.userId) ?? '',
    session: sessions.status(one.userId)?.state ?? '',
  }))
}

/**
 * Finds out from now on whether accounts that came from another server work here: that WhatsApp takes their login, a
 * message to themselves, and that something can be read. Tells when the old server throws them out. Returns what ends it;
 * it resolves when nothing of it runs any more.
 */
export function watchImports({
  db,
  events,
  sessions,
  log,
}: Pick<Services, 'db' | 'events' | 'sessions' | 'log'>): () => Promise<void> {
  const unproven = new Map<string, Unproven>()
  const tasks = new PendingTasks((error) => log.error({ err: error }, 'could not follow an import'))

  async function opened(userId: string): Promise<void> {
    const known = await findImport(db, userId)
    if (!known || known.state === 'verified') return
    // Once is enough: the note has been read in the chat.
    if (known.openedAt !== null) {
      await moveImport(db, userId, 'opened')
      unproven.set(userId, { note: '', isOpen: true, hasRead: false })
      return
    }
    const session = sessions.find(userId)
    if (!session) return
    const id = newId().toUpperCase()
    const state = { note: id, isOpen: false, hasRead: false }
    unproven.set(userId, state)
    try {
      await sendText(session, { to: session.status.jid, text: NOTE, id })
    } catch (error) {
      if (!(error instanceof ApiError)) throw error
      // It is tried again when the session opens the next time.
      log.warn({ err: error, session: userId }, 'an imported account could not write to itself')
      return
    }
    await moveImport(db, userId, 'opened')
    state.isOpen = true
    if (state.hasRead) await proven(userId)
  }

  async function proven(userId: string): Promise<void> {
    unproven.delete(userId)
    await moveImport(db, userId, 'verified')
    log.info({ session: userId }, 'an imported account works')
  }

  function heard(userId: string): void {
    const state = unproven.get(userId)
    if (!state || state.hasRead) return
    state.hasRead = true
    if (state.isOpen) tasks.add(proven(userId))
  }

  async function replaced(userId: string): Promise<void> {
    const known = await findImport(db, userId)
    if (!known || (known.openedAt !== null && Date.now() - known.openedAt > OLD_SERVER_MS)) return
    unproven.delete(userId)
    await moveImport(db, userId, 'replaced')
    log.error(
      { session: userId, source: known.source },
      'an imported session was replaced at once: the old server is still running. Stop it, then connect this session',
    )
  }

  async function unlinked(userId: string): Promise<void> {
    const known = await findImport(db, userId)
    unproven.delete(userId)
    if (!known || known.state === 'verified') return
    await moveImport(db, userId, 'refused')
    log.error(
      { session: userId, source: known.source },
      'WhatsApp has unlinked an imported device before it was known to work: its phone has to scan a code',
    )
  }

  const stop = events.listen((userId, recorded) => {
    for (const { event } of recorded) {
      if (event.type === 'session.open') tasks.add(opened(userId))
      else if (event.type === 'session.replaced') tasks.add(replaced(userId))
      else if (event.type === 'session.logout') tasks.add(unlinked(userId))
      else if (isProof(event, unproven.get(userId))) heard(userId)
    }
  })
  return async () => {
    stop()
    await tasks.settled()
  }
}

/** Something of others was read, or the phone has read the note. */
function isProof(event: Event, state: Unproven | undefined): boolean {
  if (!state) return false
  if (event.type === 'message') return !event.fromMe
  return event.type === 'receipt' && event.messageIds.includes(state.note)
}
