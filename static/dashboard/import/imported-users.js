import { setText } from '../../page.js'
import { counted, element, momentText } from '../parts/dom.js'
import { createSearchedRows } from '../parts/searched-rows.js'
import { userAddress } from '../route.js'
import { createReportDetails } from './report-details.js'
import { numberText } from './words.js'

/** How far a user is, in words. */
const STATES = {
  imported: ({ device }) => (device === '' ? 'Here; it has no phone yet' : 'Here; it has not connected yet'),
  opened: () => 'Connected; it waits for a first message to read',
  verified: () => 'Works: it has written and read',
  replaced: () => 'The old server is still running: stop it, then connect',
  refused: () => 'WhatsApp has unlinked its phone: link it anew',
}

/** The users that came from other servers, and how far each is. */
export function createImportedUsers() {
  const summary = element('p', {
    className: 'hint',
    textContent: 'Asking the server.',
    attributes: { role: 'status' },
  })
  const rows = createSearchedRows({
    className: 'link-rows imported-rows',
    label: 'Search imported users',
    placeholder: 'Name or number',
    wordsOf: ({ name, device }) => `${name} ${numberText(device)}`,
    createRow,
  })

  return {
    element: element(
      'section',
      { className: 'imported', aria: { labelledby: 'imported-title' } },
      element('h2', { id: 'imported-title', className: 'section-title', textContent: 'Imported users' }),
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
  if (imports.length === 0)
    return 'Nobody has come from another server yet. Stop the old server, choose its files above, and look.'
  const count = (state) => imports.filter((one) => one.state === state).length
  const sentences = [
    `${counted(imports.length, 'user')} came from another server; ${count('verified')} known to work.`,
    count('replaced') > 0 &&
      `For ${counted(count('replaced'), 'user')} the old server is still running: stop it, then connect.`,
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
      textContent: `From ${source}, ${momentText(importedAt)}`,
    }),
    element('div', { className: 'row-report' }, details.element),
  )
  return {
    element: item,
    show(user) {
      item.dataset.import = user.state
      setText(name, user.name || 'No name')
      setText(state, STATES[user.state]?.(user) ?? user.state)
      setText(number, numberText(user.device))
      details.show(user.report, true)
    },
  }
}
