import { setText } from '../page.js'
import { describeState } from '../states.js'
import { element } from './parts/dom.js'
import { createField } from './parts/fields.js'
import { createSearchedRows } from './parts/searched-rows.js'
import { userAddress } from './route.js'
import { words } from './words.js'

/** The states of a session's state machine: as which of the users' states they look, and the key of words of their own. */
const STATES = {
  idle: { look: 'off' },
  queued: { look: 'connecting', label: 'placeQueued' },
  connecting: { look: 'connecting' },
  pairing: { look: 'scan' },
  passkey: { look: 'passkey' },
  open: { look: 'linked' },
  retrying: { look: 'connecting', label: 'placeRetrying' },
  loggedOut: { look: 'loggedOut' },
  blocked: { look: 'blocked', label: 'placeBlocked' },
}
const UNKNOWN = { look: 'off', label: 'placeUnknown' }
const HOMELESS = { look: 'homeless', label: 'placeHomeless' }

const ALL = ''
const NONE = 'none'

/** The sessions and their nodes, those first that should run and have none. */
export function createSessionPlaces() {
  let shown = { nodes: [], sessions: [] }
  const filter = createField({
    name: 'node',
    label: words('node'),
    kind: 'choice',
    options: [[ALL, words('allNodes')]],
  })
  filter.control.addEventListener('change', update)
  const filterLine = element('div', { className: 'filter', hidden: true }, filter.elements)
  const rows = createSearchedRows({
    className: 'link-rows',
    label: words('searchSessions'),
    placeholder: words('searchSessionsHint'),
    wordsOf: ({ id, name }) => `${name} ${id}`,
    createRow,
  })
  const none = element('p', { className: 'hint', hidden: true })

  function update() {
    offer(filter, choices(shown))
    const sessions = placed(shown).filter(({ node }) => isMeant(node, filter.value))
    filterLine.hidden = filter.control.options.length < 3
    none.hidden = sessions.length > 0
    setText(none, words(filter.value === ALL ? 'noSessions' : 'noSessionsThere'))
    rows.show(sessions)
  }

  return {
    element: element(
      'section',
      { aria: { labelledby: 'places-title' } },
      element('h2', { id: 'places-title', className: 'section-title', textContent: words('sessionsTitle') }),
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
    [ALL, words('allNodes')],
    ...(homeless > 0 ? [[NONE, words('noNodeCount', { homeless })]] : []),
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
  filter.control.replaceChildren(...options.map(([value, text]) => new Option(text, value)))
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
      const { look, label } = lookOf(session)
      item.dataset.state = look
      setText(name, session.name || words('noName'))
      setText(state, label ? words(label) : describeState(look, { jid: '' }).title)
      setText(node, session.node === undefined ? words('noNode') : words('onNode', { node: session.node }))
    },
  }
}

function lookOf({ wanted, node, state }) {
  if (node === undefined && wanted) return HOMELESS
  return STATES[state] ?? UNKNOWN
}
