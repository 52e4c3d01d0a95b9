import { setText } from '../../page.js'
import { element, momentText } from '../parts/dom.js'
import { createSearchedRows } from '../parts/searched-rows.js'
import { userAddress } from '../route.js'
import { numberText } from './import-texts.js'
import { createReportDetails } from './report-details.js'
import { words } from './words.js'

/** How far a user is, as the key of the words for it. */
const STATES = {
  imported: ({ device }) => (device === '' ? 'stateHereNoPhone' : 'stateHere'),
  opened: () => 'stateOpened',
  verified: () => 'stateVerified',
  replaced: () => 'stateReplaced',
  refused: () => 'stateRefused',
}

/** The users that came from other servers, and how far each is. */
export function createImportedUsers() {
  const summary = element('p', {
    className: 'hint',
    textContent: words('asking'),
    attributes: { role: 'status' },
  })
  const rows = createSearchedRows({
    className: 'link-rows imported-rows',
    label: words('searchImported'),
    placeholder: words('searchHint'),
    wordsOf: ({ name, device }) => `${name} ${numberText(device)}`,
    createRow,
  })

  return {
    element: element(
      'section',
      { className: 'imported', aria: { labelledby: 'imported-title' } },
      element('h2', {
        id: 'imported-title',
        className: 'section-title',
        textContent: words('importedUsers'),
      }),
      summary,
      rows.elements,
    ),
    show(imports) {
      setText(summary, summaryOf(imports))
      rows.show(imports.map((one) => ({ ...one, id: one.userId })))
    },
  }
}

function summaryOf(imports) {
  if (imports.length === 0) return words('importedNone')
  const count = (state) => imports.filter((one) => one.state === state).length
  const sentences = [
    words('importedSome', { count: imports.length, verified: count('verified') }),
    count('replaced') > 0 && words('importedReplaced', { count: count('replaced') }),
  ]
  return sentences.filter(Boolean).join(' ')
}

/** One user as a line; the name leads to it. */
function createRow({ id, importedAt, source }) {
  const name = element('a', { href: userAddress(id) })
  const state = element('span', { className: 'row-state' })
  const number = element('span', { className: 'row-account' })
  const details = createReportDetails()
  const item = element(
    'li',
    {},
    element('span', { className: 'mark', aria: { hidden: 'true' } }),
    element('div', { className: 'row-name' }, name, state),
    number,
    element('span', {
      className: 'row-account',
      textContent: words('cameFrom', { source, moment: momentText(importedAt) }),
    }),
    element('div', { className: 'row-report' }, details.element),
  )
  return {
    element: item,
    show(user) {
      item.dataset.import = user.state
      setText(name, user.name || words('noName'))
      const key = STATES[user.state]?.(user)
      setText(state, key ? words(key) : user.state)
      setText(number, numberText(user.device))
      details.show(user.report, true)
    },
  }
}
