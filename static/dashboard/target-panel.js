import { advise, ask } from '../api.js'
import { sayIn, setText, whileBusy } from '../page.js'
import { element, momentText, noticeElement } from './parts/dom.js'
import { createForm } from './parts/form.js'

/** What the breaker of a target means. */
const BREAKERS = {
  open: 'Failing: nothing is sent for a while.',
  'half-open': 'Failing: one delivery at a time is tried.',
  closed: 'Answering.',
}

const PULLING = 'Nothing is sent any more. The receiver fetches with the token of the user.'
const PUSHING = 'Deliveries are sent to the webhook.'

/**
 * How a receiver is doing, with buttons to pause and resume it, to have it fetch its deliveries, and to send again
 * what was given up.
 * @param {string} target id of the target: `user:…`, `global`, `amqp`
 * @param {() => string} [title] where there are several
 * @param {() => void} changed called after something was done
 */
export function createTargetPanel({ admin, target, title, changed }) {
  const heading = title && element('h3')
  const state = element('p', { className: 'lead-in', attributes: { role: 'status' } })
  const detail = element('p', { className: 'hint' })
  const notice = noticeElement()
  const pause = button('Pause', 'pause', 'Paused. Deliveries wait until you resume.')
  const resume = button('Resume', 'resume', 'Resumed.')
  const path = `parley/targets/${encodeURIComponent(target)}`
  const pull = button('Let it fetch', 'mode', PULLING, { method: 'PUT', body: { mode: 'pull' } })
  const push = button('Send to the webhook', 'mode', PUSHING, { method: 'PUT', body: { mode: 'push' } })
  const again = element('button', { type: 'button', textContent: 'Repeat what was given up' })
  again.addEventListener('click', () => whileBusy(again, redrive))

  function button(textContent, action, done, request = { method: 'POST' }) {
    const made = element('button', { type: 'button', textContent, hidden: true })
    made.addEventListener('click', () => whileBusy(made, () => act(action, done, request)))
    return made
  }

  async function redrive() {
    try {
      const { deliveries } = await ask(`${path}/redrive`, { method: 'POST', admin })
      sayIn(notice, onTheirWay(deliveries), 'good')
    } catch (error) {
      sayIn(notice, advise(error))
    }
    changed()
  }

  async function act(action, done, request) {
    try {
      show(await ask(`${path}/${action}`, { ...request, admin }))
      sayIn(notice, done, 'good')
    } catch (error) {
      sayIn(notice, advise(error))
    }
    changed()
  }

  function show({ mode, pausedAt, breaker, waiting }) {
    const isPaused = pausedAt !== undefined
    if (heading) setText(heading, title())
    setText(state, headline({ mode, pausedAt, breaker }))
    const failing = breaker.retryAt
      ? ` ${breaker.failures} failures in a row; asked again after ${momentText(breaker.retryAt)}.`
      : ''
    setText(detail, `${waitingText(waiting)}.${failing}`)
    pause.hidden = isPaused
    resume.hidden = !isPaused && breaker.state === 'closed'
    setText(resume, isPaused ? 'Resume' : 'Try again now')
    // Only a user has a token to fetch with.
    pull.hidden = mode === 'pull' || !target.includes(':')
    push.hidden = mode !== 'pull'
  }

  return {
    element: element(
      'div',
      { className: 'card stack' },
      heading,
      state,
      detail,
      element('p', { className: 'actions' }, pause, resume, pull, push, again),
      notice,
    ),
    /** Shows what is known of the target. */
    show,
    /** Looks at the target anew. */
    look: async (signal) => show(await ask(path, { admin, signal })),
  }
}

function onTheirWay(count) {
  return count === 1 ? '1 is on its way again.' : `${count} are on their way again.`
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
    return onTheirWay(deliveries)
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
