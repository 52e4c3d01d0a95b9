import { advise } from '../../api.js'
import { sayIn, whileBusy } from '../../page.js'
import { element, momentText, noticeElement } from '../parts/dom.js'
import { createRows } from '../parts/rows.js'
import { endText } from './ends.js'
import { words } from './words.js'

/** How many are read at once. */
const PART = 20

/** What marks the kinds: the connection is there, is on its way, or needs a person. Anything else is neither. */
const TONES = {
  connected: 'good',
  paired: 'good',
  disconnected: 'waiting',
  failed: 'waiting',
  scan: 'waiting',
  passkey: 'waiting',
  pair_failed: 'bad',
  logged_out: 'bad',
  replaced: 'bad',
  banned: 'bad',
  outdated: 'bad',
  refused: 'bad',
}

/**
 * What happened to a connection, newest first, and older ones when somebody asks for them.
 * @param {(query: string, signal?: AbortSignal) => Promise<{events: object[]}>} ask reads a part of it
 */
export function createTimeline(ask) {
  let newest = []
  let older = []
  const list = element('ol', { className: 'card timeline', hidden: true })
  const rows = createRows(list, createRow)
  const nothing = element('p', { className: 'hint', textContent: words('timelineEmpty'), hidden: true })
  const notice = noticeElement()
  const more = element('button', { type: 'button', textContent: words('timelineMore'), hidden: true })
  more.addEventListener('click', () => whileBusy(more, readOlder))

  function show() {
    const known = new Map([...newest, ...older].map((event) => [idOf(event), event]))
    list.hidden = known.size === 0
    nothing.hidden = known.size > 0
    rows.show([...known].map(([id, event]) => ({ ...event, id })))
  }

  async function readOlder() {
    const last = older.at(-1) ?? newest.at(-1)
    try {
      const { events } = await ask(`limit=${PART}&before=${last.at}`)
      older = [...older, ...events]
      more.hidden = events.length < PART
      show()
    } catch (error) {
      sayIn(notice, advise(error))
    }
  }

  return {
    element: element('div', {}, list, nothing, element('p', { className: 'timeline-more' }, more), notice),
    /** Reads the newest ones. */
    async look(signal) {
      const { events } = await ask(`limit=${PART}`, signal)
      // What was new before stays in the list when it is no longer among the newest.
      older = older.length > 0 ? [...newest, ...older] : older
      newest = events
      if (older.length === 0) more.hidden = events.length < PART
      show()
    },
  }
}

/** The same that happens again changes its row. */
function idOf({ kind, since }) {
  return `${since}/${kind}`
}

function createRow({ kind }) {
  const time = element('time')
  const what = element('p', { className: 'lead-in' })
  const detail = element('p', { className: 'hint' })
  const item = element(
    'li',
    { dataset: { tone: TONES[kind] ?? 'off' } },
    time,
    element('div', {}, what, detail),
  )
  return {
    element: item,
    show(event) {
      time.dateTime = new Date(event.at).toISOString()
      time.textContent = momentText(event.at)
      what.textContent = endText(event)
      detail.textContent = detailOf(event)
      detail.hidden = detail.textContent === ''
    },
  }
}

function detailOf({ times, since, node, params: { until, retryAt } }) {
  const often = times > 1 && words('times', { count: times, since: momentText(since) })
  const place = node !== '' && words('onNode', { node })
  const facts = [often, place].filter(Boolean).join(', ')
  return [
    facts && `${facts}.`,
    until !== undefined && words('until', { moment: momentText(until) }),
    retryAt > Date.now() && words('retryAt', { moment: momentText(retryAt) }),
  ]
    .filter(Boolean)
    .join(' ')
}
