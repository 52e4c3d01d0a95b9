import { setText } from '../../page.js'
import { words } from '../words.js'
import { element } from './dom.js'
import { createRows } from './rows.js'

/** More rows than anybody reads; the search finds the others. */
const MAX_ROWS = 200
/** From this many items on there is a search. */
const MIN_FOR_SEARCH = 6

/**
 * A list that is looked at again and again, with a search when it is long.
 * @param {object} given
 * @param {string} given.label of the search
 * @param {string} given.placeholder what can be searched for
 * @param {(item: object) => string} given.wordsOf what the search looks at
 * @param {(item: object) => {element: HTMLElement, show: (item: object) => void}} given.createRow for an item with an `id`
 */
export function createSearchedRows({ className, label, placeholder, wordsOf, createRow }) {
  let items = []
  const list = element('ul', { className: `card row-list ${className}`, hidden: true })
  const rows = createRows(list, createRow)
  const more = element('p', { className: 'hint', attributes: { role: 'status' } })
  const search = element('input', {
    type: 'search',
    hidden: true,
    placeholder,
    aria: { label },
    on: { input: show },
  })

  function show() {
    const wanted = search.value.trim().toLowerCase()
    const found = items.filter((item) => wordsOf(item).toLowerCase().includes(wanted))
    const visible = found.slice(0, MAX_ROWS)
    // A search in progress stays when the list becomes short.
    search.hidden = items.length < MIN_FOR_SEARCH && wanted === ''
    list.hidden = visible.length === 0
    setText(more, moreText(found.length, visible.length, items.length))
    rows.show(visible)
  }

  return {
    elements: [search, list, more],
    show(current) {
      items = current
      show()
    },
  }
}

function moreText(found, visible, all) {
  if (all > 0 && found === 0) return words('nobodyMatches')
  return found > visible ? words('moreToFind', { count: found - visible }) : ''
}
