import { setText } from '../../page.js'
import { createJsonView } from '../json/json-view.js'
import { element, momentText } from '../parts/dom.js'
import { words } from './words.js'

/**
 * One event, with all of it in a fold.
 * @param {object} event as the server tells it live
 * @param {string} dialect in whose words; '' for none
 */
export function createEventRow({ id, at, type, chat, event, size, told }, dialect) {
  const moment = element('time', {
    dateTime: new Date(at).toISOString(),
    textContent: momentText(at),
  })
  const name = element('b')
  const detail = element('span', { className: 'row-target', textContent: chat })
  const body = element('div')
  const summary = element('summary', { textContent: words('whole') })
  const details = element('details', {}, summary, body)
  let shownAs = dialect
  details.addEventListener('toggle', fill)
  showAs(dialect)

  function showAs(wanted) {
    shownAs = wanted
    // One event may be several things to a receiver.
    const names = told.filter((one) => one.dialect === wanted).map((one) => one.event)
    const isKnown = wanted === '' || names.length > 0
    setText(name, wanted === '' ? type : names.join(', ') || words('untold', { dialect: wanted }))
    name.classList.toggle('event-untold', !isKnown)
    detail.textContent =
      event === null ? words('tooLarge', { size }) : [wanted && type, chat].filter(Boolean).join(' · ')
    detail.hidden = detail.textContent === ''
    details.hidden = event === null || !isKnown
    summary.setAttribute(
      'aria-label',
      words('wholeOf', { event: name.textContent, moment: moment.textContent }),
    )
    body.replaceChildren()
    fill()
  }

  /** What nobody unfolds is not made. */
  function fill() {
    if (!details.open || details.hidden || body.childElementCount > 0) return
    const texts =
      shownAs === ''
        ? [[type, JSON.stringify(event)]]
        : told.filter((one) => one.dialect === shownAs).map((one) => [one.event, one.body])
    body.append(...texts.map(([label, text]) => createJsonView(text, label)))
  }

  return {
    type,
    element: element(
      'li',
      { dataset: { event: id } },
      moment,
      element('div', { className: 'row-name' }, name, detail),
      details,
    ),
    showAs,
  }
}
