import { advise, ask } from '../../api.js'
import { sayIn } from '../../page.js'
import { element, noticeElement } from '../parts/dom.js'
import { poll } from '../parts/poll.js'
import { importAddress } from '../route.js'
import { createImportForm } from './import-form.js'
import { createImportJob } from './import-job.js'
import { createImportedUsers } from './imported-users.js'
import { words } from './words.js'

const PAUSE_MS = 3_000
const PAUSE_AT_WORK_MS = 700

/** The way of users from another server to this one: upload, report, import, and how far each is. */
export function openImportView({ id, admin, onUnknownToken }) {
  let jobId = id
  let sources
  const notice = noticeElement()
  const form = createImportForm({ admin, onBegun: (job) => showJob(job) })
  const job = createImportJob({ admin, onChanged: (changed) => showJob(changed), onOver: leave })
  const users = createImportedUsers()
  const polling = poll({ look, notice, onUnknownToken })

  async function look(signal) {
    const [offered, current, { imports }] = await Promise.all([
      sources ?? ask('parley/import-sources', { admin, signal }),
      jobId === '' ? undefined : readJob(signal),
      ask('parley/imports', { admin, signal }),
    ])
    if (!sources) form.offer(offered)
    sources = offered
    if (current?.id === jobId) job.show(current)
    form.element.hidden = jobId !== ''
    job.element.hidden = jobId === '' || current === undefined
    users.show(imports)
    return current && isAtWork(current) ? PAUSE_AT_WORK_MS : PAUSE_MS
  }

  /** An import that is over is no failure of the page: there is another one to begin. */
  async function readJob(signal) {
    const asked = jobId
    try {
      return await ask(`parley/import-jobs/${encodeURIComponent(asked)}`, { admin, signal })
    } catch (error) {
      if (error.status !== 404) throw error
      if (asked === jobId) moveTo('')
      sayIn(form.notice, advise(error))
      return undefined
    }
  }

  function showJob(current) {
    moveTo(current.id)
    job.show(current)
    form.element.hidden = true
    job.element.hidden = false
    job.focus()
    polling.now()
  }

  function leave() {
    moveTo('')
    job.element.hidden = true
    form.element.hidden = false
    form.focus()
    polling.now()
  }

  /** Whoever loads the page again goes on with the same import; the view stays as it is. */
  function moveTo(current) {
    jobId = current
    history.replaceState(null, '', importAddress(jobId))
  }

  return {
    element: element(
      'section',
      { className: 'import', aria: { labelledby: 'view-title' } },
      element('h1', { id: 'view-title', textContent: words('title') }),
      element('p', {
        className: 'lead',
        textContent: words('lead'),
      }),
      notice,
      form.element,
      job.element,
      users.element,
    ),
    enter() {
      // The menu leads to the address without an import, and here is one.
      if (jobId !== '') moveTo(jobId)
    },
    close: () => polling.stop(),
  }
}

function isAtWork({ state }) {
  return state === 'reading' || state === 'importing'
}
