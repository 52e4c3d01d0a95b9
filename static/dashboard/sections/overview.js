import { copy } from '../../page.js'
import { phoneOf } from '../../states.js'
import { element, noticeElement } from '../parts/dom.js'
import { createFacts } from '../parts/facts.js'
import { sideButton } from '../parts/form.js'
import { userAddress } from '../route.js'
import { words } from './words.js'

/** What is set, in a sentence each; `section` is where it can be changed. */
const FACTS = [
  { label: words('account'), say: ({ jid }) => (jid ? phoneOf(jid) : words('accountNone')) },
  { label: words('webhook'), section: 'webhook', say: ({ webhook }) => webhook || words('webhookNone') },
  {
    label: words('events'),
    section: 'webhook',
    say: ({ events }) => eventsText(events.split(',').filter(Boolean)),
  },
  { label: words('media'), section: 'storage', say: ({ s3_config: s3 }) => mediaText(s3) },
  {
    label: words('proxy'),
    section: 'proxy',
    say: ({ proxy_config: proxy }) => (proxy.enabled ? withoutPassword(proxy.proxy_url) : words('none')),
  },
  { label: words('history'), section: 'history', say: (user) => historyText(user) },
  { label: words('id'), say: ({ id }) => id },
]

export function openOverview({ id, currentUser }) {
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
          sideButton(words('copyToken'), {
            onclick: () => copy(currentUser().token, words('token'), notice),
          }),
        ),
        notice,
      ),
    ],
    show: facts.show,
  }
}

function changeLink(id, section, label) {
  const what = label.toLowerCase()
  return element('a', {
    href: userAddress(id, section),
    textContent: words('change'),
    aria: { label: words('changeWhat', { what }) },
  })
}

function eventsText(names) {
  if (names.includes('All')) return words('eventsAll')
  return names.length > 0 ? names.join(', ') : words('none')
}

function mediaText({ enabled, bucket, media_delivery: delivery }) {
  if (!enabled) return words('mediaInside')
  const key = { s3: 'mediaBucketOnly', both: 'mediaBucketBoth' }[delivery]
  return words(key ?? 'mediaBucketNeither', { bucket })
}

function historyText({ history, days_to_sync_history: days }) {
  const count = Number(history)
  const kept = count > 0 ? words('historyKept', { count }) : words('historyNone')
  return days > 0 ? words('historyFetched', { kept, count: days }) : kept
}

/** Screens are shared; a proxy's password is nobody else's business. */
function withoutPassword(address) {
  if (!URL.canParse(address)) return address
  const url = new URL(address)
  if (url.password) url.password = '***'
  return url.href
}
