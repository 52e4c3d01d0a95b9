import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { tsImport } from 'tsx/esm/api'
import { projectRoot } from './launch.mjs'

// Rewrites the README's table of settings from src/config/config.ts; with --check it only says whether that is needed.
const BEGIN = '<!-- settings: written by `npm run docs` -->'
const END = '<!-- /settings -->'

const { configTable } = await tsImport('../src/config/config.ts', import.meta.url)
const readme = join(projectRoot, 'README.md')
const before = readFileSync(readme, 'utf8')
const after = withTable(before, settingsTable(configTable()))

if (process.argv.includes('--check')) {
  if (before !== after) {
    console.error('README.md is behind src/config/config.ts: run `npm run docs`.')
    process.exitCode = 1
  }
} else {
  writeFileSync(readme, after)
}

function settingsTable(rows) {
  const lines = rows.map(({ env, default: fallback, help }) => {
    const names = env.map((name) => `\`${name}\``).join(', ')
    const value = isWord(fallback) ? `\`${fallback}\`` : fallback
    return `| ${names} | ${value} | ${cell(help)} |`
  })
  return ['| Variable | Default | Meaning |', '| --- | --- | --- |', ...lines].join('\n')
}

/** Plain values are shown as code; sentences and nothing at all stay as they are. */
function isWord(text) {
  return text !== '' && !/[\s`]/.test(text)
}

/** A bar would end the cell. */
function cell(text) {
  return text.replaceAll('|', '\\|')
}

function withTable(text, table) {
  const [start, end] = [text.indexOf(BEGIN), text.indexOf(END)]
  if (start < 0 || end < start) throw new Error(`README.md lacks the markers ${BEGIN} and ${END}`)
  return `${text.slice(0, start)}${BEGIN}\n${table}\n${text.slice(end)}`
}
