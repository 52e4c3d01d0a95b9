import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { build } from 'esbuild'
import { projectRoot } from './launch.mjs'

/**
 * Joins the sources into a few files below dist/src: reading hundreds takes most of a start. Types are checked by
 * `npm run types`, which is part of `npm test`.
 */
const programs = ['main.ts', 'app/backup.ts', 'app/export.ts', 'app/import.ts', 'sandbox/standalone.ts']
/** A thread is started from a file of its own, and the demo asks what the settings are. */
const parts = ['media/convert/pdf-worker.js', 'config/config.ts']

rmSync(join(projectRoot, 'dist'), { recursive: true, force: true })
await build({
  absWorkingDir: projectRoot,
  entryPoints: [...programs, ...parts].map((path) => `src/${path}`),
  outbase: '.',
  outdir: 'dist',
  chunkNames: 'src/parts/[name]-[hash]',
  bundle: true,
  splitting: true,
  packages: 'external',
  format: 'esm',
  platform: 'node',
  target: 'node20.19',
  sourcemap: true,
  sourcesContent: false,
  logLevel: 'warning',
})
