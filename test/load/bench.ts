/**
 * Measures a server, its sandbox and bare Baileys, each in a process of its own, and prints a table and JSON.
 * Figures of one run can be compared with each other; absolute ones say more about the machine.
 *
 *   npm run bench -- [--sessions 200] [--seconds 5] [--database postgres://...]
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { benchRun } from './bench-run.ts'
import { report } from './report.ts'

const { values } = parseArgs({
  options: {
    sessions: { type: 'string', default: '200' },
    seconds: { type: 'string', default: '5' },
    database: { type: 'string' },
  },
})

const folder = await mkdtemp(join(tmpdir(), 'parley-bench-'))
try {
  const figures = await benchRun({
    folder,
    sessions: Number(values.sessions),
    seconds: Number(values.seconds),
    databaseUrl: values.database,
    progress: (line) => process.stderr.write(`${line}\n`),
  })
  process.stdout.write(report(figures))
} finally {
  await rm(folder, { recursive: true, force: true })
}
