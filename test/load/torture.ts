/**
 * Sends through a server that is killed at random moments, to a receiver that is slow, too slow, failing or away.
 * Programs repeat what failed under the same key. It checks at the end that nothing was lost or sent twice, nothing
 * arrived under different ids, every chat kept its order, and no message had to be asked for again.
 * Exits with 1 on any loss, and then leaves the server's data where it says. Loopback only; bounded by --minutes.
 *
 *   npm run torture -- --minutes 2 [--sessions 20] [--database postgres://...] [--seed 1]
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { torture } from './torture-run.ts'
import { verdict } from './torture-verdict.ts'

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '2' },
    sessions: { type: 'string', default: '20' },
    database: { type: 'string' },
    seed: { type: 'string', default: String(Date.now() % 100_000) },
  },
})

const folder = await mkdtemp(join(tmpdir(), 'parley-torture-'))
let isLossless = false
try {
  const figures = await torture({
    folder,
    minutes: Number(values.minutes),
    sessions: Number(values.sessions),
    seed: Number(values.seed),
    databaseUrl: values.database,
    progress: (line) => process.stderr.write(`${line}\n`),
  })
  process.stdout.write(verdict(figures))
  isLossless = figures.problems.length === 0
} finally {
  process.exitCode = isLossless ? 0 : 1
  if (isLossless) await rm(folder, { recursive: true, force: true })
  else process.stderr.write(`the server's data is in ${folder}\n`)
}
