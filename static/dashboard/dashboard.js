import { ask } from '../api.js'
import { credentials, forget } from '../credentials.js'
import { fillWords } from '../language.js'
import { byId, markCurrent } from '../page.js'
import { offerPreferences } from '../preferences.js'
import { words as shared } from '../words.js'
import { takeTokenOfAddress } from './front/token-of-address.js'
import { element, noticeElement } from './parts/dom.js'
import { loadStyle } from './parts/styles.js'
import { readRoute } from './route.js'
import { readServer } from './server.js'
import { words } from './words.js'

/**
 * The views: the key of the title, what brings what opens one, `styles` of its own, and the name of the `entry` of the menu
 * that it belongs to.
 */
const VIEWS = {
  signIn: {
    title: 'signIn',
    load: () => import('./front/sign-in-view.js').then(({ openSignInView }) => openSignInView),
  },
  firstSteps: {
    title: 'firstSteps',
    entry: 'users',
    load: () => import('./front/first-steps-view.js').then(({ openFirstStepsView }) => openFirstStepsView),
  },
  users: {
    title: 'users',
    entry: 'users',
    load: () => import('./users-view.js').then(({ openUsersView }) => openUsersView),
  },
  seenUsers: {
    title: 'users',
    entry: 'users',
    load: () => import('./users/seen-users-view.js').then(({ openSeenUsersView }) => openSeenUsersView),
  },
  user: {
    title: 'user',
    entry: 'users',
    load: () => import('./user-view.js').then(({ openUserView }) => openUserView),
  },
  customers: {
    title: 'customers',
    entry: 'customers',
    styles: ['customers/customers.css'],
    load: () => import('./customers/customers-view.js').then(({ openCustomersView }) => openCustomersView),
  },
  customer: {
    title: 'customer',
    entry: 'customers',
    styles: ['customers/customers.css'],
    load: () => import('./customers/customer-view.js').then(({ openCustomerView }) => openCustomerView),
  },
  deliveries: {
    title: 'deliveries',
    entry: 'deliveries',
    styles: ['deliveries/deliveries.css', 'json/json.css'],
    load: () =>
      import('./deliveries/deliveries-view.js').then(({ openDeliveriesView }) => openDeliveriesView),
  },
  activity: {
    title: 'activity',
    entry: 'activity',
    styles: ['health/health.css'],
    load: () => import('./health/activity-view.js').then(({ openActivityView }) => openActivityView),
  },
  nodes: {
    title: 'nodes',
    entry: 'nodes',
    load: () => import('./nodes-view.js').then(({ openNodesView }) => openNodesView),
  },
  logins: {
    title: 'logins',
    entry: 'logins',
    load: () => import('./logins/logins-view.js').then(({ openLoginsView }) => openLoginsView),
  },
  import: {
    title: 'import',
    entry: 'import',
    styles: ['import/import.css'],
    load: () => import('./import/import-view.js').then(({ openImportView }) => openImportView),
  },
}

/**
 * The menu of an administrator, in its order; `needs` is the endpoint without which an entry is left out, `isForLogins` what
 * those have, too, who only look after users.
 */
const MENU = [
  { name: 'users', address: '#/', isForLogins: true },
  { name: 'customers', address: '#/customers', needs: 'multisession/admin/api-keys' },
  { name: 'deliveries', address: '#/deliveries', needs: 'parley/deliveries' },
  { name: 'activity', address: '#/activity', needs: 'parley/series' },
  { name: 'nodes', address: '#/nodes', needs: 'parley/nodes' },
  { name: 'logins', address: '#/logins', needs: 'parley/logins' },
  { name: 'import', address: '#/import', needs: 'parley/import-jobs' },
]

const CALLS_STYLE = 'calls/calls.css'
const CLOSED = { close() {}, enter() {} }

let server
let desk
/**
 * Who looks: `admin`, a `login` that looks after users, or the user with this `token`, or key of less `power`, and `id`; none of
 * them before somebody has signed in.
 */
let who = {}
let shown = { view: '', id: '' }
let opened = CLOSED
/** Ends the counts in the menu. */
let stopCounting = () => {}
/** Views come over the network, and somebody may be elsewhere by then. */
let lastOpening = 0

// Whatever is shown was written in the other language.
offerPreferences(() => location.reload())
fillWords(shared, words('signIn'))
byId('sign-out').addEventListener('click', signOut)
window.addEventListener('hashchange', show)
void start(takeTokenOfAddress())

async function start(token) {
  server = await readServer()
  byId('sandbox-banner').hidden = server.network !== 'sandbox'
  byId('version').textContent = server.version && `Parley ${server.version}`
  if (token) await open({ view: 'signIn', id: '' }, { token })
  else await enter()
}

