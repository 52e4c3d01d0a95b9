import { statSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import sqlite3 from 'sqlite3'
import { ALONE, QUIET_MS, startAlone, WARM_UP_MESSAGES } from '../alone.ts'
import type { Measure } from '../measure.ts'
import { middleOf } from '../pairs.ts'
import type { Subject } from '../subject.ts'

/** What one message makes a server ask of its database; the same on every machine. */
interface Counts extends Record<string, number> {
  statements: number
  transactions: number
  /** Pages written to the log of SQLite; NaN elsewhere. */
  pages: number
  failed: number
}

const MESSAGES = 15
/** Longer than whatever a server asks its database from time to time. */
const IDLE_MS = 12_000
const QUIET_LIMIT_MS = 5_000
const POLL_MS = 50
/** Characters of each statement that are told. */
const SHOWN = 120
const PAGE_BYTES = 4096
const FRAME_HEAD_BYTES = 24
const LOG_HEAD_BYTES = 32

/** What a server asks its database for a message that comes or is sent alone. */
export const countMeasures: Measure[] = ALONE.map(({ title, act }) => ({
  group: 'counts',
  title,
  figures: [
    { key: 'statements', words: 'statements' },
    { key: 'transactions', words: 'transactions' },
    { key: 'pages', words: 'pages written' },
  ],
  mostRounds: 1,
  async run(stage, build) {
    const subject = await startAlone(stage, build, true)
    await delay(QUIET_MS)
    const begun = await asked(subject)
    await delay(IDLE_MS)
    const idle = new Set(changesOf(begun, await asked(subject)).keys())
    const counts = await countedOf(subject, {
      act: () => act(stage, subject),
      idle,
      onCounted: (text, count) =>
        stage.options.progress(`${count.toFixed(2).padStart(8)} ${text.slice(0, SHOWN)}`),
    })
    await subject.stop()
    return counts
  },
}))

interface Counting {
  act: () => Promise<number>
  /** Statements that the server also executes when nothing happens. */
  idle: Set<string>
  onCounted: (text: string, count: number) => void
}

/** How often each statement was executed so far, by its text. */
type Asked = Record<string, number>

async function countedOf(subject: Subject, { act, idle, onCounted }: Counting): Promise<Counts> {
  const changes: Map<string, number>[] = []
  const pages: number[] = []
  let failed = 0
  for (let number = -WARM_UP_MESSAGES; number < MESSAGES; number++) {
    await emptyLog(subject)
    const before = await asked(subject)
    failed += await act()
    await quiet(subject, idle)
    if (number < 0) continue
    changes.push(changesOf(before, await asked(subject)))
    pages.push(pagesInLog(subject))
  }
  const counted = typical(changes, idle)
  for (const [text, count] of counted) if (count > 0) onCounted(text, count)
  const transactions = counted.get('begin') ?? 0
  const all = [...counted.values()].reduce((sum, count) => sum + count, 0)
  return { statements: all - transactions, transactions, pages: middleOf(pages).median, failed }
}

/**
 * How often each statement is executed for a message: the mean, but of those that are also executed at other times what
 * three quarters of the messages have at least.
 */
export function typical(changes: Map<string, number>[], idle: Set<string>): Map<string, number> {
  const texts = new Set(changes.flatMap((change) => [...change.keys()]))
  return new Map(
    [...texts].map((text) => {
      const each = changes.map((change) => change.get(text) ?? 0).sort((a, b) => a - b)
      const mean = each.reduce((sum, count) => sum + count, 0) / each.length
      return [text, idle.has(text) ? (each[Math.floor(each.length / 4)] ?? 0) : mean]
    }),
  )
}

function changesOf(before: Asked, after: Asked): Map<string, number> {
  const changes = Object.entries(after).map(([text, count]) => [text, count - (before[text] ?? 0)] as const)
  return new Map(changes.filter(([, count]) => count > 0))
}

async function asked(subject: Subject): Promise<Asked> {
  // The probe answers with that.
  return (await subject.program.ask('counts')) as Asked
}

/** Resolves when the database has not been asked for a while but for what it is always asked. */
async function quiet(subject: Subject, idle: Set<string>): Promise<void> {
  const deadline = performance.now() + QUIET_LIMIT_MS
  let known = await asked(subject)
  for (let since = performance.now(); performance.now() - since < QUIET_MS; ) {
    if (performance.now() > deadline) return
    await delay(POLL_MS)
    const now = await asked(subject)
    if ([...changesOf(known, now).keys()].some((text) => !idle.has(text))) since = performance.now()
    known = now
  }
}

const databaseOf = ({ options }: Subject) => join(options.folder, 'parley.db')

/** Pages in the log of the database; its file does not shrink by itself, so it has to be emptied before. */
function pagesInLog(subject: Subject): number {
  if (subject.options.databaseUrl) return Number.NaN
  const { size } = statSync(`${databaseOf(subject)}-wal`)
  return Math.max(0, size - LOG_HEAD_BYTES) / (PAGE_BYTES + FRAME_HEAD_BYTES)
}

async function emptyLog(subject: Subject): Promise<void> {
  if (subject.options.databaseUrl) return
  const db = new sqlite3.Database(databaseOf(subject))
  try {
    await new Promise<void>((resolve, reject) => {
      db.exec('pragma busy_timeout = 5000; pragma wal_checkpoint(truncate)', (error) =>
        error ? reject(error) : resolve(),
      )
    })
  } finally {
    await new Promise((resolve) => db.close(resolve))
  }
}
