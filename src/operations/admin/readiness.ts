import { withTimeout } from '../../lib/flow/with-timeout.ts'
import { errorCode } from '../../lib/process/installation-error.ts'
import type { Database } from '../../store/database/database.ts'
import { requireWritable } from '../../store/database/write-probe.ts'

/** What decides whether a server should get requests. */
export interface Readiness {
  db: Database
  /** Whether the sessions of an earlier run are back in their places. */
  isRestored: () => boolean
  /** Whether the server is about to stop. */
  isDraining: () => boolean
}

/** Load balancers give up after a few seconds. */
const PATIENCE_MS = 3_000
/** However many ask, the database is written to once in this time. */
const FRESH_MS = 1_500

const SILENT = 'the database does not answer'

/** Why no requests should be sent to this server now; undefined when they should. */
export async function reasonNotReady({ db, isRestored, isDraining }: Readiness): Promise<string | undefined> {
  if (isDraining()) return 'the server is about to stop'
  if (!isRestored()) return 'the sessions are not restored yet'
  return withTimeout(reasonNotWritable(db), PATIENCE_MS).catch(() => SILENT)
}

interface Look {
  answer: Promise<string | undefined>
  /** On the clock of `performance`; never while the database has not answered, so that attempts cannot pile up. */
  freshUntil: number
}

const looks = new WeakMap<Database, Look>()

function reasonNotWritable(db: Database): Promise<string | undefined> {
  const last = looks.get(db)
  if (last && performance.now() < last.freshUntil) return last.answer
  const look: Look = { answer: tryWriting(db), freshUntil: Number.POSITIVE_INFINITY }
  looks.set(db, look)
  void look.answer.then(() => {
    look.freshUntil = performance.now() + FRESH_MS
  })
  return look.answer
}

async function tryWriting(db: Database): Promise<string | undefined> {
  try {
    await requireWritable(db)
    return undefined
  } catch (error) {
    const code = refusalCode(error)
    return code === undefined ? SILENT : `the database cannot be written (${code})`
  }
}

/** Its code when the database itself says no: SQLite's, or an SQLSTATE that is not about the connection (08) or a stop (57). */
function refusalCode(error: unknown): string | undefined {
  const code = errorCode(error)
  if (code === undefined || (error instanceof Error && 'syscall' in error)) return undefined
  return /^SQLITE_/.test(code) || /^(?!08|57)[0-9A-Z]{5}$/.test(code) ? code : undefined
}