/** Shows what the tokens of this tab open, or asks for one. */
async function enter({ wasRefused = false } = {}) {
  const { admin, login, token } = credentials()
  who = { admin, login, token: admin || login ? '' : token }
  if (who.token) who = { ...who, ...(await ownAccount(token)) }
  const isSignedIn = Boolean(admin || login || who.id)
  byId('sign-out').hidden = !isSignedIn
  showMenu()
  shown = { view: '', id: '' }
  if (isSignedIn) await show()
  else await open({ view: 'signIn', id: '' }, { wasRefused: wasRefused || Boolean(who.token) })
}

/** The id of the user whose token it is and what the token may do; nothing where the server does not know it any more. */
async function ownAccount(token) {
  for (;;) {
    try {
      const { id, power } = await ask('parley/me', { token })
      return { id, power }
    } catch (error) {
      if (error.status === 401) return {}
      await new Promise((resolve) => setTimeout(resolve, 2_000))
    }
  }
}

function showMenu() {
  const menu = byId('menu')
  const entries = MENU.filter(
    ({ needs, isForLogins }) => (who.admin || (who.login && isForLogins)) && (!needs || server.has(needs)),
  )
  menu.replaceChildren(
    ...entries.map(({ name, address }) =>
      element('a', { id: `to-${name}`, href: address, textContent: words(name) }),
    ),
  )
  menu.hidden = entries.length === 0
  stopCounting()
  // Beside the words they belong to; nobody waits for them, and without them the menu works.
  if (who.admin) void import('./users/nav-counts.js').then(countInMenu, () => {})
}

function countInMenu({ watchCounts }) {
  stopCounting()
  if (who.admin) stopCounting = watchCounts(who.admin)
}

async function show() {
  // Other fragments, such as that of the skip link, only move within the view.
  if (location.hash && !location.hash.startsWith('#/')) return
  if (!who.admin && !who.login && !who.id) return
  const route = ownRoute(readRoute(location.hash))
  if (route.view !== shown.view || route.id !== shown.id) await open(route)
  else opened.enter?.(route.section, route.item)
}

/**
 * Whoever has a user's token sees that user alone, who looks after users those, and an administrator the way to the first
 * user.
 */
function ownRoute(route) {
  if (who.login) return route.view === 'user' ? route : { ...route, view: 'seenUsers', id: '' }
  if (!who.admin) {
    const isOwn = route.view === 'user' && route.id === who.id
    return isOwn ? route : { view: 'user', id: who.id, section: '', item: '' }
  }
  const isHome = ['', '#', '#/'].includes(location.hash)
  return server.isNew && isHome ? { ...route, view: 'firstSteps' } : route
}

async function open(route, more = {}) {
  lastOpening += 1
  const opening = lastOpening
  const view = VIEWS[route.view]
  const isFirst = shown.view === ''
  // Whoever has been elsewhere knows the way.
  if (!['signIn', 'firstSteps'].includes(route.view)) server.isNew = false
  shown = route
  let openView
  try {
    ;[openView] = await Promise.all([
      view.load(),
      route.view === 'user' && loadDesk(),
      ...(view.styles ?? []).map((style) => loadStyle(new URL(style, import.meta.url).href)),
    ])
  } catch {
    openView = openFailure
  }
  if (opening !== lastOpening) return
  opened.close()
  for (const dialog of document.querySelectorAll('dialog[open]')) dialog.close()
  for (const { name } of MENU) {
    const link = document.getElementById(`to-${name}`)
    if (link) markCurrent(link, name === view.entry)
  }
  document.title = `${words(view.title)} - Parley`
  opened = openView({ id: route.id, ...who, server, desk, onUnknownToken, onSignedIn: enter, ...more })
  byId('view').replaceChildren(opened.element)
  window.scrollTo(0, 0)
  // The keyboard continues at the top of the new view, not at a link that is gone.
  if (!isFirst) byId('main').focus({ preventScroll: true })
  // By now somebody may be in another section of it.
  const { section, item } = route.view === 'signIn' ? route : ownRoute(readRoute(location.hash))
  opened.enter?.(section, item)
}

/** Calls are told of in every view once a user was looked at. */
async function loadDesk() {
  if (desk || !server.has('parley/calls')) return
  const [{ createCallDesk }] = await Promise.all([
    import('./calls/call-desk.js'),
    loadStyle(new URL(CALLS_STYLE, import.meta.url).href),
  ])
  desk ??= createCallDesk({ bar: byId('call-bar'), spoken: byId('call-status') })
}

/** The server was not reached, or is another one since this page was loaded. */
function openFailure() {
  const notice = noticeElement()
  notice.className = 'notice bad'
  notice.textContent = words('viewFailed')
  return { ...CLOSED, element: notice }
}

function signOut() {
  forget()
  // Everything that was open ends with the page.
  history.replaceState(null, '', location.pathname)
  location.reload()
}

function onUnknownToken() {
  forget()
  void enter({ wasRefused: true })
}
