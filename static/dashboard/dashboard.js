import { credentials, forget } from '../credentials.js'
import { byId, markCurrent } from '../page.js'
import { openDeliveriesView } from './deliveries-view.js'
import { openNodesView } from './nodes-view.js'
import { readRoute } from './route.js'
import { readServer } from './server.js'
import { openUserView } from './user-view.js'
import { openUsersView } from './users-view.js'

const VIEWS = {
  users: openUsersView,
  user: openUserView,
  deliveries: openDeliveriesView,
  nodes: openNodesView,
}
const TITLES = { users: 'Users', user: 'User', deliveries: 'Deliveries', nodes: 'Nodes' }

const { admin } = credentials()
if (admin) void start()
else location.replace(new URL(`../login/${location.hash}`, import.meta.url))

async function start() {
  const server = await readServer()
  let shown = { view: '', id: '' }
  let opened = { close() {}, enter() {} }

  byId('sandbox-banner').hidden = server.network !== 'sandbox'
  byId('version').textContent = server.version && `Parley ${server.version}`
  byId('to-deliveries').hidden = !server.has('parley/deliveries')
  byId('to-nodes').hidden = !server.has('parley/nodes')
  byId('sign-out').addEventListener('click', () => {
    forget('token', 'admin')
    location.replace(new URL('../login/', import.meta.url))
  })
  window.addEventListener('hashchange', show)
  show()

  function show() {
    // Other fragments, such as that of the skip link, only move within the view.
    if (location.hash && !location.hash.startsWith('#/')) return
    const route = readRoute(location.hash)
    if (route.view !== shown.view || route.id !== shown.id) open(route)
    opened.enter?.(route.section)
    shown = route
  }

  function open(route) {
    opened.close()
    for (const dialog of document.querySelectorAll('dialog[open]')) dialog.close()
    markCurrent(byId('to-users'), route.view === 'users' || route.view === 'user')
    markCurrent(byId('to-deliveries'), route.view === 'deliveries')
    markCurrent(byId('to-nodes'), route.view === 'nodes')
    document.title = `${TITLES[route.view]} - Parley`
    const isFirst = shown.view === ''
    opened = VIEWS[route.view]({ id: route.id, admin, server, onUnknownToken })
    byId('view').replaceChildren(opened.element)
    window.scrollTo(0, 0)
    // The keyboard continues at the top of the new view, not at a link that is gone.
    if (!isFirst) byId('main').focus({ preventScroll: true })
  }
}

function onUnknownToken() {
  forget('token', 'admin')
  location.replace(new URL(`../login/?refused${location.hash}`, import.meta.url))
}
