import { setText } from '../../page.js'
import { element, momentText } from '../parts/dom.js'
import { userAddress } from '../route.js'
import { reasonText } from '../users/user-row.js'
import { endText } from './ends.js'
import { words } from './words.js'

/** The kinds of ends for which there is advice. */
const ADVISED = [
  'disconnected',
  'failed',
  'unscanned',
  'pair_failed',
  'passkey',
  'passkey_failed',
  'logged_out',
  'replaced',
  'banned',
  'outdated',
  'refused',
]
const ON_ITS_WAY = ['queued', 'connecting', 'pairing', 'passkey', 'retrying']

/**
 * How a user is doing now, and what a person should do.
 * @param {boolean} hasDeliveries whether there is a section with the user's deliveries to lead to
 */
export function createStanding(id, { hasDeliveries }) {
  const title = element('p', { className: 'lead-in' })
  const detail = element('p', { className: 'hint' })
  const list = element('ul', { className: 'health-advice' })
  const card = element(
    'div',
    { className: 'card health-now' },
    element('div', { attributes: { role: 'status' } }, title, detail),
    list,
  )
  let shown = ''

  return {
    element: card,
    show(health) {
      const { key, tone } = standingOf(health)
      card.dataset.tone = tone
      setText(title, words(key))
      setText(detail, key === 'attention' ? '' : words(`${key}Detail`))
      detail.hidden = key === 'attention'
      const advice = adviceOn(health, { id, hasDeliveries })
      // What is unchanged keeps the focus of its links.
      const now = JSON.stringify(advice)
      if (now === shown) return
      shown = now
      list.hidden = advice.length === 0
      list.replaceChildren(...advice.map(adviceElement))
    },
  }
}

function standingOf({ attention, linked, state }) {
  if (attention.length > 0) return { key: 'attention', tone: 'bad' }
  if (linked) return { key: 'healthy', tone: 'good' }
  return ON_ITS_WAY.includes(state) ? { key: 'waiting', tone: 'waiting' } : { key: 'idle', tone: 'off' }
}

function adviceOn({ last, linked, webhooks, failedMessages }, { id, hasDeliveries }) {
  const advice = []
  if (!linked && last && ADVISED.includes(last.kind))
    advice.push({ what: endText(last), todo: words(`do_${last.kind}`) })
  for (const webhook of webhooks) {
    const target = webhook.host || webhook.target
    if (webhook.state === 'failing') advice.push(failingAdvice(webhook, target, id))
    if (webhook.dead > 0)
      advice.push({
        what: words('webhookDead', { target, count: webhook.dead }),
        todo: words('adviceDeliveries'),
        link: hasDeliveries && { href: userAddress(id, 'deliveries'), text: words('toDeliveries') },
      })
  }
  if (failedMessages > 0) advice.push({ what: words('messagesFailed', { count: failedMessages }), todo: '' })
  return advice
}

function failingAdvice(webhook, target, id) {
  return {
    what: words('webhookFails', {
      target,
      since: momentText(webhook.since),
      reason: reasonText(webhook),
      waiting: words('webhookWaiting', { count: webhook.waiting }),
    }),
    todo: words('adviceWebhook'),
    link: { href: userAddress(id, 'webhook'), text: words('toWebhook') },
  }
}

function adviceElement({ what, todo, link }) {
  return element(
    'li',
    {},
    element('p', { textContent: what }),
    todo !== '' && element('p', { className: 'hint', textContent: todo }),
    link && element('a', { href: link.href, textContent: link.text }),
  )
}
