import { ask } from '../../api.js'
import { setText } from '../../page.js'
import { phoneOf } from '../../states.js'
import { element } from '../parts/dom.js'
import { openListView } from '../parts/list-view.js'
import { userAddress } from '../route.js'
import { words } from './words.js'

/** The users that a login looks after: who they are and whether they are linked. */
export function openSeenUsersView({ login, onUnknownToken }) {
  return openListView({
    title: words('title'),
    empty: { title: words('emptyTitle'), text: words('nobodyToSee') },
    rows: {
      label: words('search'),
      placeholder: words('searchPlaceholder'),
      wordsOf: ({ id, name, jid }) => `${name} ${jid} ${id}`,
      createRow,
    },
    read: async (signal) => (await ask('parley/users', { admin: login, signal })).users,
    summaryOf: (users) =>
      words('seenSummary', {
        count: users.length,
        linked: users.filter(({ loggedIn }) => loggedIn).length,
      }),
    onUnknownToken,
  })
}

function createRow({ id }) {
  const name = element('a', { href: userAddress(id) })
  const state = element('span', { className: 'row-state' })
  const account = element('span', { className: 'row-account' })
  const item = element(
    'li',
    {},
    element('span', { className: 'mark', aria: { hidden: 'true' } }),
    element('div', { className: 'row-name' }, name, state),
    account,
  )
  return {
    element: item,
    show(user) {
      item.dataset.state = user.loggedIn ? 'linked' : 'off'
      setText(name, user.name || words('noName'))
      setText(state, words(user.loggedIn ? 'stateLinked' : 'stateOff'))
      setText(account, user.jid ? phoneOf(user.jid) : words('noPhone'))
      account.classList.toggle('row-none', !user.jid)
    },
  }
}
