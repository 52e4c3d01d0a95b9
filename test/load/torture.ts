/**
 * Sends through a server that is killed at random moments, to a receiver that is slow, too slow, failing or away.
 * Programs repeat what failed under the same key. It checks at the end that nothing was lost or sent twice, nothing
 * arrived under different ids, every chat kept its order, and no message had to be asked for again. Meanwhile hostile
 * tenants of the same server do what `attacks/` holds, one attack after the other each, and a few witnesses, to whom
 * nothing is done, tell whether that is felt: a run begins with a quiet part, and p99 of their webhooks may be at most
 * twice of what it was then. The server must not end unless it is killed from here.
 * Exits with 1 on any problem, and then leaves the server's data where it says. Loopback only; bounded by --minutes.
 *
 *   npm run torture -- --minutes 2 [--sessions 20] [--hostile 4] [--database postgres://...] [--seed 1]
 *                                    --latency, --no-latency: whether slow webhooks are a problem and not only told;
 *                                    (they are from five minutes on, as shorter runs measure too few); where they are,
 *                                    a run begins with two parts without kills
 *                                    --only words,bucket: attacks with one of these in their name
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
    hostile: { type: 'string', default: '4' },
    only: { type: 'string' },
    latency: { type: 'boolean' },
    database: { type: 'string' },
    seed: { type: 'string', default: String(Date.now() % 100_000) },
  },
  allowNegative: true,
})

const LONG_MINUTES = 5

const folder = await mkdtemp(join(tmpdir(), 'parley-torture-'))
let isPassed = false
try {
  const figures = await torture({
    folder,
    minutes: Number(values.minutes),
    sessions: Number(values.sessions),
    hostile: Number(values.hostile),
    only: values.only,
    judgesLatency: values.latency ?? Number(values.minutes) >= LONG_MINUTES,
    seed: Number(values.seed),
    databaseUrl: values.database,
    progress: (line) => process.stderr.write(`${line}\n`),
  })
  process.stdout.write(verdict(figures))
  isPassed = figures.problems.length === 0
} finally {
  process.exitCode = isPassed ? 0 : 1
  if (isPassed) await rm(folder, { recursive: true, force: true })
  else process.stderr.write(`the server's data is in ${folder}\n`)
}
