import { remember } from '../../credentials.js'
import { copy } from '../../page.js'
import { phoneOf } from '../../states.js'
import { element, noticeElement } from '../parts/dom.js'
import { createFacts } from '../parts/facts.js'
import { sideButton } from '../parts/form.js'
import { userAddress } from '../route.js'

/** What is set, in a sentence each; `section` is where it can be changed. */
const FACTS = [
  { label: 'Account', say: ({ jid }) => (jid ? phoneOf(jid) : 'No phone has been linked yet') },
  {
    label: 'Webhook',
    section: 'webhook',
    say: ({ webhook }) => webhook || 'None: events are not sent anywhere',
  },
  { label: 'Events', section: 'webhook', say: ({ events }) => eventsText(events.split(',').filter(Boolean)) },
  { label: 'Media', section: 'storage', say: ({ s3_config: s3 }) => mediaText(s3) },
  {
    label: 'Proxy',
    section: 'proxy',
    say: ({ proxy_config: proxy }) => (proxy.enabled ? withoutPassword(proxy.proxy_url) : 'None'),
  },
  { label: 'History', section: 'history', say: (user) => historyText(user) },
  { label: 'Id', say: ({ id }) => id },
]

export const overviewSection = {
  name: 'overview',
  title: 'Overview',
  open({ id, currentUser }) {
    const notice = noticeElement()
    const facts = createFacts(
      FACTS.map(({ label, section, say }) => ({
        label,
        say,
        beside: section && changeLink(id, section, label),
      })),
    )

    return {
      elements: [
        element(
          'div',
          { className: 'card' },
          facts.element,
          element(
            'div',
            { className: 'actions' },
            sideButton('Copy token', { onclick: () => copy(currentUser().token, 'Token', notice) }),
            sideButton('Open its own page', { onclick: () => openOwnPage(currentUser().token) }),
          ),
          notice,
        ),
      ],
      show: facts.show,
    }
  },
}

function changeLink(id, section, label) {
  const words = element('span', { className: 'unseen', textContent: ` ${label.toLowerCase()}` })
  return element('a', { href: userAddress(id, section) }, 'Change', words)
}

/** The page at `/` finds the token in this tab, so it need not travel in an address. */
function openOwnPage(token) {
  remember({ token })
  location.assign(new URL('../../', import.meta.url))
}

function eventsText(names) {
  if (names.includes('All')) return 'All'
  return names.length > 0 ? names.join(', ') : 'None'
}

function mediaText({ enabled, bucket, media_delivery: delivery }) {
  if (!enabled) return 'Inside webhooks'
  const where = { s3: 'in the bucket only', both: 'in the bucket and inside webhooks' }[delivery]
  return `${where ?? 'inside webhooks'} (${bucket})`.replace(/^./, (first) => first.toUpperCase())
}

function historyText({ history, days_to_sync_history: days }) {
  const kept = history > 0 ? `${history} messages kept per chat` : 'No messages kept'
  return days > 0 ? `${kept}, ${days} days fetched when linked` : kept
}

/** Screens are shared; a proxy's password is nobody else's business. */
function withoutPassword(address) {
  if (!URL.canParse(address)) return address
  const url = new URL(address)
  if (url.password) url.password = '***'
  return url.href
}
