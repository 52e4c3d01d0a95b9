import { tsImport } from 'tsx/esm/api'
import { writePart } from './written-part.mjs'

// Rewrites the table of docs/settings.md from src/config/config.ts; with --check it only says whether that is needed.
const { configTable } = await tsImport('../src/config/config.ts', import.meta.url)

writePart('docs/settings.md', {
  name: 'settings',
  command: 'npm run docs',
  source: 'src/config/config.ts',
  text: settingsTable(configTable()),
})

function settingsTable(rows) {
  const lines = rows.map(({ env, flag, default: fallback, help }) => {
    const names = [...env, ...(flag ? [`-${flag}`] : [])].map((name) => `\`${name}\``).join(', ')
    const value = isWord(fallback) ? `\`${fallback}\`` : fallback
    return `| ${names} | ${value} | ${cell(help)} |`
  })
  return ['| Variable, flag | Default | Meaning |', '| --- | --- | --- |', ...lines].join('\n')
}

/** Plain values are shown as code; sentences and nothing at all stay as they are. */
function isWord(text) {
  return text !== '' && !/[\s`]/.test(text)
}

/** A bar would end the cell. */
function cell(text) {
  return text.replaceAll('|', '\\|')
}
