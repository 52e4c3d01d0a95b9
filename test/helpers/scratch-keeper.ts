import cluster from 'node:cluster'
import { writeFileSync } from 'node:fs'
import { newScratchPath, scratchFolder } from '../../src/lib/process/scratch-folder.ts'

// A program that puts something into its scratch folder, says where that is, and stays until it is told to end:
//   scratch-keeper.ts <temporary folder> alone|worker
// A worker's end is told as well, by the process that started it.
const [folder = '', kind] = process.argv.slice(2)
// Not given as a variable: the compiler that runs this program has files of its own there.
process.env.TMPDIR = folder

if (kind === 'worker' && cluster.isPrimary) {
  cluster.setupPrimary({ silent: true })
  const worker = cluster.fork()
  worker.process.stdout?.pipe(process.stdout)
  worker.once('exit', () => process.stdout.write('gone\n'))
  process.stdin.resume()
} else {
  writeFileSync(await newScratchPath('work'), 'half a file')
  process.stdout.write(`${JSON.stringify({ pid: process.pid, scratch: await scratchFolder() })}\n`)
  process.stdin.once('data', () => process.exit(0))
}
