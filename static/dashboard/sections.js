import { markCurrent } from '../page.js'
import { element } from './parts/dom.js'
import { deliveriesSection, eventsSection, signingSection, webhookSection } from './receiving/sections.js'
import { userAddress } from './route.js'
import { chatsSection, contactsSection, failedSection, groupsSection } from './sections/chats.js'
import { sectionOnDemand } from './sections/on-demand.js'
import { words } from './words.js'

/** What is left for whoever may only look, or only send. */
const FOR = {
  read: ['chats', 'contacts', 'groups', 'health'],
  send: ['send', 'bulk'],
}

/**
 * What there is to a user, in the order of the menu. `open` gives the elements of a section, and optionally `show`,
 * called whenever the user has been looked at, `enter`, called with the one thing of it that the address names, and
 * `close`. `needs` is the endpoint without which it is left out, and `isForAdmin` what a user's own token cannot do.
 */
const SECTIONS = [
  chatsSection,
  sectionOnDemand({
    name: 'overview',
    title: () => words('overview'),
    load: () => import('./sections/overview.js').then(({ openOverview }) => openOverview),
  }),
  sectionOnDemand({
    name: 'health',
    title: () => words('health'),
    needs: 'parley/me/overview',
    styles: [new URL('health/health.css', import.meta.url).href],
    load: () => import('./health/health-view.js').then(({ openHealth }) => openHealth),
  }),
  contactsSection,
  groupsSection,
  failedSection,
  sectionOnDemand({
    name: 'send',
    title: () => words('send'),
    load: () => import('./sections/send.js').then(({ openSend }) => openSend),
  }),
  sectionOnDemand({
    name: 'bulk',
    title: () => words('bulk'),
    needs: 'parley/me/bulk',
    styles: [new URL('bulk/bulk.css', import.meta.url).href],
    load: () => import('./bulk/bulk-section.js').then(({ openBulk }) => openBulk),
  }),
  sectionOnDemand({
    name: 'ask',
    title: () => words('ask'),
    needs: 'user/check',
    load: () => import('./sections/ask.js').then(({ openAsk }) => openAsk),
  }),
  sectionOnDemand({
    name: 'calls',
    title: () => words('calls'),
    needs: 'parley/calls',
    styles: [new URL('calls/calls.css', import.meta.url).href],
    load: () => import('./sections/calls.js').then(({ openCalls }) => openCalls),
  }),
  deliveriesSection,
  eventsSection,
  webhookSection,
  signingSection,
  sectionOnDemand({
    name: 'storage',
    title: () => words('storage'),
    load: () => import('./sections/storage.js').then(({ openStorage }) => openStorage),
  }),
  sectionOnDemand({
    name: 'proxy',
    title: () => words('proxy'),
    load: () => import('./sections/proxy.js').then(({ openProxy }) => openProxy),
  }),
  sectionOnDemand({
    name: 'history',
    title: () => words('history'),
    load: () => import('./sections/history.js').then(({ openHistory }) => openHistory),
  }),
  sectionOnDemand({
    name: 'keys',
    title: () => words('keys'),
    needs: 'parley/me/keys',
    load: () => import('./keys/keys-section.js').then(({ openKeys }) => openKeys),
  }),
  {
    ...sectionOnDemand({
      name: 'identity',
      title: () => words('identity'),
      load: () => import('./sections/identity.js').then(({ openIdentity }) => openIdentity),
    }),
    isForAdmin: true,
  },
]

/**
 * The menu of a user's sections and the one that is open.
 * @param {object} context what sections are given
 * @param {string} context.id of the user
 * @param {string} context.admin the admin token; '' where it is not an administrator who looks
 * @param {'full' | 'read' | 'send'} context.power what whoever looks may do
 * @param {(path: string, options?: object) => Promise<any>} context.askUser asks as the user, whoever looks: all that
 *   concerns the one user goes this way (`parley/me/...`, and the whole of wuzapi's API)
 * @param {() => object} context.currentUser the user as it was seen last
 * @param {() => void} context.refresh looks at the user again at once
 * @param {{network: string, has: (path: string) => boolean}} context.server
 */
export function createSections(context) {
  const offered = SECTIONS.filter(
    ({ name, needs, isForAdmin }) =>
      (!needs || context.server.has(needs)) &&
      (!isForAdmin || context.admin) &&
      (FOR[context.power]?.includes(name) ?? true),
  )
  const links = offered.map(({ name, title }) => ({
    name,
    link: element('a', { href: userAddress(context.id, name), textContent: title }),
  }))
  const body = element('div', { className: 'section-body' })
  let wanted = ''
  let wantedItem = ''
  let open
  let openName
  let shownUser

  function enter(name, item) {
    wanted = name
    wantedItem = item
    // A section is about a user, and that is not known before the first look.
    if (shownUser) openWanted()
  }

  /** The section that the address names; without a name the chats, which only who was linked has. */
  function find() {
    const first = shownUser.jid ? offered[0] : offered.find(({ name }) => name !== chatsSection.name)
    return offered.find(({ name }) => name === wanted) ?? first
  }

  function openWanted() {
    const section = find()
    if (section.name !== openName) {
      open?.close?.()
      open = section.open(context)
      openName = section.name
      const heading = element('h2', { className: 'section-title', textContent: section.title })
      body.dataset.section = section.name
      body.replaceChildren(heading, ...open.elements)
      for (const { name, link } of links) {
        markCurrent(link, name === openName)
        if (name === openName) link.scrollIntoView({ block: 'nearest', inline: 'center' })
      }
    }
    open.enter?.(wantedItem)
  }

  return {
    element: element(
      'div',
      { className: 'sections' },
      element(
        'nav',
        { className: 'section-nav', aria: { label: words('sectionMenu') } },
        links.map(({ link }) => link),
      ),
      body,
    ),
    enter,
    show(user) {
      shownUser = user
      // Whoever is linked now has chats, unless the address names something else.
      if (find().name !== openName) openWanted()
      open.show?.(user)
    },
    close: () => open?.close?.(),
  }
}
