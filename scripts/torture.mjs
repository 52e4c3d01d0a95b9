import { ensureBuilt, ensureInstalled, run } from './launch.mjs'

await ensureInstalled()
await ensureBuilt()
process.exitCode = await run(process.execPath, [
  '--import',
  'tsx',
  'test/load/torture.ts',
  ...process.argv.slice(2),
])
