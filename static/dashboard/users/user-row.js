import { setText } from '../../page.js'
import { phoneOf } from '../../states.js'
import { element, momentText } from '../parts/dom.js'
import { userAddress } from '../route.js'
import { words } from './words.js'

/** The states of a session by what marks them and the key of what they are called. */
const STATES = {
  open: { mark: 'linked', key: 'stateLinked' },
  pairing: { mark: 'scan', key: 'stateScan' },
  passkey: { mark: 'passkey', key: 'statePasskey' },
  queued: { mark: 'connecting', key: 'stateConnecting' },
  connecting: { mark: 'connecting', key: 'stateConnecting' },
  retrying: { mark: 'connecting', key: 'stateRetrying' },
  blocked: { mark: 'blocked', key: 'stateBlocked' },
}
const OFF = { mark: 'off', key: 'stateOff' }

/** What asks for a person where the list has words for it; everything else is told by the state. */
const SAID = ['logged_out', 'banned', 'outdated', 'refused', 'replaced', 'pair_failed', 'failed']

/** One user as a line; the name is the link to everything else. */
export function createUserRow({ id }) {
  const name = element('a', { href: userAddress(id) })
  const state = element('span', { className: 'row-state' })
  const account = element('span', { className: 'row-account' })
  const host = element('span')
  const trouble = element('span', { className: 'row-trouble' })
  const webhook = element('span', { className: 'row-webhook' }, host, trouble)
  const item = element(
    'li',
    {},
    element('span', { className: 'mark', aria: { hidden: 'true' } }),
    element('div', { className: 'row-name' }, name, state),
    account,
    webhook,
  )
  return {
    element: item,
    show(user) {
      const { mark, key } = (user.linked && STATES.open) || STATES[user.state] || OFF
      const needsPerson = user.attention.includes('session')
      item.dataset.state = needsPerson ? 'blocked' : mark
      item.dataset.attention = String(user.attention.length > 0)
      setText(name, user.name || words('noName'))
      setText(state, (needsPerson && attentionText(user)) || words(key))
      setText(account, user.jid ? phoneOf(user.jid) : words('noPhone'))
      account.classList.toggle('row-none', !user.jid)
      webhook.classList.toggle('row-none', user.webhooks.length === 0)
      setText(host, hostsText(user.webhooks))
      setText(trouble, troubleText(user.webhooks))
      trouble.hidden = trouble.textContent === ''
    },
  }
}

function attentionText({ last }) {
  if (!last || !SAID.includes(last.kind)) return ''
  return words(`attention_${last.kind}`, { code: String(last.code ?? ''), times: last.times })
}

function hostsText(webhooks) {
  const [first, ...others] = webhooks
  if (!first) return words('noWebhook')
  const text = others.length > 0 ? words('andMore', { host: first.host, count: others.length }) : first.host
  const states = { paused: 'paused', off: 'off' }
  return others.length === 0 && states[first.state] ? `${text} (${words(states[first.state])})` : text
}

function troubleText(webhooks) {
  const failing = webhooks.filter(({ state }) => state === 'failing')
  const dead = webhooks.reduce((sum, webhook) => sum + webhook.dead, 0)
  const [first] = failing.toSorted((a, b) => a.since - b.since)
  const values = first && {
    count: failing.length,
    since: momentText(first.since),
    reason: reasonText(first),
  }
  return [
    values && words(webhooks.length > 1 ? 'failingMany' : 'failing', values),
    dead > 0 && words('dead', { count: dead }),
  ]
    .filter(Boolean)
    .join('. ')
}

/** Why a receiver fails, as far as it said. */
export function reasonText({ status, reason }) {
  const said = (reason ?? '').trim()
  if (status === undefined) return said || words('noAnswer')
  return said
    ? words('statusReason', { status: String(status), reason: said })
    : words('status', { status: String(status) })
}
