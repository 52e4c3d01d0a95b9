import { advise } from '../../api.js'
import { setText, whileBusy } from '../../page.js'
import { element, freshId } from '../parts/dom.js'
import { createForm } from '../parts/form.js'
import { instantOf } from './delivery-filters.js'
import { words } from './words.js'

const PAUSE_MS = 500
/** What can be made again. */
const STATES = ['dead', 'delivered', 'dropped']

/**
 * How far a redrive is, with a button that ends it; hidden until there is one.
 * @param {object} redrives of a source
 * @param {() => void} changed called while deliveries come back to life
 */
export function createProgress({ redrives, changed }) {
  const id = freshId('redrive')
  const text = element('p', { id, attributes: { role: 'status' } })
  const bar = element('progress', { aria: { labelledby: id } })
  const cancel = element('button', { type: 'button', textContent: words('cancel') })
  cancel.addEventListener('click', () => whileBusy(cancel, end))
  const box = element('div', { className: 'redrive-progress', hidden: true }, text, bar, cancel)
  let job
  let timer

  function show(now) {
    job = now
    const isRunning = job.state === 'running'
    box.hidden = false
    setText(text, words(`redrive_${job.state}`, { count: job.done, total: job.total }))
    bar.max = Math.max(1, job.total)
    bar.value = isRunning || job.total > 0 ? job.done : 1
    bar.hidden = !isRunning
    cancel.hidden = !isRunning
    changed()
    clearTimeout(timer)
    if (isRunning) timer = setTimeout(() => void look(), PAUSE_MS)
  }

  async function look() {
    try {
      show(await redrives.look(job.id))
    } catch (error) {
      // It is forgotten with its server; what it has done stays done.
      setText(text, advise(error))
      cancel.hidden = true
      bar.hidden = true
    }
  }

  async function end() {
    await redrives.cancel(job.id).then(show, (error) => setText(text, advise(error)))
  }

  return {
    element: box,
    follow: show,
    /** Shows one that goes on since before this page was opened. */
    async resume() {
      const [running] = (await redrives.list().catch(() => [])).filter(({ state }) => state === 'running')
      if (running && !job) show(running)
    },
    close: () => clearTimeout(timer),
  }
}

/**
 * Makes the deliveries of a time range again; without times, all of them.
 * @param {object} given
 * @param {() => object} given.which whose: members of what a redrive is begun with
 */
export function createRedrive({ source, which, progress }) {
  const form = createForm({
    fields: [
      { name: 'from', label: words('since'), kind: 'text', input: { type: 'datetime-local', step: 1 } },
      { name: 'to', label: words('until'), kind: 'text', input: { type: 'datetime-local', step: 1 } },
      {
        name: 'state',
        label: words('which'),
        kind: 'choice',
        options: STATES.map((state) => [state, words(state)]),
      },
    ],
    submit: words('sendThese'),
    async run({ from, to, state }) {
      const body = { ...which(), state, from: instantOf(from), to: instantOf(to) }
      progress.follow(await source.redrives.begin(body))
      return ''
    },
  })
  return element(
    'details',
    { className: 'redrive' },
    element('summary', { textContent: words('sendSeveral') }),
    form.element,
  )
}
