import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ensureInstalled, run } from './launch.mjs'

await ensureInstalled()

const folder = mkdtempSync(join(tmpdir(), 'parley-tests-'))
const report = join(folder, 'report.json')
const exitCode = await run(process.execPath, [
  join('node_modules', 'vitest', 'vitest.mjs'),
  'run',
  '--reporter=default',
  '--reporter=json',
  `--outputFile.json=${report}`,
  ...process.argv.slice(2),
])
console.log(summary(report))
rmSync(folder, { recursive: true, force: true })
process.exitCode = exitCode

/** The closing line, alone on its line, that a person and a CI server both read. */
function summary(path) {
  const { numPassedTests, numFailedTests, numPendingTests, testResults } = readReport(path)
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
