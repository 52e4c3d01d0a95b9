import { advise } from '../../api.js'
import { sayIn, setText, whileBusy } from '../../page.js'
import { element, momentText, noticeElement } from '../parts/dom.js'
import { words } from './words.js'

/**
 * How a receiver is doing, with buttons to pause and resume it, to have it fetch its deliveries, and to send again
 * what was given up.
 * @param {object} given
 * @param {object} given.receiver what can be asked of it, see `source.js`
 * @param {boolean} given.isOwn it belongs to a user, who has a token to fetch with
 * @param {() => string} [given.title] where there are several
 * @param {{follow: (job: object) => void}} given.progress shows how far a redrive is
 * @param {() => void} given.changed called after something was done
 */
export function createReceiverPanel({ receiver, isOwn, title, progress, changed }) {
  const heading = title && element('h3')
  const state = element('p', { className: 'lead-in', attributes: { role: 'status' } })
  const detail = element('p', { className: 'hint' })
  const notice = noticeElement()
  const pause = button('pause', () => receiver.act('pause'), 'paused')
  const resume = button('resume', () => receiver.act('resume'), 'resumed')
  const pull = button('letFetch', () => receiver.setMode('pull'), 'pulling')
  const push = button('letSend', () => receiver.setMode('push'), 'pushing')
  const again = element('button', { type: 'button', textContent: words('repeatGivenUp') })
  again.addEventListener('click', () => whileBusy(again, redrive))

  function button(name, work, done) {
    const made = element('button', { type: 'button', textContent: words(name), hidden: true })
    made.addEventListener('click', () => whileBusy(made, () => act(work, done)))
    return made
  }

  async function redrive() {
    sayIn(notice, '')
    await receiver.redrive().then(progress.follow, (error) => sayIn(notice, advise(error)))
    changed()
  }

  async function act(work, done) {
    try {
      show(await work())
      sayIn(notice, words(done), 'good')
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
      ? words('failures', { count: breaker.failures, moment: momentText(breaker.retryAt) })
      : ''
    setText(
      detail,
      [words(waiting === 0 ? 'nothingWaits' : 'waits', { count: waiting }), failing].join(' ').trim(),
    )
    pause.hidden = isPaused
    resume.hidden = !isPaused && breaker.state === 'closed'
    setText(resume, words(isPaused ? 'resume' : 'tryNow'))
    pull.hidden = mode === 'pull' || !isOwn
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
    /** Shows what is known of the receiver. */
    show,
    /** Looks at the receiver anew. */
    look: async (signal) => show(await receiver.look(signal)),
  }
}

const BREAKERS = { open: 'breakerOpen', 'half-open': 'breakerHalfOpen', closed: 'breakerClosed' }

function headline({ mode, pausedAt, breaker }) {
  if (pausedAt !== undefined) return words('pausedSince', { moment: momentText(pausedAt) })
  if (mode === 'pull') return words('fetches')
  return words(BREAKERS[breaker.state])
}
