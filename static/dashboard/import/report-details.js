import { setText } from '../../page.js'
import { element } from '../parts/dom.js'
import { takenText } from './words.js'

/** How it is called before and after the import. */
const WORDS = {
  before: { taken: 'What comes', dropped: 'and what does not' },
  after: { taken: 'What came', dropped: 'and what did not' },
}

/** What comes of a user and what does not, folded until somebody wants to know. */
export function createReportDetails() {
  const summary = element('summary')
  const body = element('div', { className: 'report' })
  let shown = ''

  return {
    element: element('details', {}, summary, body),
    /** @param {{taken: Record<string, number>, dropped: object[], reason: string}} report
     *  @param {boolean} isDone whether it has come */
    show({ taken = {}, dropped = [], reason = '' }, isDone) {
      const words = isDone ? WORDS.after : WORDS.before
      const text = JSON.stringify([taken, dropped, reason, isDone])
      if (text === shown) return
      shown = text
      const lost = dropped.reduce((sum, { count }) => sum + count, 0)
      setText(summary, lost === 0 ? words.taken : `${words.taken}, ${words.dropped} (${lost})`)
      body.replaceChildren(
        element('p', { textContent: takenText(taken) }),
        ...dropped.map(({ what, why, count, whose }) =>
          element('p', {
            className: 'dropped',
            textContent: `Not: ${count} ${what} (${whose.join(', ')}${count > whose.length ? ', …' : ''}), because ${why}.`,
          }),
        ),
      )
    },
  }
}
