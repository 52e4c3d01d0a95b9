import { ask } from '../api.js'
import { setText } from '../page.js'
import { element, momentText, noticeElement } from './parts/dom.js'
import { poll } from './parts/poll.js'
import { createRows } from './parts/rows.js'
import { createSessionPlaces } from './session-places.js'
import { words } from './words.js'

const PAUSE_MS = 3_000

/** The keys of what the states of a node are called. */
const STATES = {
  running: 'nodeRunning',
  draining: 'nodeDraining',
  dead: 'nodeDead',
}

/** The nodes that share the sessions, and which of them runs whose. */
export function openNodesView({ admin, onUnknownToken }) {
  const notice = noticeElement()
  const summary = element('p', {
    className: 'lead',
    textContent: words('asking'),
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
      element('h1', { id: 'view-title', textContent: words('nodes') }),
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
      setText(state, STATES[node.state] ? words(STATES[node.state]) : node.state)
      setText(sessions, words('sessions', { count: node.sessions }))
      setText(address, node.address)
      setText(since, words('nodeStarted', { moment: momentText(node.since) }))
      setText(seen, seenText(node))
    },
  }
}

/** A node says until when its sign of life holds; where it is alone nobody listens. */
function seenText({ state, seenUntil }) {
  if (seenUntil === undefined) return ''
  return words(state === 'dead' ? 'nodeSeenBefore' : 'nodeSeen', { moment: momentText(seenUntil) })
}

function summaryOf(nodes, sessions) {
  const dead = nodes.filter(({ state }) => state === 'dead').length
  const alive = nodes.length - dead
  const placed = sessions.filter(({ node }) => node !== undefined).length
  const homeless = sessions.filter(({ wanted, node }) => wanted && node === undefined).length
  const sentences = [
    words('nodesRun', { count: alive, sessions: words('sessions', { count: placed }) }),
    dead > 0 && words('nodesDead', { count: dead }),
    homeless > 0 && words('nodesHomeless', { count: homeless }),
  ]
  return sentences.filter(Boolean).join(' ')
}

function aloneText(nodes) {
  if (nodes.length !== 1) return ''
  return words(nodes[0].seenUntil === undefined ? 'nodeOneFile' : 'nodeRoom')
}
