import { setText } from '../../page.js'
import { words } from '../words.js'
import { element, noticeElement } from './dom.js'
import { poll } from './poll.js'
import { createSearchedRows } from './searched-rows.js'

const PAUSE_MS = 3_000

/**
 * A view that is a list, kept current, and the way to a new entry.
 * @param {object} given
 * @param {string} given.title heading of the view
 * @param {{textContent: string, onclick: () => void}} [given.create] the button to a new entry
 * @param {{title: string, text: string}} given.empty what stands there while there is none
 * @param {object} given.rows see `createSearchedRows`
 * @param {HTMLElement} [given.tools] what stands above the list
 * @param {(signal: AbortSignal) => Promise<object[]>} given.read what to list
 * @param {(items: object[]) => object[]} [given.choose] those of them that are listed now
 * @param {(items: object[]) => string} given.summaryOf the sentence below the heading
 * @returns {{element: HTMLElement, look: () => void, close: () => void}} `look` reads at once
 */
export function openListView({
  title,
  create,
  empty,
  tools = '',
  rows,
  read,
  choose = (items) => items,
  summaryOf,
  onUnknownToken,
}) {
  const notice = noticeElement()
  const summary = element('p', {
    className: 'lead',
    textContent: words('asking'),
    attributes: { role: 'status' },
  })
  const list = createSearchedRows({ className: 'link-rows', ...rows })
  const nobody = element(
    'div',
    { className: 'card empty', hidden: true },
    element('h2', { textContent: empty.title }),
    element('p', { className: 'hint', textContent: empty.text }),
  )
  const polling = poll({ look, notice, onUnknownToken })

  async function look(signal) {
    const items = await read(signal)
    setText(summary, summaryOf(items))
    nobody.hidden = items.length > 0
    list.show(choose(items))
    return PAUSE_MS
  }

  return {
    element: element(
      'section',
      { aria: { labelledby: 'view-title' } },
      element(
        'div',
        { className: 'view-head' },
        element('div', {}, element('h1', { id: 'view-title', textContent: title }), summary),
        create &&
          element('button', {
            type: 'button',
            className: 'primary',
            textContent: create.textContent,
            on: { click: create.onclick },
          }),
      ),
      notice,
      nobody,
      tools,
      list.elements,
    ),
    look: polling.now,
    close: () => polling.stop(),
  }
}
