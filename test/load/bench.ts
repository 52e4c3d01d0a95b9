/**
 * Measures a server, its sandbox and bare Baileys, each in a process of its own, and prints a table and JSON.
 * Figures of one run can be compared with each other; absolute ones say more about the machine.
 *
 *   npm run bench -- [--sessions 200] [--seconds 5] [--database postgres://...]
 *   npm run bench -- --upload 50     only the memory it takes to send a document of that many megabytes
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { benchRun } from './bench-run.ts'
import { report } from './report.ts'
import { uploadRun } from './upload-run.ts'

const { values } = parseArgs({
  options: {
    sessions: { type: 'string', default: '200' },
    seconds: { type: 'string', default: '5' },
    database: { type: 'string' },
    upload: { type: 'string' },
  },
})

const folder = await mkdtemp(join(tmpdir(), 'parley-bench-'))
const common = {
  folder,
  databaseUrl: values.database,
  progress: (line: string) => process.stderr.write(`${line}\n`),
}
try {
  if (values.upload !== undefined) {
    const figures = await uploadRun({ ...common, megabytes: Number(values.upload) })
    process.stdout.write(`${JSON.stringify(figures, null, 2)}\n`)
  } else {
    const figures = await benchRun({
      ...common,
      sessions: Number(values.sessions),
      seconds: Number(values.seconds),
    })
    process.stdout.write(report(figures))
  }
} finally {
  await rm(folder, { recursive: true, force: true })
}
