import { ask } from '../api.js'
import { openCreateDialog } from './create-dialog.js'
import { openListView } from './parts/list-view.js'
import { createAttentionFilter } from './users/attention-filter.js'
import { createUserRow } from './users/user-row.js'
import { words } from './users/words.js'

/** The list of users and how they are doing, kept current, and the way to a new one. */
export function openUsersView({ admin, onUnknownToken }) {
  const filter = createAttentionFilter({ onChange: () => view.look() })
  const view = openListView({
    title: words('title'),
    create: { textContent: words('create'), onclick: () => openCreateDialog({ admin }) },
    empty: { title: words('emptyTitle'), text: words('emptyText') },
    tools: filter.element,
    rows: {
      label: words('search'),
      placeholder: words('searchPlaceholder'),
      wordsOf: ({ id, name, jid }) => `${name} ${jid} ${id}`,
      createRow: createUserRow,
    },
    read: async (signal) => (await ask('parley/overview', { admin, signal })).users,
    choose: (users) => filter.choose(users),
    summaryOf,
    onUnknownToken,
  })
  return view
}

function summaryOf(users) {
  if (users.length === 0) return words('emptySummary')
  const count = (matches) => users.filter(matches).length
  const waiting = count(({ state }) => state === 'pairing')
  const attention = count((user) => user.attention.length > 0)
  return words('summary', {
    count: users.length,
    linked: count(({ linked }) => linked),
    waiting: waiting > 0 ? words('summaryWaiting', { count: waiting }) : '',
    attention: attention > 0 ? words('summaryAttention', { count: attention }) : '',
  })
}
