import { tsImport } from 'tsx/esm/api'
import { writePart } from './written-part.mjs'

// Rewrites the tables of docs/messages.md from those the tests go through; with --check it only says whether that is needed.
const RECEIVED = 'test/messages/received-kinds.ts'
const SENT = 'test/messages/sent-kinds.ts'
const { receivedKinds, ANY } = await tsImport(`../${RECEIVED}`, import.meta.url)
const { sentKinds, unsentKinds } = await tsImport(`../${SENT}`, import.meta.url)

/** The columns of what is sent, by the names of the dialects in the table of the tests. */
const DIALECTS = {
  wuzapi: 'wuzapi',
  wago: 'WaGo',
  'wago-api': 'wago-api',
  wsgo: 'wsgo',
  multisession: 'multisession',
}

write('received', RECEIVED, receivedTable(receivedKinds))
write('sent', SENT, sentTable(sentKinds))
write('unsent', SENT, unsentTable(unsentKinds))

function write(name, source, text) {
  writePart('docs/messages.md', { name, command: 'npm run messages', source, text })
}

function receivedTable(kinds) {
  const head = [
    '| What is sent | `Message` in wuzapi, WaGo | `type` in wago-api | In words | In wuzapi’s history | File |',
    '| --- | --- | --- | --- | --- | --- |',
  ]
  return [...head, ...kinds.map((kind) => `| ${cells(kind).join(' | ')} |`)].join('\n')
}

function cells({ name, member, holds, type, text, history, file, extras, beside }) {
  const inside = Object.keys(holds?.message ?? holds?.editedMessage ?? {})[0]
  const besides = Object.keys({ ...extras, ...beside }).filter((field) => field !== 'body')
  return [
    name,
    [member, inside].filter(Boolean).map(code).join(' > '),
    type === null ? 'not told' : [code(type), ...besides.map((field) => `, ${code(field)}`)].join(''),
    text,
    history === null ? '–' : `${code(history[0])} ${history[1] === ANY ? '' : history[1]}`.trim(),
    file ?? '',
  ].map((cell) => cell.replaceAll('|', '\\|'))
}

function sentTable(kinds) {
  const names = Object.keys(DIALECTS)
  return [
    `| What is sent | ${Object.values(DIALECTS).join(' | ')} |`,
    `| --- |${' --- |'.repeat(names.length)}`,
    ...kinds.map((kind) => `| ${[kind.name, ...names.map((name) => wayCell(kind[name]))].join(' | ')} |`),
  ].join('\n')
}

/** The route, or why there is none; each path of wago-api ends in the session, which is left out. */
function wayCell(way) {
  if (typeof way === 'string') return `– ${way}`.trim()
  return way.refused ? `501: ${way.refused}` : code(way.route.replace(/\/\{id\}$/, ''))
}

function unsentTable(kinds) {
  const head = ['| What phones send | Why no dialect does |', '| --- | --- |']
  return [...head, ...kinds.map(({ name, why }) => `| ${name} | ${why} |`)].join('\n')
}

function code(text) {
  return `\`${text}\``
}
