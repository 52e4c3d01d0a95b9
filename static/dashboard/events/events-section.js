import { setText } from '../../page.js'
import { listenLive } from '../chats/live.js'
import { element } from '../parts/dom.js'
import { createField } from '../parts/fields.js'
import { createEventRow } from './event-row.js'
import { words } from './words.js'

/** More rows than anybody reads back; the page stays quick however much comes. */
const MOST_ROWS = 200
/** The dialects that an event can be shown in; the server says of any other that it does not know it. */
const DIALECTS = ['wuzapi', 'wago', 'wago-api', 'wsgo', 'multisession']
const RAW = ''

/** Every event of a session as it happens, as it is stored or as webhooks are told of it. */
export function openEvents({ askUser }) {
  /** Newest first. */
  let rows = []
  /** What came while it is paused. */
  let waiting = []
  let isPaused = false
  let missed = 0
  let connection = 'connecting'
  let listening

  const view = createField({
    name: 'view',
    label: words('view'),
    kind: 'choice',
    options: [[RAW, words('raw')], ...DIALECTS.map((dialect) => [dialect, words('inDialect', { dialect })])],
  })
  const type = createField({
    name: 'type',
    label: words('type'),
    kind: 'choice',
    options: [['', words('anyType')]],
  })
  const state = element('p', { className: 'hint', attributes: { role: 'status' } })
  const list = element('ul', { className: 'card row-list live-events', hidden: true })
  const pause = element('button', { type: 'button', textContent: words('pause'), on: { click: togglePause } })
  const clear = element('button', { type: 'button', textContent: words('clear'), on: { click: empty } })
  view.control.addEventListener('change', () => {
    for (const row of rows) row.showAs(view.value)
    listen()
  })
  type.control.addEventListener('change', () => {
    for (const row of rows) row.element.hidden = !fits(row)
    show()
  })
  listen()
  show()

  /** Only the words that are shown are asked for: the server makes them while somebody looks. */
  function listen() {
    listening?.close()
    const path = `parley/me/events/live${view.value && `?dialects=${encodeURIComponent(view.value)}`}`
    listening = listenLive({
      open: (signal) => askUser(path, { signal, read: (response) => response.body }),
      onEvent: take,
      // What happened meanwhile is not told again.
      onReset: () => {},
      onState: (isLive) => {
        connection = isLive ? 'live' : 'lost'
        show()
      },
    })
  }

  function take(name, data) {
    if (name === 'missed') missed += data.count
    if (name === 'event') {
      offerType(data.type)
      if (isPaused) waiting = [data, ...waiting].slice(0, MOST_ROWS)
      else add([data])
    }
    show()
  }

  /** @param {object[]} events newest first */
  function add(events) {
    const made = events.map((event) => createEventRow(event, view.value))
    for (const row of made) row.element.hidden = !fits(row)
    list.prepend(...made.map((row) => row.element))
    rows = [...made, ...rows]
    for (const row of rows.slice(MOST_ROWS)) row.element.remove()
    rows = rows.slice(0, MOST_ROWS)
  }

  function fits(row) {
    return type.value === '' || row.type === type.value
  }

  function offerType(name) {
    if ([...type.control.options].some(({ value }) => value === name)) return
    const after = [...type.control.options].find(({ value }) => value > name)
    type.control.add(new Option(name, name), after ?? null)
  }

  function togglePause() {
    isPaused = !isPaused
    if (!isPaused) {
      add(waiting)
      waiting = []
    }
    show()
  }

  function empty() {
    for (const row of rows) row.element.remove()
    rows = []
    waiting = []
    missed = 0
    show()
  }

  function show() {
    const shown = rows.filter(fits).length
    list.hidden = shown === 0
    setText(pause, words(isPaused ? 'goOn' : 'pause'))
    pause.setAttribute('aria-pressed', String(isPaused))
    const facts = [
      isPaused ? words('paused', { count: waiting.length }) : words(connection),
      shown > 0 && words('count', { count: shown }),
      missed > 0 && words('missed', { count: missed }),
    ]
    setText(state, facts.filter(Boolean).join(' '))
  }

  return {
    elements: [
      element('p', { className: 'hint', textContent: words('lead') }),
      element(
        'div',
        { className: 'event-tools' },
        element('div', {}, view.elements),
        element('div', {}, type.elements),
        element('p', { className: 'actions' }, pause, clear),
      ),
      state,
      list,
    ],
    close: () => listening.close(),
  }
}
