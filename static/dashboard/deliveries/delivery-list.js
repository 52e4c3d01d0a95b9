import { advise } from '../../api.js'
import { sayIn, setText } from '../../page.js'
import { element, noticeElement } from '../parts/dom.js'
import { poll } from '../parts/poll.js'
import { createRows } from '../parts/rows.js'
import { createFilters } from './delivery-filters.js'
import { createDeliveryRow } from './delivery-row.js'
import { words } from './words.js'

const PAUSE_MS = 3_000
const PAGE = 50
const MAX_SHOWN = 500
/** How often the server is asked to look further where it found few that fit. */
const MOST_ROUNDS = 5

/**
 * The newest deliveries that fit, newest first, kept current.
 * @param {object} given
 * @param {import('./source.js').DeliverySource} given.source
 * @param {(id: string) => string} [given.nameOf] the names of users, where the deliveries of all are shown
 * @param {boolean} [given.isOfAll] the deliveries of all users are shown, among whom one can be chosen
 * @param {(signal: AbortSignal) => Promise<void>} [given.before] looked at before the list each time
 */
export function createDeliveryList({ source, nameOf, isOfAll = false, before, onUnknownToken }) {
  let limit = PAGE
  const notice = noticeElement()
  const summary = element('p', {
    className: 'hint',
    textContent: words('asking'),
    attributes: { role: 'status' },
  })
  const list = element('ul', { className: 'card row-list deliveries', hidden: true })
  const rows = createRows(list, (delivery) => createDeliveryRow(delivery, { source, resend, nameOf }))
  const more = element('button', {
    type: 'button',
    textContent: words('showMore'),
    hidden: true,
    on: { click: showMore },
  })
  const filters = createFilters({
    isOfAll,
    onChange: () => {
      limit = PAGE
      polling.now()
    },
  })
  const polling = poll({ look, notice, onUnknownToken })

  async function look(signal) {
    await before?.(signal)
    const { deliveries, isMore } = await find(signal)
    rows.show(deliveries)
    filters.offer({
      targets: deliveries.map(({ target }) => target),
      events: deliveries.map(({ event }) => event),
    })
    list.hidden = deliveries.length === 0
    more.hidden = !isMore || limit >= MAX_SHOWN
    setText(summary, summaryOf(deliveries.length, isMore))
    return PAUSE_MS
  }

  /** A part of the answer can be short, and not be the last. */
  async function find(signal) {
    const deliveries = []
    let next
    for (let round = 0; round < MOST_ROUNDS; round++) {
      const wanted = { ...filters.value, limit: limit - deliveries.length, before: next }
      const page = await source.list(wanted, signal)
      deliveries.push(...page.deliveries)
      next = page.next
      if (next === undefined || deliveries.length >= limit) break
    }
    return { deliveries, isMore: next !== undefined }
  }

  function showMore() {
    limit = Math.min(limit + PAGE, MAX_SHOWN)
    polling.now()
  }

  async function resend(id) {
    try {
      await source.redeliver(id)
      sayIn(notice, words('onItsWay'), 'good')
    } catch (error) {
      sayIn(notice, advise(error))
    }
    polling.now()
  }

  function summaryOf(count, isMore) {
    if (count > 0) return words('shown', { count })
    if (isMore) return words('noneSoFar')
    return filters.isSet ? words('noneFits') : words('noneYet')
  }

  return {
    elements: [filters.element, summary, notice, list, more],
    /** Offers receivers and users to narrow the list to. */
    offer: filters.offer,
    lookNow: () => polling.now(),
    close() {
      filters.close()
      polling.stop()
    },
  }
}
