import { setText } from '../../page.js'
import { element } from '../parts/dom.js'
import { takenText } from './import-texts.js'
import { words } from './words.js'

/** The keys of how it is called before and after the import: alone, and with what is left behind. */
const TITLES = {
  before: { whole: 'comes', partly: 'comesNot' },
  after: { whole: 'came', partly: 'cameNot' },
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
      const titles = isDone ? TITLES.after : TITLES.before
      const text = JSON.stringify([taken, dropped, reason, isDone])
      if (text === shown) return
      shown = text
      const lost = dropped.reduce((sum, { count }) => sum + count, 0)
      setText(summary, lost === 0 ? words(titles.whole) : words(titles.partly, { count: lost }))
      body.replaceChildren(
        element('p', { textContent: takenText(taken) }),
        ...dropped.map(({ what, why, count, whose }) =>
          element('p', {
            className: 'dropped',
            textContent: words('dropped', {
              count,
              what,
              whose: `${whose.join(', ')}${count > whose.length ? ', …' : ''}`,
              why,
            }),
          }),
        ),
      )
    },
  }
}
