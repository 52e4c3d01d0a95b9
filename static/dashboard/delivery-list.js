import { advise, ask } from '../api.js'
import { sayIn, setText, whileBusy } from '../page.js'
import { createAttempts } from './parts/attempts.js'
import { element, momentText, noticeElement } from './parts/dom.js'
import { createField } from './parts/fields.js'
import { poll } from './parts/poll.js'
import { createRows } from './parts/rows.js'
import { createRedrive, createTargetPanel } from './target-panel.js'

const PAUSE_MS = 3_000
const PAGE = 50
const MAX_SHOWN = 500

/** What the states are called, and which of them a filter offers. */
const STATES = {
  pending: 'Waiting',
  delivered: 'Delivered',
  dead: 'Given up',
  dropped: 'Not sent',
}

/** What the receivers are called. */
const TARGETS = {
  user: 'To the user’s webhook',
  global: 'To the webhook of all users',
  amqp: 'To the message queue',
  'amqp-error:user': 'Report of a failed webhook, to the message queue',
  'amqp-error:global': 'Report of a failed webhook of all users, to the message queue',
}

/**
 * The last deliveries, newest first, with their answers.
 * @param {object} given
 * @param {string} [given.user] only those of the user with this id
 * @param {(id: string) => string} [given.nameOf] shown where the deliveries of all users are
 */
export function createDeliveryList({ admin, user, nameOf, onUnknownToken }) {
  let limit = PAGE
  const notice = noticeElement()
  const summary = element('p', {
    className: 'hint',
    textContent: 'Asking the server.',
    attributes: { role: 'status' },
  })
  const list = element('ul', { className: 'card row-list deliveries', hidden: true })
  const rows = createRows(list, (delivery) => createRow(delivery, { admin, resend, nameOf }))
  const more = element('button', {
    type: 'button',
    textContent: 'Show more',
    hidden: true,
    on: { click: showMore },
  })
  const filter = createField({
    name: 'state',
    label: 'Show',
    kind: 'choice',
    options: [['', 'All deliveries'], ...Object.entries(STATES)],
  })
  filter.control.addEventListener('change', () => polling.now())
  const changed = () => polling.now()
  const panel = user && createTargetPanel({ admin, target: `user:${user}`, changed })
  const redrive = createRedrive({ admin, user, changed })
  const polling = poll({ look, notice, onUnknownToken })

  async function look(signal) {
    await panel?.look(signal)
    const query = new URLSearchParams({ limit })
    if (user) query.set('user', user)
    if (filter.value) query.set('state', filter.value)
    const { deliveries } = await ask(`parley/deliveries?${query}`, { admin, signal })
    rows.show(deliveries)
    list.hidden = deliveries.length === 0
    more.hidden = deliveries.length < limit || limit >= MAX_SHOWN
    setText(summary, summaryOf(deliveries.length, filter.value))
    return PAUSE_MS
  }

  function showMore() {
    limit = Math.min(limit + PAGE, MAX_SHOWN)
    polling.now()
  }

  async function resend(id) {
    try {
      await ask(`parley/deliveries/${encodeURIComponent(id)}/redeliver`, { method: 'POST', admin })
      sayIn(notice, 'It is on its way again.', 'good')
    } catch (error) {
      sayIn(notice, advise(error))
    }
    polling.now()
  }

  return {
    elements: [
      ...(panel ? [panel.element] : []),
      element('div', { className: 'filter' }, filter.elements, summary),
      notice,
      list,
      more,
      redrive,
    ],
    lookNow: () => polling.now(),
    close: () => polling.stop(),
  }
}

function createRow({ id }, { admin, resend, nameOf }) {
  const type = element('b')
  const state = element('span', { className: 'row-state' })
  const target = element('span', { className: 'row-target' })
  const owner = nameOf && element('span', { className: 'row-account' })
  const moment = element('time')
  const attempts = createAttempts({ id, admin })
  const again = element('button', { type: 'button', className: 'row-action', textContent: 'Send again' })
  again.addEventListener('click', () => whileBusy(again, () => resend(id)))
  const item = element(
    'li',
    {},
    element('span', { className: 'mark', aria: { hidden: 'true' } }),
    element('div', { className: 'row-name' }, type, state),
    element('div', { className: 'row-name' }, owner, target, moment),
    again,
    attempts.element,
  )

  return {
    element: item,
    show(delivery) {
      item.dataset.delivery = delivery.state
      setText(type, delivery.type)
      setText(state, stateText(delivery))
      setText(target, TARGETS[delivery.target] ?? delivery.target)
      if (owner) setText(owner, nameOf(delivery.userId))
      setText(moment, momentText(delivery.createdAt))
      setText(again, delivery.state === 'pending' ? 'Send now' : 'Send again')
      again.setAttribute('aria-label', `${again.textContent}: ${delivery.type} of ${moment.textContent}`)
      again.hidden = delivery.state === 'pending' && delivery.attempts === 0
      attempts.show(delivery)
    },
  }
}

function stateText({ state, attempts, status, latencyMs, dueAt }) {
  const tried = attempts === 1 ? '1 attempt' : `${attempts} attempts`
  const answered = `${status ? `, status ${status}` : ''}${latencyMs === undefined ? '' : `, ${latencyMs} ms`}`
  if (state === 'pending' && attempts === 0) return 'Waiting for its turn'
  if (state === 'pending')
    return `Waiting after ${tried}${answered}${dueAt ? `; next at ${momentText(dueAt)}` : ''}`
  if (state === 'dropped') return 'Not sent: nothing wanted it any more'
  return `${STATES[state] ?? state} after ${tried}${answered}`
}

function summaryOf(count, state) {
  if (count > 0) return `${count} shown, newest first.`
  return state
    ? 'None in this state.'
    : 'Nothing has been delivered yet. Set a webhook; events then appear here.'
}
