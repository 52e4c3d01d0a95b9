import { confirmFirst, setText } from '../../page.js'
import { element, freshId, momentText } from '../parts/dom.js'
import { sideButton } from '../parts/form.js'
import { createRows } from '../parts/rows.js'
import { words } from './words.js'

const DAY_MS = 24 * 60 * 60 * 1000
/** For how many days a key may be made; '' for one that lasts. */
const DAYS = ['', 7, 30, 90, 365]

/** How long a key is to last. */
export const LASTS_FIELD = {
  name: 'days',
  label: words('lasts'),
  kind: 'choice',
  options: DAYS.map((days) => [
    String(days),
    days === '' ? words('lastsForEver') : words('days', { count: days }),
  ]),
}

/** When a key of so many days ends, as the server takes it; nothing for one that lasts. */
export function endOf(days, now = Date.now()) {
  return days === '' ? undefined : now + Number(days) * DAY_MS
}

/**
 * Keys, one line each, with a button that removes one.
 * @param {object} given
 * @param {string} given.label what the list is called where it is read aloud
 * @param {string} given.none what stands there while there is none
 * @param {(key: object) => string} given.detailOf what a key may do
 * @param {(key: object) => {title: string, text: string}} given.question what is asked before one is removed
 * @param {(key: object) => Promise<void>} given.remove
 * @param {(button: HTMLElement, work: () => Promise<string>) => Promise<void>} given.attempt runs it, and says what came of it
 */
export function createKeyRows({ label, none, detailOf, question, remove, attempt }) {
  const list = element('ul', { className: 'card row-list key-rows', hidden: true, aria: { label } })
  const nobody = element('p', { className: 'hint', textContent: none, hidden: true })
  const rows = createRows(list, createRow)

  function createRow(key) {
    const id = freshId('key')
    const detail = element('span', { className: 'row-state' })
    const used = element('span', { className: 'row-account' })
    const ends = element('span', { className: 'row-account' })
    const button = sideButton(words('remove'), {
      id: `${id}-remove`,
      className: 'danger',
      onclick: () => attempt(button, () => removeIfAgreed(key)),
    })
    button.setAttribute('aria-labelledby', `${button.id} ${id}`)
    const item = element(
      'li',
      {},
      element('span', { className: 'mark', aria: { hidden: 'true' } }),
      element(
        'div',
        { className: 'row-name' },
        element('b', { id, textContent: key.name }),
        detail,
        element('span', { className: 'row-account code', textContent: key.maskedKey }),
      ),
      element('div', { className: 'row-name' }, used, ends),
      element('div', { className: 'actions' }, button),
    )
    return {
      element: item,
      show(now) {
        const isOver = now.expiresAt !== null && now.expiresAt <= Date.now()
        item.dataset.state = isOver ? 'off' : 'linked'
        setText(detail, detailOf(now))
        setText(
          used,
          now.lastUsedAt === null
            ? words('neverUsed')
            : words('lastUsed', { moment: momentText(now.lastUsedAt) }),
        )
        setText(ends, endText(now, isOver))
      },
    }
  }

  async function removeIfAgreed(key) {
    if (!(await confirmFirst({ ...question(key), yes: words('remove') }))) return ''
    await remove(key)
    return words('removed', { name: key.name })
  }

  return {
    elements: [nobody, list],
    show(keys) {
      nobody.hidden = keys.length > 0
      list.hidden = keys.length === 0
      rows.show(keys)
    },
  }
}

function endText({ expiresAt }, isOver) {
  if (expiresAt === null) return words('noEnd')
  return words(isOver ? 'ended' : 'ends', { moment: momentText(expiresAt) })
}
