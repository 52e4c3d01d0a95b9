import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'

/**
 * What a message that comes or is sent alone may make a server ask of its database at most. These figures do not depend
 * on the machine. They may be lowered; whoever has to raise one says why.
 */
const LIMITS = {
  sqlite: {
    // One whose webhook is answered later than its commit can wait for is written twice.
    'an incoming message alone': { statements: 4, transactions: 0.2, pages: 24 },
    'a text sent alone': { statements: 8, transactions: 1.2, pages: 8 },
  },
  postgres: {
    'an incoming message alone': { statements: 29.5, transactions: 3.2 },
    'a text sent alone': { statements: 16, transactions: 1.2 },
  },
}

/** Below this nothing was counted; a commit of one statement opens no transaction. */
const LEAST: Record<string, number> = { statements: 1, transactions: 0, pages: 1 }
const program = fileURLToPath(new URL('../../../scripts/bench.mjs', import.meta.url))
/** A minute on a machine with nothing else to do. */
const LIMIT_MS = 10 * 60_000

test.each(Object.entries(LIMITS))(
  'a single message asks no more of the database than today, on %s',
  async (database, limits) => {
    const rows = await counts(database)

    expect(rows.map(({ title }) => title)).toEqual(Object.keys(limits))
    for (const [title, limit] of Object.entries(limits)) {
      const counted = rows.find((row) => row.title === title)?.mine[0]
      for (const [name, most] of Object.entries(limit)) {
        expect(counted?.[name], `${title}: ${name}`).toBeLessThanOrEqual(most)
        expect(counted?.[name], `${title}: ${name}`).toBeGreaterThanOrEqual(LEAST[name] ?? 1)
      }
    }
  },
  LIMIT_MS,
)

interface Row {
  title: string
  mine: Record<string, number>[]
}

/** Runs the bench as a person would, and yields what it counted. */
async function counts(database: string): Promise<Row[]> {
  const options = ['--only', 'counts', '--database', database]
  const { stdout } = await promisify(execFile)(process.execPath, [program, ...options])
  // Its last line holds the figures.
  return JSON.parse(stdout.trim().split('\n').at(-1) ?? '').rows
}
