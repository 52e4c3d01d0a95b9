import { ask } from '../api.js'
import { setText } from '../page.js'
import { describeState, nameState, phoneOf } from '../states.js'
import { openCreateDialog } from './create-dialog.js'
import { element } from './parts/dom.js'
import { openListView } from './parts/list-view.js'
import { userAddress } from './route.js'

/** The list of users, kept current, and the way to a new one. */
export function openUsersView({ admin, onUnknownToken }) {
  return openListView({
    title: 'Users',
    create: { textContent: 'New user', onclick: () => openCreateDialog({ admin }) },
    empty: {
      title: 'Nobody yet',
      text: 'A user is one linked WhatsApp account with a token of its own. Create the first one, then scan its code.',
    },
    rows: {
      label: 'Search users',
      placeholder: 'Name, number or id',
      wordsOf: ({ id, name, jid }) => `${name} ${jid} ${id}`,
      createRow,
    },
    read: (signal) => ask('admin/users', { admin, signal }),
    summaryOf,
    onUnknownToken,
  })
}

/** One user as a line; the name is the link to everything else. */
function createRow({ id }) {
  const name = element('a', { href: userAddress(id) })
  const state = element('span', { className: 'row-state' })
  const account = element('span', { className: 'row-account' })
  const webhook = element('span', { className: 'row-webhook' })
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
      const now = { ...user, qr: user.qrcode }
      const stateName = nameState(now, {})
      item.dataset.state = stateName
      setText(name, user.name || 'No name')
      setText(state, stateName === 'linked' ? 'Linked' : describeState(stateName, now).title)
      setText(account, user.jid ? phoneOf(user.jid) : 'No phone')
      account.classList.toggle('row-none', !user.jid)
      webhook.classList.toggle('row-none', !user.webhook)
      setText(webhook, user.webhook ? hostOf(user.webhook) : 'No webhook')
    },
  }
}

function summaryOf(users) {
  const linked = users.filter(({ connected, loggedIn }) => connected && loggedIn).length
  const waiting = users.filter(({ qrcode }) => qrcode).length
  const parts = [`${linked} linked`, waiting > 0 && `${waiting} waiting for a scan`].filter(Boolean)
  if (users.length === 0) return 'One user is one linked WhatsApp account, with a token of its own.'
  return `${users.length} ${users.length === 1 ? 'user' : 'users'}: ${parts.join(', ')}.`
}

function hostOf(address) {
  return URL.canParse(address) ? new URL(address).host : address
}
