import { ask } from '../api.js'
import { setText } from '../page.js'
import { counted, element, momentText, noticeElement } from './parts/dom.js'
import { poll } from './parts/poll.js'
import { createRows } from './parts/rows.js'
import { createSessionPlaces } from './session-places.js'

const PAUSE_MS = 3_000

/** What the states of a node are called. */
const STATES = {
  running: 'Running',
  draining: 'Draining: it gives its sessions away',
  dead: 'Dead: the others take its sessions',
}

const ONE_FILE =
  'This server keeps everything in one SQLite file, so it is the only node. Several nodes need PostgreSQL: start each with the same DATABASE_URL.'
const ROOM_FOR_MORE =
  'This is the only node. Another one joins when it is started with the same DATABASE_URL.'

/** The nodes that share the sessions, and which of them runs whose. */
export function openNodesView({ admin, onUnknownToken }) {
  const notice = noticeElement()
  const summary = element('p', {
    className: 'lead',
    textContent: 'Asking the server.',
    attributes: { role: 'status' },
  })
  const list = element('ul', {
    className: 'card row-list nodes-rows',
    hidden: true,
    aria: { labelledby: 'view-title' },
  })
  const rows = createRows(list, createRow)
  const alone = element('p', { className: 'hint' })
  const places = createSessionPlaces()
  const polling = poll({ look, notice, onUnknownToken })

  async function look(signal) {
    const [{ nodes }, { sessions }] = await Promise.all([
      ask('parley/nodes', { admin, signal }),
      ask('parley/sessions', { admin, signal }),
    ])
    rows.show(nodes)
    list.hidden = nodes.length === 0
    setText(summary, summaryOf(nodes, sessions))
    setText(alone, aloneText(nodes))
    places.show(nodes, sessions)
    return PAUSE_MS
  }

  return {
    element: element(
      'section',
      { aria: { labelledby: 'view-title' } },
      element('h1', { id: 'view-title', textContent: 'Nodes' }),
      summary,
      notice,
      list,
      alone,
      places.element,
    ),
    close: () => polling.stop(),
  }
}

/** One node as a line. */
function createRow({ id }) {
  const state = element('span', { className: 'row-state' })
  const sessions = element('span', { className: 'row-account' })
  const address = element('span', { className: 'row-account' })
  const since = element('span', { className: 'row-account' })
  const seen = element('span', { className: 'row-account' })
  const item = element(
    'li',
    {},
    element('span', { className: 'mark', aria: { hidden: 'true' } }),
    element('div', { className: 'row-name' }, element('b', { textContent: id }), state),
    element('div', { className: 'row-name' }, sessions, address),
    element('div', { className: 'row-name' }, since, seen),
  )
  return {
    element: item,
    show(node) {
      item.dataset.node = node.state
      setText(state, STATES[node.state] ?? node.state)
      setText(sessions, counted(node.sessions, 'session'))
      setText(address, node.address)
      setText(since, `Started ${momentText(node.since)}`)
      setText(seen, seenText(node))
    },
  }
}

/** A node says until when its sign of life holds; where it is alone nobody listens. */
function seenText({ state, seenUntil }) {
  if (seenUntil === undefined) return ''
  return `Last sign of life ${state === 'dead' ? 'held' : 'holds'} until ${momentText(seenUntil)}`
}

function summaryOf(nodes, sessions) {
  const dead = nodes.filter(({ state }) => state === 'dead').length
  const alive = nodes.length - dead
  const placed = sessions.filter(({ node }) => node !== undefined).length
  const homeless = sessions.filter(({ wanted, node }) => wanted && node === undefined).length
  const sentences = [
    `${counted(alive, 'node')} ${alive === 1 ? 'runs' : 'run'} ${counted(placed, 'session')}.`,
    dead > 0 && `${counted(dead, 'node')} ${dead === 1 ? 'is' : 'are'} dead.`,
    homeless > 0 && `${counted(homeless, 'session')} without a node.`,
  ]
  return sentences.filter(Boolean).join(' ')
}

function aloneText(nodes) {
  if (nodes.length !== 1) return ''
  return nodes[0].seenUntil === undefined ? ONE_FILE : ROOM_FOR_MORE
}
