import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { tsImport } from 'tsx/esm/api'
import { projectRoot } from './launch.mjs'
import { writePart } from './written-part.mjs'

// Rewrites docs/events.md from what the events say of themselves, the names that dialects have for them, and the samples that
// the tests compare letter by letter; with --check it only says whether that is needed.
const SOURCE = 'src/events/event.ts'
const { wuzapiEventNames } = await tsImport('../src/dialects/wuzapi/events/event-names.ts', import.meta.url)
const { classOf } = await tsImport('../src/dialects/wago/events/names.ts', import.meta.url)
const { eventSamples } = await tsImport('../test/dialects/wuzapi-events/samples.ts', import.meta.url)

/** The chapters, by the first word of the types, in the order in which a receiver meets them. */
const CHAPTERS = {
  message: 'Messages',
  media: 'Messages',
  receipt: 'Receipts and presence',
  presence: 'Receipts and presence',
  chat: 'Receipts and presence',
  session: 'The session',
  account: 'The account',
  contact: 'Contacts',
  group: 'Groups',
  call: 'Calls',
  newsletter: 'Channels',
  history: 'History and settings of chats',
  appstate: 'History and settings of chats',
  test: 'Tests',
}
/** Where several samples have a name, the one that shows most with least. */
const PREFERRED = ['text11']
/** What is cut out of the middle of long values, such as pictures. */
const LONGEST_TEXT = 120

const sentences = sentencesOf(readFileSync(join(projectRoot, SOURCE), 'utf8'))
const samples = samplesByName()
/** Names that a sample has been shown for. */
const shown = new Map()

const lines = []
let chapter
for (const type of inChapters(Object.keys(wuzapiEventNames))) {
  const sentence = sentences.get(type)
  if (!sentence) throw new Error(`${SOURCE} says nothing of ${type}`)
  if (chapter !== chapterOf(type)) {
    chapter = chapterOf(type)
    lines.push(`## ${chapter}`, '')
  }
  lines.push(`### ${type}`, '', sentence, '', names(type), '', ...sampleOf(type))
}
writePart('docs/events.md', {
  name: 'events',
  command: 'npm run docs',
  source: SOURCE,
  text: lines.join('\n').trimEnd(),
})

function names(type) {
  const [wuzapi, wago] = [wuzapiEventNames[type], classOf[type]]
  const told = [
    wuzapi && `wuzapi: \`${wuzapi}\``,
    wago && wago !== 'All' && `WaGo: in the class \`${wago}\``,
    wago === 'All' && 'WaGo: with `All`',
  ].filter(Boolean)
  return told.length > 0 ? `${told.join('; ')}.` : 'Neither wuzapi nor WaGo has a word for it.'
}

/** A sample as wuzapi's webhooks carry it; none twice, and none where wuzapi has no word. */
function sampleOf(type) {
  const name = wuzapiEventNames[type]
  if (!name) return []
  if (shown.has(name)) return [`As above, at [${shown.get(name)}](#${anchor(shown.get(name))}).`, '']
  const sample = samples.get(name)
  if (!sample) return []
  shown.set(name, type)
  return ['```json', JSON.stringify(sample, shortened, 2), '```', '']
}

function anchor(type) {
  return type.replaceAll('.', '')
}

function shortened(_key, value) {
  return typeof value === 'string' && value.length > LONGEST_TEXT ? `${value.slice(0, 60)}…` : value
}

function samplesByName() {
  const found = new Map()
  for (const { jsonData } of [...eventSamples].sort(byUse)) {
    const payload = JSON.parse(jsonData)
    if (!found.has(payload.type)) found.set(payload.type, payload)
  }
  return found
}

function byUse(one, other) {
  const rank = ({ name }) => (PREFERRED.includes(name) ? 0 : 1)
  return rank(one) - rank(other) || one.jsonData.length - other.jsonData.length
}

/** Type of each event -> the comment before it, as one paragraph. */
function sentencesOf(source) {
  const found = new Map()
  let comment = ''
  for (const part of source.matchAll(/\/\*\*([\s\S]*?)\*\/|\btype: '([\w.]+)'/g)) {
    const [, text, type] = part
    if (text !== undefined)
      comment = text
        .replaceAll(/^\s*\* ?/gm, '')
        .replaceAll(/\s+/g, ' ')
        .trim()
    else if (!found.has(type)) found.set(type, comment)
  }
  return found
}

function chapterOf(type) {
  return CHAPTERS[type.split('.')[0]]
}

/** As they are declared, the chapters one after the other. */
function inChapters(types) {
  const order = [...new Set(Object.values(CHAPTERS))]
  const declared = [...sentences.keys()]
  const rank = (type) => order.indexOf(chapterOf(type)) * 1000 + declared.indexOf(type)
  return types.sort((one, other) => rank(one) - rank(other))
}
