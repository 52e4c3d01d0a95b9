import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { ensureInstalled, projectRoot, run } from './launch.mjs'

const CHECKS = [
  ['format and lint', 'biome check --error-on-warnings .'],
  ['types', 'tsc'],
  ['unused code and packages', 'knip'],
]

await ensureInstalled()
const chosen = process.argv.slice(2)
// Whoever runs a part has asked for that part.
if (chosen.length === 0) await check()

const folder = mkdtempSync(join(tmpdir(), 'parley-tests-'))
const report = join(folder, 'report.json')
const exitCode = await run(process.execPath, [
  join('node_modules', 'vitest', 'vitest.mjs'),
  'run',
  '--reporter=default',
  '--reporter=json',
  `--outputFile.json=${report}`,
  ...chosen,
])
const results = readReport(report)
console.log(slowest(results))
console.log(summary(results))
rmSync(folder, { recursive: true, force: true })
process.exitCode = exitCode

/** Runs the checks that need no server, and ends the program at the first that fails. */
async function check() {
  for (const [what, command] of CHECKS) {
    console.log(`Parley: checking ${what}`)
    const [program, ...args] = command.split(' ')
    const code = await run(join(projectRoot, 'node_modules', '.bin', program), args)
    if (code === 0) continue
    console.log('0 passed, 1 failed')
    process.exit(code)
  }
}

/** The ten files that take longest, for whoever wants the suite to be faster. */
function slowest({ testResults }) {
  const lines = testResults
    .map(({ name, startTime, endTime }) => ({ name: relative(projectRoot, name), ms: endTime - startTime }))
    .sort((a, b) => b.ms - a.ms)
    .slice(0, 10)
    .map(({ name, ms }) => `${(ms / 1000).toFixed(1).padStart(7)} s  ${name}`)
  return ['The slowest files:', ...lines].join('\n')
}

/** The closing line, alone on its line, that a person and a CI server both read. */
function summary({ numPassedTests, numFailedTests, numPendingTests, testResults }) {
  // A file that does not even load has failed without a single failed test in it.
  const brokenFiles = testResults.filter(
    (file) => file.status === 'failed' && !file.assertionResults.some((test) => test.status === 'failed'),
  )
  const skipped = numPendingTests > 0 ? `, ${numPendingTests} skipped` : ''
  return `${numPassedTests} passed, ${numFailedTests + brokenFiles.length} failed${skipped}`
}

function readReport(path) {
  try {
    return JSON.parse(readFileSync(path, 'utf8'))
  } catch {
    // The runner stopped before it wrote a report; its exit code and its own words above say why.
    return { numPassedTests: 0, numFailedTests: 1, numPendingTests: 0, testResults: [] }
  }
}
