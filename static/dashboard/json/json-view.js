import { copy } from '../../page.js'
import { element, noticeElement } from '../parts/dom.js'
import { readJson } from './read-json.js'
import { words } from './words.js'

/** Groups up to this depth are unfolded from the beginning, as far as they are short. */
const OPEN_DEPTH = 2
const OPEN_ENTRIES = 12
/** More entries than anybody reads make the page slow; all of them can be copied. */
const MOST_ENTRIES = 200
const LONGEST_TEXT = 2_000
/** JSON inside a text is shown as JSON: that is how some servers carry it. */
const INNER = /^\s*[{[]/

/**
 * JSON as people read it: coloured, in folds, with a button that copies all of it. What is no JSON is shown as it is.
 * @param {string} text
 * @param {string} label what it is, where it is read aloud
 */
export function createJsonView(text, label) {
  const notice = noticeElement()
  const node = readJson(text)
  const button = element('button', {
    type: 'button',
    className: 'quiet json-copy',
    textContent: words('copy'),
    aria: { label: words('copyWhat', { what: label }) },
    on: { click: () => copy(node ? indented(text) : text, label, notice) },
  })
  return element(
    'div',
    { className: 'json', tabIndex: 0, attributes: { role: 'group' }, aria: { label } },
    button,
    element('div', { className: 'json-body' }, node ? value(node, 0) : text),
    notice,
  )
}

function value(node, depth) {
  if (node.kind === 'object' || node.kind === 'array') return group(node, depth)
  if (node.kind === 'string') return string(node, depth)
  return element('span', { className: `json-${node.kind}`, textContent: node.text })
}

function string({ text, isCut }, depth) {
  const inner = INNER.test(text) ? readJson(text) : undefined
  if (inner && inner.entries.length > 0) return value(inner, depth)
  const shown = text.length > LONGEST_TEXT ? `${text.slice(0, LONGEST_TEXT)}…` : text
  const cut = isCut && cutMark()
  return element('span', {}, element('span', { className: 'json-string', textContent: `“${shown}”` }), cut)
}

function group({ kind, entries, isCut }, depth) {
  const [open, close] = kind === 'object' ? '{}' : '[]'
  if (entries.length === 0)
    return element('span', { className: 'json-mark' }, open, close, isCut && cutMark())
  const details = element('details', { open: depth < OPEN_DEPTH && entries.length <= OPEN_ENTRIES })
  const summary = element(
    'summary',
    {},
    element('span', { className: 'json-mark', textContent: `${open} … ${close}` }),
    element('span', { className: 'json-count', textContent: words('entries', { count: entries.length }) }),
  )
  const list = element('ul', {})
  details.append(summary, list)
  // What nobody unfolds is not made.
  const fill = () => {
    if (list.childElementCount > 0) return
    list.append(
      ...entries
        .slice(0, MOST_ENTRIES)
        .map(([name, node]) =>
          element(
            'li',
            {},
            kind === 'object' && element('span', { className: 'json-name', textContent: `${name}: ` }),
            value(node, depth + 1),
          ),
        ),
    )
    const left = entries.length - MOST_ENTRIES
    if (left > 0)
      list.append(element('li', { className: 'json-count', textContent: words('more', { count: left }) }))
    if (isCut) list.append(element('li', {}, cutMark()))
  }
  if (details.open) fill()
  else details.addEventListener('toggle', fill, { once: true })
  return details
}

function cutMark() {
  return element('span', { className: 'json-count', textContent: words('cut') })
}

function indented(text) {
  try {
    return JSON.stringify(JSON.parse(text), undefined, 2)
  } catch {
    return text
  }
}
