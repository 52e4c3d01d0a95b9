import { setText } from '../page.js'
import { describeState } from '../states.js'
import { element } from './parts/dom.js'
import { createField } from './parts/fields.js'
import { createSearchedRows } from './parts/searched-rows.js'
import { userAddress } from './route.js'

/** The states of a session's state machine: as which of the users' states they look, and words of their own. */
const STATES = {
  idle: { look: 'off' },
  queued: { look: 'connecting', words: 'Waiting for its turn to connect' },
  connecting: { look: 'connecting' },
  pairing: { look: 'scan' },
  passkey: { look: 'passkey' },
  open: { look: 'linked' },
  retrying: { look: 'connecting', words: 'Connecting again after a pause' },
  loggedOut: { look: 'loggedOut' },
  blocked: { look: 'blocked', words: 'Refused by WhatsApp' },
}
const UNKNOWN = { look: 'off', words: 'Not known yet' }
const HOMELESS = { look: 'homeless', words: 'Wanted, but no node runs it' }

const ALL = ''
const NONE = 'none'

/** The sessions and their nodes, those first that should run and have none. */
export function createSessionPlaces() {
  let shown = { nodes: [], sessions: [] }
  const filter = createField({ name: 'node', label: 'Node', kind: 'choice', options: [[ALL, 'All nodes']] })
  filter.control.addEventListener('change', update)
  const filterLine = element('div', { className: 'filter', hidden: true }, filter.elements)
  const rows = createSearchedRows({
    className: 'link-rows',
    label: 'Search sessions',
    placeholder: 'Name or id of the user',
    wordsOf: ({ id, name }) => `${name} ${id}`,
    createRow,
  })
  const none = element('p', { className: 'hint', hidden: true })

  function update() {
    offer(filter, choices(shown))
    const sessions = placed(shown).filter(({ node }) => isMeant(node, filter.value))
    filterLine.hidden = filter.control.options.length < 3
    none.hidden = sessions.length > 0
    setText(none, filter.value === ALL ? 'No session runs, and none should.' : 'No session is there.')
    rows.show(sessions)
  }

  return {
    element: element(
      'section',
      { aria: { labelledby: 'places-title' } },
      element('h2', { id: 'places-title', className: 'section-title', textContent: 'Sessions' }),
      filterLine,
      none,
      rows.elements,
    ),
    show(nodes, sessions) {
      shown = { nodes, sessions }
      update()
    },
  }
}

/** Those without a node first, then node by node as these are listed, by name within. */
function placed({ nodes, sessions }) {
  const rank = new Map(nodes.map(({ id }, at) => [id, at]))
  const rankOf = ({ node, wanted }) => (node === undefined && wanted ? -1 : (rank.get(node) ?? nodes.length))
  return sessions
    .map(({ userId, ...session }) => ({ ...session, id: userId }))
    .sort((one, other) => rankOf(one) - rankOf(other) || one.name.localeCompare(other.name))
}

function choices({ nodes, sessions }) {
  const homeless = sessions.filter(({ node }) => node === undefined).length
  return [
    [ALL, 'All nodes'],
    ...(homeless > 0 ? [[NONE, `No node (${homeless})`]] : []),
    ...nodes.map(({ id, sessions: count }) => [choiceOf(id), `${id} (${count})`]),
  ]
}

/** Apart from the other values, whatever a node is called. */
function choiceOf(node) {
  return node === undefined ? NONE : `node:${node}`
}

function isMeant(node, value) {
  return value === ALL || value === choiceOf(node)
}

/** Changes what can be chosen; only where something changed, since an open menu would close. */
function offer(filter, wanted) {
  const chosen = filter.control.selectedOptions[0]
  const options = wanted.some(([value]) => value === chosen.value)
    ? wanted
    : [...wanted, [chosen.value, chosen.text]]
  const current = [...filter.control.options].map(({ value, text }) => [value, text])
  if (JSON.stringify(options) === JSON.stringify(current)) return
  filter.control.replaceChildren(...options.map(([value, words]) => new Option(words, value)))
  filter.value = chosen.value
}

/** One session as a line; the name leads to its user. */
function createRow({ id }) {
  const name = element('a', { href: userAddress(id) })
  const state = element('span', { className: 'row-state' })
  const node = element('span', { className: 'row-account' })
  const item = element(
    'li',
    {},
    element('span', { className: 'mark', aria: { hidden: 'true' } }),
    element('div', { className: 'row-name' }, name),
    state,
    node,
  )
  return {
    element: item,
    show(session) {
      const { look, words } = lookOf(session)
      item.dataset.state = look
      setText(name, session.name || 'No name')
      setText(state, words ?? describeState(look, { jid: '' }).title)
      setText(node, session.node === undefined ? 'No node' : `On ${session.node}`)
    },
  }
}

function lookOf({ wanted, node, state }) {
  if (node === undefined && wanted) return HOMELESS
  return STATES[state] ?? UNKNOWN
}
