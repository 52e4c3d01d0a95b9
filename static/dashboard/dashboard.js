import { credentials, forget } from '../credentials.js'
import { byId, markCurrent } from '../page.js'
import { createCallDesk } from './calls/call-desk.js'
import { openCustomerView } from './customers/customer-view.js'
import { CUSTOMERS } from './customers/customers.js'
import { openCustomersView } from './customers/customers-view.js'
import { openDeliveriesView } from './deliveries-view.js'
import { openImportView } from './import/import-view.js'
import { openNodesView } from './nodes-view.js'
import { readRoute } from './route.js'
import { readServer } from './server.js'
import { openUserView } from './user-view.js'
import { openUsersView } from './users-view.js'

/** What opens each view, its title, and the entry of the menu that it belongs to. */
const VIEWS = {
  users: { open: openUsersView, title: 'Users', entry: 'to-users' },
  user: { open: openUserView, title: 'User', entry: 'to-users' },
  customers: { open: openCustomersView, title: 'Customers', entry: 'to-customers' },
  customer: { open: openCustomerView, title: 'Customer', entry: 'to-customers' },
  deliveries: { open: openDeliveriesView, title: 'Deliveries', entry: 'to-deliveries' },
  nodes: { open: openNodesView, title: 'Nodes', entry: 'to-nodes' },
  import: { open: openImportView, title: 'Import', entry: 'to-import' },
}

const { admin } = credentials()
if (admin) void start()
else location.replace(new URL(`../login/${location.hash}`, import.meta.url))

async function start() {
  const server = await readServer()
  const desk = createCallDesk({ bar: byId('call-bar'), spoken: byId('call-status'), has: server.has })
  let shown = { view: '', id: '' }
  let opened = { close() {}, enter() {} }

  byId('sandbox-banner').hidden = server.network !== 'sandbox'
  byId('version').textContent = server.version && `Parley ${server.version}`
  byId('to-customers').hidden = !server.has(CUSTOMERS)
  byId('to-deliveries').hidden = !server.has('parley/deliveries')
  byId('to-nodes').hidden = !server.has('parley/nodes')
  byId('to-import').hidden = !server.has('parley/import-jobs')
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
    const view = VIEWS[route.view]
    for (const { entry } of Object.values(VIEWS)) markCurrent(byId(entry), entry === view.entry)
    document.title = `${view.title} - Parley`
    const isFirst = shown.view === ''
    opened = view.open({ id: route.id, admin, server, desk, onUnknownToken })
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
