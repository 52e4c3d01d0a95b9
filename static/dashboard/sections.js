import { markCurrent } from '../page.js'
import { element } from './parts/dom.js'
import { userAddress } from './route.js'
import { askSection } from './sections/ask.js'
import { callsSection } from './sections/calls.js'
import { deliveriesSection } from './sections/deliveries.js'
import { historySection } from './sections/history.js'
import { identitySection } from './sections/identity.js'
import { overviewSection } from './sections/overview.js'
import { proxySection } from './sections/proxy.js'
import { sendSection } from './sections/send.js'
import { signingSection } from './sections/signing.js'
import { storageSection } from './sections/storage.js'
import { webhookSection } from './sections/webhook.js'
import { webhookSecretsSection } from './sections/webhook-secrets.js'

/**
 * What there is to a user, in the order of the menu. `open` gives the elements of a section, and optionally `show`,
 * called whenever the user has been looked at, and `close`. `needs` is the endpoint without which it is left out.
 */
const SECTIONS = [
  overviewSection,
  sendSection,
  askSection,
  callsSection,
  deliveriesSection,
  webhookSection,
  signingSection,
  webhookSecretsSection,
  storageSection,
  proxySection,
  historySection,
  identitySection,
]

/** The menu of a user's sections and the one that is open. */
export function createSections(context) {
  const offered = SECTIONS.filter(({ needs }) => !needs || context.server.has(needs))
  const links = offered.map(({ name, title }) => ({
    name,
    link: element('a', { href: userAddress(context.id, name), textContent: title }),
  }))
  const body = element('div', { className: 'section-body' })
  let wanted = offered[0]
  let open
  let shownUser

  function enter(name) {
    wanted = offered.find((section) => section.name === name) ?? offered[0]
    for (const { name: own, link } of links) {
      markCurrent(link, own === wanted.name)
      if (own === wanted.name) link.scrollIntoView({ block: 'nearest', inline: 'center' })
    }
    open?.close?.()
    open = undefined
    // A section is about a user, and that is not known before the first look.
    if (shownUser) openWanted()
  }

  function openWanted() {
    open = wanted.open(context)
    const heading = element('h2', { className: 'section-title', textContent: wanted.title })
    body.replaceChildren(heading, ...open.elements)
  }

  return {
    element: element(
      'div',
      { className: 'sections' },
      element(
        'nav',
        { className: 'section-nav', aria: { label: 'Of this user' } },
        links.map(({ link }) => link),
      ),
      body,
    ),
    enter,
    show(user) {
      shownUser = user
      if (!open) openWanted()
      open.show?.(user)
    },
    close: () => open?.close?.(),
  }
}
