import { resolve } from 'node:path'
import { ensureBuilt, ensureInstalled, loadEnvFile, runBuilt } from './launch.mjs'

// Relative to where the command was given; the program itself runs in the project folder.
if (process.argv[2]) process.argv[2] = resolve(process.env.INIT_CWD ?? '.', process.argv[2])
loadEnvFile()
await ensureInstalled()
await ensureBuilt()
await runBuilt('app/backup.js')
