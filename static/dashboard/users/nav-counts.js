import { ask } from '../../api.js'
import { repeat, setText } from '../../page.js'
import { element } from '../parts/dom.js'
import { words } from './words.js'

const PAUSE_MS = 15_000

/**
 * Says in the menu how many users need attention, and how many receivers fail.
 * @param {string} admin token of the administrator
 * @returns {() => void} ends it
 */
export function watchCounts(admin) {
  const users = createCount('to-users')
  const deliveries = createCount('to-deliveries')
  return repeat(async (signal) => {
    // The views themselves say what is wrong when the server does not answer.
    const totals = await ask('parley/overview/totals', { admin, signal }).catch(() => undefined)
    if (totals) {
      users.show(totals.needAttention, words('navUsers', { count: totals.needAttention }))
      deliveries.show(totals.failingReceivers, words('navDeliveries', { count: totals.failingReceivers }))
    }
    return PAUSE_MS
  })
}

function createCount(id) {
  const number = element('span', { aria: { hidden: 'true' } })
  const text = element('span', { className: 'unseen' })
  const badge = element('span', { className: 'nav-count', hidden: true }, number, text)
  document.getElementById(id)?.append(' ', badge)
  return {
    show(count, sentence) {
      badge.hidden = count === 0
      setText(number, String(count))
      setText(text, sentence)
    },
  }
}
