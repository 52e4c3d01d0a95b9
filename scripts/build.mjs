import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { parseArgs } from 'node:util'
import { build } from 'esbuild'
import { joinPackages } from './join-packages.mjs'
import { projectRoot } from './launch.mjs'

/**
 * Joins the sources into a few files below dist/src, or of the folder `--to`: reading hundreds takes most of a start. Types are checked by
 * `npm run types`, which is part of `npm test`.
 */
const programs = ['main.ts', 'app/backup.ts', 'app/export.ts', 'app/import.ts', 'sandbox/standalone.ts']
/** A thread is started from a file of its own, and the demo asks what the settings are. */
const parts = ['media/convert/pdf-worker.js', 'config/config.ts']
/**
 * Has to run before the library does. Among files that were joined, packages that are imported run first, and the order of
 * the files that have something in common is left open: so each program imports this one before everything else.
 */
const first = 'whatsapp/library/patches/before-library.ts'

const { values } = parseArgs({ options: { to: { type: 'string', default: join(projectRoot, 'dist') } } })

rmSync(values.to, { recursive: true, force: true })
await build({
  absWorkingDir: projectRoot,
  entryPoints: [...programs, ...parts, first].map((path) => `src/${path}`),
  outbase: '.',
  outdir: values.to,
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

await joinPackages(values.to)

for (const program of programs) {
  const file = builtFile(program)
  const imported = relative(dirname(file), builtFile(first)).replaceAll('\\', '/')
  // On the same line, so that the map of the sources stays true.
  writeFileSync(file, `import "./${imported}"; ${readFileSync(file, 'utf8')}`)
}

function builtFile(source) {
  return join(values.to, 'src', source.replace(/\.ts$/, '.js'))
}
