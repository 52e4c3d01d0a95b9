import { advise, ask } from '../api.js'
import { sayIn, setText, whileBusy } from '../page.js'
import { element, momentText, noticeElement } from './dom.js'
import { createForm } from './form.js'

/** What the breaker of a target means. */
const BREAKERS = {
  open: 'Failing: nothing is sent for a while.',
  'half-open': 'Failing: one delivery at a time is tried.',
  closed: 'Answering.',
}

/**
 * How the receiver of a user is doing, with buttons to pause and resume it.
 * @param {string} target id of the target, `user:…`
 * @param {() => void} changed called after something was done
 */
export function createTargetPanel({ admin, target, changed }) {
  const state = element('p', { className: 'lead-in', attributes: { role: 'status' } })
  const detail = element('p', { className: 'hint' })
  const notice = noticeElement()
  const pause = button('Pause', 'pause', 'Paused. Deliveries wait until you resume.')
  const resume = button('Resume', 'resume', 'Resumed.')
  const path = `parley/targets/${encodeURIComponent(target)}`

  function button(textContent, action, done) {
    const made = element('button', { type: 'button', textContent, hidden: true })
    made.addEventListener('click', () => whileBusy(made, () => act(action, done)))
    return made
  }

  async function act(action, done) {
    try {
      show(await ask(`${path}/${action}`, { method: 'POST', admin }))
      sayIn(notice, done, 'good')
    } catch (error) {
      sayIn(notice, advise(error))
    }
    changed()
  }

  function show({ mode, pausedAt, breaker, waiting }) {
    const isPaused = pausedAt !== undefined
    setText(state, headline({ mode, pausedAt, breaker }))
    const failing = breaker.retryAt
      ? ` ${breaker.failures} failures in a row; asked again after ${momentText(breaker.retryAt)}.`
      : ''
    setText(detail, `${waitingText(waiting)}.${failing}`)
    pause.hidden = isPaused
    resume.hidden = !isPaused && breaker.state === 'closed'
    setText(resume, isPaused ? 'Resume' : 'Try again now')
  }

  return {
    element: element(
      'div',
      { className: 'card stack' },
      state,
      detail,
      element('p', { className: 'actions' }, pause, resume),
      notice,
    ),
    /** Looks at the target anew. */
    look: async (signal) => show(await ask(path, { admin, signal })),
  }
}

function waitingText(count) {
  if (count === 0) return 'Nothing waits'
  return count === 1 ? '1 delivery waits' : `${count} deliveries wait`
}

function headline({ mode, pausedAt, breaker }) {
  if (pausedAt !== undefined) return `Paused since ${momentText(pausedAt)}.`
  if (mode === 'pull') return 'The receiver fetches its deliveries itself.'
  return BREAKERS[breaker.state]
}

const RANGE = [
  { name: 'from', label: 'From', kind: 'text', input: { type: 'datetime-local', step: 1 } },
  { name: 'to', label: 'Until', kind: 'text', input: { type: 'datetime-local', step: 1 } },
  {
    name: 'state',
    label: 'Which',
    kind: 'choice',
    options: [
      ['dead', 'Given up'],
      ['delivered', 'Delivered'],
      ['dropped', 'Not sent'],
    ],
  },
]

/**
 * Makes the deliveries of a time range again; without times, all of them.
 * @param {string} [user] only those of the user with this id
 * @param {() => void} changed called after something was done
 */
export function createRedrive({ admin, user, changed }) {
  const form = createForm({ fields: RANGE, submit: 'Send these again', run })

  async function run({ from, to, state }) {
    const body = { state, user, from: instant(from), to: instant(to) }
    const { deliveries } = await ask('parley/deliveries/redrive', { method: 'POST', admin, body })
    changed()
    return deliveries === 1 ? '1 is on its way again.' : `${deliveries} are on their way again.`
  }

  return element(
    'details',
    { className: 'redrive' },
    element('summary', { textContent: 'Send several again' }),
    form.element,
  )
}

/** The browser's own time zone is meant. */
function instant(local) {
  return local ? new Date(local).getTime() : undefined
}
