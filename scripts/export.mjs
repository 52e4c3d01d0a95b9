import { ensureBuilt, ensureInstalled, loadEnvFile, runBuilt } from './launch.mjs'

loadEnvFile()
await ensureInstalled()
await ensureBuilt()
await runBuilt('app/export.js')
