import { ask } from '../api.js'
import { setText } from '../page.js'
import { describeState, nameState, phoneOf } from '../states.js'
import { openCreateDialog } from './create-dialog.js'
import { element, noticeElement } from './dom.js'
import { poll } from './poll.js'
import { userAddress } from './route.js'
import { createRows } from './rows.js'

const PAUSE_MS = 3_000
/** More rows than anybody reads; the search finds the others. */
const MAX_ROWS = 200
/** From this many users on there is a search. */
const MIN_FOR_SEARCH = 6

/** The list of users, kept current, and the way to a new one. */
export function openUsersView({ admin, onUnknownToken }) {
  let users = []
  const notice = noticeElement()
  const summary = element('p', {
    className: 'lead',
    textContent: 'Asking the server.',
    attributes: { role: 'status' },
  })
  const list = element('ul', { className: 'card row-list users-rows' })
  const rows = createRows(list, createRow)
  const more = element('p', { className: 'hint' })
  const search = element('input', {
    type: 'search',
    hidden: true,
    placeholder: 'Name, number or id',
    aria: { label: 'Search users' },
    on: { input: show },
  })
  const empty = element(
    'div',
    { className: 'card empty', hidden: true },
    element('h2', { textContent: 'Nobody yet' }),
    element('p', {
      className: 'hint',
      textContent:
        'A user is one linked WhatsApp account with a token of its own. Create the first one, then scan its code.',
    }),
  )
  const polling = poll({ look, notice, onUnknownToken })

  async function look(signal) {
    users = await ask('admin/users', { admin, signal })
    show()
    return PAUSE_MS
  }

  function show() {
    const words = search.value.trim().toLowerCase()
    const found = users.filter((user) => `${user.name} ${user.jid} ${user.id}`.toLowerCase().includes(words))
    const visible = found.slice(0, MAX_ROWS)
    setText(summary, summaryOf(users))
    search.hidden = users.length < MIN_FOR_SEARCH
    empty.hidden = users.length > 0
    list.hidden = visible.length === 0
    setText(more, moreText(found.length, visible.length, users.length))
    rows.show(visible)
  }

  return {
    element: element(
      'section',
      { aria: { labelledby: 'view-title' } },
      element(
        'div',
        { className: 'view-head' },
        element('div', {}, element('h1', { id: 'view-title', textContent: 'Users' }), summary),
        element('button', {
          type: 'button',
          className: 'primary',
          textContent: 'New user',
          on: { click: () => openCreateDialog({ admin }) },
        }),
      ),
      notice,
      search,
      empty,
      list,
      more,
    ),
    close: () => polling.stop(),
  }
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

function moreText(found, visible, all) {
  if (all > 0 && found === 0) return 'Nobody matches. Try fewer letters.'
  return found > visible ? `${found - visible} more. Search to find them.` : ''
}

function hostOf(address) {
  return URL.canParse(address) ? new URL(address).host : address
}
